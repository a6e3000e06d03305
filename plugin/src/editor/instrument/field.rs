//! What lies behind the map: the sound's picture, or while there is none a quiet field of its palette. Either is dimmed so far
//! that text on it can be read. Editor thread; painted once per sound, not per pass.

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};

use crate::editor::model::{BackdropPicture, SoundFace};
use crate::editor::palette::{Palette, encode, linear, luminance};

/// Size of a painted field; the screen stretches it, smoothly.
const FIELD_SIZE: [usize; 2] = [264, 144];
/// Share of a picture's light that is let through.
const DIMMING: f32 = 0.6;
/// No pixel is brighter than this relative luminance. Text on it is of luminance 0.83 and keeps a contrast of
/// (0.83 + 0.05) / (0.12 + 0.05) = 5.2.
const BRIGHTEST: f32 = 0.12;
/// Light of the ground, added so that black areas of a picture do not fall below it.
const GROUND_LIGHT: f32 = 0.006;

/// The uploaded picture with what it was made of.
#[derive(Default)]
pub(crate) struct BackdropTexture {
    made_of: Option<Source>,
    texture: Option<TextureHandle>,
}

#[derive(Clone, Copy, PartialEq)]
enum Source {
    Picture(u64),
    Field(u32, Palette),
}

impl BackdropTexture {
    /// The texture for a sound, made or uploaded when the sound is another than last time.
    pub(crate) fn of(&mut self, context: &Context, sound: &SoundFace) -> Option<&TextureHandle> {
        let picture = sound
            .backdrop
            .as_deref()
            .filter(|picture| is_whole(picture));
        let source = picture.map_or(Source::Field(sound.seed, sound.palette), |picture| {
            Source::Picture(picture.revision)
        });
        if self.made_of != Some(source) {
            let image = picture.map_or_else(|| field(sound.seed, &sound.palette), dimmed);
            self.texture = Some(context.load_texture("backdrop", image, TextureOptions::LINEAR));
            self.made_of = Some(source);
        }
        self.texture.as_ref()
    }
}

fn is_whole(picture: &BackdropPicture) -> bool {
    let [width, height] = picture.size;
    width > 0 && height > 0 && picture.rgba.len() == 4 * width * height
}

/// The whole picture darker by one factor, as in a dim room: its contrasts stay, where a limit alone would flatten them.
fn dimmed(picture: &BackdropPicture) -> ColorImage {
    let pixels = picture.rgba.chunks_exact(4).map(|pixel| {
        let share = f32::from(pixel[3]) / 255.0;
        linear([pixel[0], pixel[1], pixel[2]]).map(|light| light * share)
    });
    let pixels: Vec<[f32; 3]> = pixels.collect();
    let brightest = pixels.iter().map(|light| luminance(*light));
    let brightest = brightest.fold(f32::MIN_POSITIVE, f32::max);
    let exposure = DIMMING.min((BRIGHTEST - GROUND_LIGHT) / brightest);
    let shown = |light: &[f32; 3]| shown(light.map(|channel| GROUND_LIGHT + exposure * channel));
    ColorImage::new(picture.size, pixels.iter().map(shown).collect())
}

fn shown(light: [f32; 3]) -> Color32 {
    let [red, green, blue] = encode(light);
    Color32::from_rgb(red, green, blue)
}

/// Dims light and holds it under the limit, colour kept.
fn readable(light: [f32; 3]) -> Color32 {
    let light = light.map(|channel| GROUND_LIGHT + DIMMING * channel);
    let bright = luminance(light);
    // A soft knee: half of the limit passes unchanged, the rest approaches it.
    let knee = 0.5 * BRIGHTEST;
    let kept = if bright <= knee {
        1.0
    } else {
        let over = (bright - knee) / (BRIGHTEST - knee);
        (knee + (BRIGHTEST - knee) * over / (1.0 + over)) / bright
    };
    shown(light.map(|channel| channel * kept))
}

/// Bands of the palette's colours, folded over each other like cloth: smooth noise displaced by smooth noise (Quilez,
/// "domain warping", 2002), so that every seed has a shape of its own and nothing in it has an edge.
fn field(seed: u32, palette: &Palette) -> ColorImage {
    let [width, height] = FIELD_SIZE;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let across = 2.2 * x as f32 / height as f32;
            let down = 2.2 * y as f32 / height as f32;
            pixels.push(readable(cloth(seed, palette, across, down)));
        }
    }
    ColorImage::new(FIELD_SIZE, pixels)
}

fn cloth(seed: u32, palette: &Palette, x: f32, y: f32) -> [f32; 3] {
    let warp_x = layered(seed, 0, x, y);
    let warp_y = layered(seed, 1, x + 3.1, y + 1.7);
    let fold = layered(seed, 2, x + 1.8 * warp_x, y + 1.8 * warp_y);
    let sheen = layered(seed, 3, 0.7 * x - 1.2 * fold, 1.3 * y + 0.9 * warp_x);
    let position = (0.12 + 0.85 * fold + 0.25 * (sheen - 0.5)).clamp(0.0, 1.0);
    // Light falls from the folds that face up.
    let light = 0.18 + 1.1 * sheen.powi(2);
    palette.at(0.78 * position).map(|channel| channel * light)
}

/// Three octaves of smooth noise, 0..1.
fn layered(seed: u32, layer: u32, x: f32, y: f32) -> f32 {
    let octave = |index: u32| {
        let scale = (1 << index) as f32;
        smooth_noise(seed, 8 * layer + index, scale * x, scale * y)
    };
    (octave(0) + 0.45 * octave(1) + 0.2 * octave(2)) / 1.65
}

/// Values at whole numbers, joined by curves without a corner.
fn smooth_noise(seed: u32, stream: u32, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let ease = |t: f32| t * t * t * (t * (6.0 * t - 15.0) + 10.0);
    let (u, v) = (ease(x - left), ease(y - top));
    let (column, row) = (left as i32, top as i32);
    let at = |right: i32, below: i32| lattice(seed, stream, column + right, row + below);
    let upper = at(0, 0) + u * (at(1, 0) - at(0, 0));
    let lower = at(0, 1) + u * (at(1, 1) - at(0, 1));
    upper + v * (lower - upper)
}

/// A number of 0..1 per whole-numbered place.
fn lattice(seed: u32, stream: u32, column: i32, row: i32) -> f32 {
    let mut bits = seed.wrapping_mul(0x9E37_79B9) ^ stream.wrapping_mul(0x85EB_CA6B);
    for part in [column as u32, row as u32] {
        bits = (bits ^ part).wrapping_mul(0x7FEB_352D);
        bits ^= bits >> 15;
        bits = bits.wrapping_mul(0x846C_A68B);
        bits ^= bits >> 16;
    }
    (bits >> 8) as f32 / (1 << 24) as f32
}
