//! Stars: points of light on the dark parts, at the resolution of the picture, in the same places at every size.

use models::seeded::{stream, unit};

use super::Look;
use crate::size::Size;

/// Cells per unit (eight units to the short side), each with at most one star.
const CELLS_PER_UNIT: f64 = 5.5;
/// Hash indices of a row of cells; the longest picture (64 units) has fewer cells.
const CELLS_PER_ROW: i64 = 4096;
/// Numbers drawn for a cell.
const NUMBERS_PER_CELL: i64 = 8;
/// Radius of the widest star in units, of the narrowest in pixels.
const WIDEST_UNITS: f64 = 0.009;
const NARROWEST_PIXELS: f64 = 0.55;
/// Share of the cells that hold a star at most.
const MOST_CELLS: f64 = 0.6;
/// A star ends where its light has fallen to e^-4.5.
const REACH: f64 = 3.0;

struct Star {
    x: f64,
    y: f64,
    radius: f64,
    /// Light of the primaries at the middle.
    light: [f32; 3],
}

/// All stars of a picture, from the top.
pub(super) struct Stars {
    stars: Vec<Star>,
    /// Largest distance in rows at which a star is seen.
    reach: f64,
    first: usize,
}

impl Stars {
    /// Units are `unit_px` pixels long.
    pub(super) fn new(look: &Look, size: Size, unit_px: f64) -> Self {
        let mut stars = Vec::new();
        if look.stars > 0.0 {
            let num_cells =
                |length: u32| (f64::from(length) / unit_px * CELLS_PER_UNIT / 2.0).ceil() as i64;
            let (rows, columns) = (num_cells(size.height()), num_cells(size.width()));
            // Cells are counted from the middle: a wider picture has the same stars and more of them.
            for row in -rows..rows {
                for column in -columns..columns {
                    stars.extend(star(look, size, unit_px, (row, column)));
                }
            }
        }
        stars.sort_by(|one: &Star, other| one.y.total_cmp(&other.y));
        let reach = stars
            .iter()
            .map(|star| REACH * star.radius)
            .fold(0.0, f64::max);
        Self {
            stars,
            reach,
            first: 0,
        }
    }

    /// Light is added where the ground is dark: a bright cloud hides its stars.
    pub(super) fn add_to(&mut self, y: u32, linear: &mut [Vec<f32>; 3]) {
        let y = f64::from(y) + 0.5;
        while self
            .stars
            .get(self.first)
            .is_some_and(|star| star.y + self.reach < y)
        {
            self.first += 1;
        }
        for star in self.stars[self.first..]
            .iter()
            .take_while(|star| star.y - self.reach <= y)
        {
            splat(star, y, linear);
        }
    }
}

fn star(look: &Look, size: Size, unit_px: f64, (row, column): (i64, i64)) -> Option<Star> {
    let index = (row + CELLS_PER_ROW / 2) * CELLS_PER_ROW + column + CELLS_PER_ROW / 2;
    let number = |which: i64| {
        unit(
            look.seed,
            stream::PICTURE_STARS,
            (index * NUMBERS_PER_CELL + which) as u32,
        )
    };
    if number(0) >= f64::from(look.stars.clamp(0.0, 1.0)) * MOST_CELLS {
        return None;
    }
    let cell = unit_px / CELLS_PER_UNIT * look.view.zoom;
    let middle = |length: u32, pan: f64| 0.5 * f64::from(length) - pan * unit_px * look.view.zoom;
    // Few stars are bright.
    let brightness = 0.06 + 0.94 * number(3).powi(5);
    let warmth = 2.0 * number(4) - 1.0;
    let radius = (WIDEST_UNITS * unit_px * (0.5 + 0.8 * brightness)).max(NARROWEST_PIXELS);
    let tint = [1.0 + 0.12 * warmth, 1.0, 1.0 - 0.18 * warmth];
    Some(Star {
        x: middle(size.width(), look.view.pan.0) + (column as f64 + number(1)) * cell,
        y: middle(size.height(), look.view.pan.1) + (row as f64 + number(2)) * cell,
        radius,
        light: tint.map(|part| (part * brightness) as f32),
    })
}

fn splat(star: &Star, y: f64, linear: &mut [Vec<f32>; 3]) {
    let width = linear[0].len() as f64;
    let reach = REACH * star.radius;
    if (star.y - y).abs() > reach || star.x + reach < 0.0 || star.x - reach > width {
        return;
    }
    let first = (star.x - reach).floor().max(0.0) as usize;
    let end = ((star.x + reach).ceil().min(width)) as usize;
    for x in first..end {
        let across = x as f64 + 0.5 - star.x;
        let down = y - star.y;
        let share =
            (-0.5 * (across * across + down * down) / (star.radius * star.radius)).exp() as f32;
        let ground = linear.iter().map(|channel| channel[x]).fold(0.0, f32::max);
        let dark = (1.0 - ground).max(0.0);
        for (channel, light) in linear.iter_mut().zip(star.light) {
            channel[x] += share * light * dark * dark * dark * dark;
        }
    }
}
