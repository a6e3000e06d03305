//! The picture of a note as pixels: harmonics as lines above, noise as haze below, in the sound's colours. Editor thread;
//! painted once per note, not per pass.

use egui::{Color32, ColorImage, Context, TextureHandle, TextureOptions};

use crate::editor::model::NotePicture;
use crate::editor::palette::{Palette, encode};
use crate::editor::theme::GROUND;

/// Pixels of the lowest harmonic's row; the k-th gets this over the square root of k, at least `LEAST_ROW_PIXELS`: the low
/// ones carry the sound, and real notes hardly reach the high ones.
const ROW_PIXELS: f32 = 16.0;
const LEAST_ROW_PIXELS: f32 = 2.0;
/// What is this far below the loudest cell is drawn as ground, dB.
const LEVEL_FLOOR_DB: f32 = -72.0;
/// The same for noise.
const NOISE_FLOOR_DB: f32 = -100.0;
/// Noise this loud takes the lightest colour, dB.
const NOISE_CEILING_DB: f32 = -30.0;

/// The two uploaded pictures with what they were made of.
#[derive(Default)]
pub(crate) struct NoteTexture {
    made_of: Option<(u64, Palette)>,
    textures: Option<[TextureHandle; 2]>,
}

impl NoteTexture {
    /// Harmonics and noise of a note, painted when it is another than last time. `None` for one whose maps do not have the
    /// sizes it names.
    pub(crate) fn of(
        &mut self,
        context: &Context,
        note: &NotePicture,
        palette: &Palette,
    ) -> Option<&[TextureHandle; 2]> {
        let columns = note.column_times_s.len();
        let is_whole = columns > 1
            && note.num_rows > 0
            && note.num_bands > 0
            && note.level_db.len() == note.num_rows * columns
            && note.noise_db.len() == note.num_bands * columns;
        if !is_whole {
            return None;
        }
        let source = (note.revision, *palette);
        if self.made_of != Some(source) {
            let lines = context.load_texture(
                "harmonics",
                harmonics(note, palette),
                TextureOptions::LINEAR,
            );
            let haze = context.load_texture("noise", noise(note, palette), TextureOptions::LINEAR);
            self.textures = Some([lines, haze]);
            self.made_of = Some(source);
        }
        self.textures.as_ref()
    }
}

/// `[pixels of all rows, columns]`, lowest harmonic at the bottom, each a line that fades to its edges.
fn harmonics(note: &NotePicture, palette: &Palette) -> ColorImage {
    let columns = note.column_times_s.len();
    let mut pixels = Vec::new();
    for row in (0..note.num_rows).rev() {
        let levels = &note.level_db[row * columns..(row + 1) * columns];
        let height = (ROW_PIXELS / (row as f32 + 1.0).sqrt())
            .max(LEAST_ROW_PIXELS)
            .round() as usize;
        for pixel in 0..height {
            let from_middle = 2.0 * (pixel as f32 + 0.5) / height as f32 - 1.0;
            let share = 1.0 - from_middle * from_middle;
            pixels.extend(levels.iter().map(|level_db| {
                let strength = 1.0 - level_db.max(LEVEL_FLOOR_DB) / LEVEL_FLOOR_DB;
                tint(palette, strength, share)
            }));
        }
    }
    ColorImage::new([columns, pixels.len() / columns], pixels)
}

/// `[bands, columns]`, lowest band at the bottom.
fn noise(note: &NotePicture, palette: &Palette) -> ColorImage {
    let columns = note.column_times_s.len();
    let bands = note.noise_db.chunks_exact(columns).rev();
    let pixels = bands.flatten().map(|noise_db| {
        let strength = (noise_db - NOISE_FLOOR_DB) / (NOISE_CEILING_DB - NOISE_FLOOR_DB);
        tint(palette, 0.8 * strength, 0.8)
    });
    ColorImage::new([columns, note.num_bands], pixels.collect())
}

/// From the ground through the palette, dark to light, as strength grows; a number that is none is ground.
fn tint(palette: &Palette, strength: f32, share: f32) -> Color32 {
    let strength = if strength.is_finite() {
        strength.clamp(0.0, 1.0)
    } else {
        0.0
    };
    let light = palette.at(strength.powf(0.9));
    // The darkest colour of the palette still glows: let it rise out of the ground.
    let glow = share * (1.6 * strength).min(1.0);
    let ground = crate::editor::palette::linear([GROUND.r(), GROUND.g(), GROUND.b()]);
    let mixed = std::array::from_fn(|channel| {
        ground[channel] + glow * (light[channel] - ground[channel]).max(0.0)
    });
    let [red, green, blue] = encode(mixed);
    Color32::from_rgb(red, green, blue)
}
