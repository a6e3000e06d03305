//! Figures of backdrops: network and painting, one thread, no encoder.

use backdrop::paint::Painter;
use backdrop::rows::{Depth, Rows};
use backdrop::{Motion, Request, Size, Studio};
use cpu_time::ThreadTime;

use super::{Figure, figure, seconds};
use crate::failure::Failure;
use crate::places;

/// Width, height, name.
const SIZES: [(u32, u32, &str); 3] = [
    (1920, 1080, "1080p"),
    (3840, 2160, "4K"),
    (8192, 8192, "8192 x 8192"),
];
/// The best of this many: the first one also warms the caches.
const NUM_RUNS: usize = 2;

/// Nothing where no picture model is shipped.
pub(super) fn figures(seed: u32) -> Result<Vec<Figure>, Failure> {
    let Ok(path) = places::shipped_picture_model() else {
        return Ok(Vec::new());
    };
    let mut studio = Studio::load(path)?;
    let mut figures = Vec::new();
    for (width, height, name) in SIZES {
        let request = Request::new(Size::new(width, height)?, seed);
        let (mut network_s, mut paint_s) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..NUM_RUNS {
            let start = ThreadTime::now();
            let field = studio.field(&request, Motion::default())?;
            network_s = network_s.min(seconds(&start));
            let look = studio.look(&request)?;
            let start = ThreadTime::now();
            let mut painter = Painter::new(&field, &look, request.size, Depth::Eight);
            while painter.next_row().is_some() {}
            paint_s = paint_s.min(seconds(&start));
        }
        let unit = "ms of one core";
        figures.push(figure(
            format!("backdrop, {name}, network"),
            1e3 * network_s,
            unit,
        ));
        figures.push(figure(
            format!("backdrop, {name}, whole without encoder"),
            1e3 * (network_s + paint_s),
            unit,
        ));
    }
    Ok(figures)
}
