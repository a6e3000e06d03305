//! A small software painter for egui's triangles, so that screenshots need no graphics card and are the same everywhere.
//! Blends as egui's own renderers do: premultiplied colours, in sRGB as stored, textures smooth, sampled at pixel centres.

use std::collections::HashMap;

use egui::epaint::{ClippedPrimitive, ImageData, Primitive, Vertex};
use egui::{Color32, ColorImage, Pos2, Rect, TextureFilter, TextureId, TexturesDelta};

struct Texture {
    image: ColorImage,
    is_smooth: bool,
}

/// Holds the textures of one window.
#[derive(Default)]
pub struct Painter {
    textures: HashMap<TextureId, Texture>,
    freed: Vec<TextureId>,
}

/// Pixels of a whole window, opaque.
#[derive(Clone, PartialEq, Eq)]
pub struct Canvas {
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<[u8; 3]>,
}

impl Painter {
    pub fn take_textures(&mut self, delta: &mut TexturesDelta) {
        // What is freed may still be in the picture of this pass; it goes with the next.
        for id in std::mem::take(&mut self.freed) {
            self.textures.remove(&id);
        }
        self.freed.extend(delta.free.drain());
        for (id, changes) in delta.set.drain() {
            for change in changes {
                let ImageData::Color(patch) = &change.image;
                let is_smooth = change.options.magnification == TextureFilter::Linear;
                match change.pos {
                    None => {
                        let image = ColorImage::clone(patch);
                        self.textures.insert(id, Texture { image, is_smooth });
                    }
                    Some(corner) => {
                        let texture = self.textures.get_mut(&id).expect("a patch needs a texture");
                        overwrite(&mut texture.image, patch, corner);
                    }
                }
            }
        }
    }

    pub fn paint(
        &self,
        primitives: &[ClippedPrimitive],
        size: [usize; 2],
        pixels_per_point: f32,
    ) -> Canvas {
        let [width, height] = size;
        let mut canvas = Canvas {
            width,
            height,
            pixels: vec![[0; 3]; width * height],
        };
        for ClippedPrimitive {
            clip_rect,
            primitive,
        } in primitives
        {
            let Primitive::Mesh(mesh) = primitive else {
                panic!("a paint callback needs a graphics card");
            };
            let texture = &self.textures[&mesh.texture_id];
            let clip = Rect::from_min_max(
                (clip_rect.min.to_vec2() * pixels_per_point).to_pos2(),
                (clip_rect.max.to_vec2() * pixels_per_point).to_pos2(),
            );
            for corners in mesh.indices.chunks_exact(3) {
                let corners = [0, 1, 2]
                    .map(|index| scaled(&mesh.vertices[corners[index] as usize], pixels_per_point));
                canvas.fill(&corners, texture, clip);
            }
        }
        canvas
    }
}

fn scaled(vertex: &Vertex, pixels_per_point: f32) -> Vertex {
    Vertex {
        pos: (vertex.pos.to_vec2() * pixels_per_point).to_pos2(),
        ..*vertex
    }
}

fn overwrite(image: &mut ColorImage, patch: &ColorImage, [left, top]: [usize; 2]) {
    for row in 0..patch.height() {
        let from = row * patch.width();
        let to = (top + row) * image.width() + left;
        image.pixels[to..to + patch.width()]
            .copy_from_slice(&patch.pixels[from..from + patch.width()]);
    }
}

impl Canvas {
    fn fill(&mut self, corners: &[Vertex; 3], texture: &Texture, clip: Rect) {
        let [a_corner, b_corner, c_corner] = corners;
        let [a, b, c] = corners.each_ref().map(|corner| corner.pos);
        let area = edge(a, b, c);
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let bounds = Rect::from_points(&[a, b, c]).intersect(clip);
        // Most pixels are of one colour: rectangles and the inside of lines.
        let is_plain = [b_corner, c_corner]
            .iter()
            .all(|corner| corner.uv == a_corner.uv && corner.color == a_corner.color);
        let plain = is_plain.then(|| source(corners, [1.0, 0.0, 0.0], texture));
        let columns = pixel_range(bounds.min.x, bounds.max.x, self.width);
        for y in pixel_range(bounds.min.y, bounds.max.y, self.height) {
            for x in columns.clone() {
                let point = Pos2::new(x as f32 + 0.5, y as f32 + 0.5);
                if !clip_holds(clip, point) {
                    continue;
                }
                let weights = [edge(b, c, point), edge(c, a, point), edge(a, b, point)]
                    .map(|weight| weight / area);
                let sides = [(b, c), (c, a), (a, b)];
                let is_inside = weights.iter().zip(sides).all(|(weight, (from, to))| {
                    *weight > 0.0 || (*weight == 0.0 && owns_edge(from, to, area))
                });
                if is_inside {
                    let source = plain.unwrap_or_else(|| source(corners, weights, texture));
                    self.blend(y * self.width + x, source);
                }
            }
        }
    }

    /// Source over, premultiplied.
    fn blend(&mut self, index: usize, source: [f32; 4]) {
        let rest = 1.0 - source[3] / 255.0;
        for (pixel, source) in self.pixels[index].iter_mut().zip(source) {
            *pixel = (source + rest * f32::from(*pixel) + 0.5) as u8;
        }
    }
}

/// Colour of a point of a triangle: corner colours mixed, times the texture there.
fn source(corners: &[Vertex; 3], weights: [f32; 3], texture: &Texture) -> [f32; 4] {
    let mix = |values: [f32; 3]| -> f32 {
        values
            .iter()
            .zip(weights)
            .map(|(value, weight)| value * weight)
            .sum()
    };
    let uv = [|corner: &Vertex| corner.uv.x, |corner: &Vertex| corner.uv.y];
    let [u, v] = uv.map(|axis| mix(corners.each_ref().map(axis)));
    let texel = texture.sample(u, v);
    std::array::from_fn(|channel| {
        mix(corners
            .each_ref()
            .map(|corner| f32::from(corner.color[channel])))
            * texel[channel]
            / 255.0
    })
}

/// Twice the signed area of a triangle.
fn edge(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

/// Two triangles that share an edge must not both draw its pixels: the one for which it runs up, or level to the left, does.
fn owns_edge(from: Pos2, to: Pos2, area: f32) -> bool {
    let (from, to) = if area > 0.0 { (from, to) } else { (to, from) };
    to.y < from.y || (to.y == from.y && to.x > from.x)
}

fn clip_holds(clip: Rect, point: Pos2) -> bool {
    point.x >= clip.min.x.round()
        && point.x < clip.max.x.round()
        && point.y >= clip.min.y.round()
        && point.y < clip.max.y.round()
}

fn pixel_range(low: f32, high: f32, size: usize) -> std::ops::Range<usize> {
    let low = (low - 0.5).floor().max(0.0) as usize;
    let high = ((high + 0.5).ceil().max(0.0) as usize).min(size);
    low.min(high)..high
}

impl Texture {
    fn sample(&self, u: f32, v: f32) -> [f32; 4] {
        let [width, height] = self.image.size;
        let (x, y) = (u * width as f32 - 0.5, v * height as f32 - 0.5);
        if !self.is_smooth {
            return self.texel(x.round(), y.round()).map(f32::from);
        }
        let (left, top) = (x.floor(), y.floor());
        let mut sum = [0.0; 4];
        for (right, below) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
            let share = |whole: f32, part: f32| if whole == 0.0 { 1.0 - part } else { part };
            let weight = share(right, x - left) * share(below, y - top);
            let texel = self.texel(left + right, top + below);
            for (sum, channel) in sum.iter_mut().zip(texel) {
                *sum += weight * f32::from(channel);
            }
        }
        sum
    }

    fn texel(&self, x: f32, y: f32) -> [u8; 4] {
        let [width, height] = self.image.size;
        let column = (x.max(0.0) as usize).min(width - 1);
        let row = (y.max(0.0) as usize).min(height - 1);
        Color32::to_array(&self.image.pixels[row * width + column])
    }
}
