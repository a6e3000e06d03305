//! Where the names of the moods stand: beside, above or below their points, on no other name and on no point. Pure
//! arithmetic; the name that has the fewest places left chooses first, and one that has none is left out.

use egui::{Pos2, Rect, Vec2, vec2};

/// Half a point's width and a little air.
const POINT_REACH: f32 = 4.5;
/// Distances between a point and a name beside it.
const GAPS: [f32; 2] = [6.0, 10.0];
/// Distances between a point and a name above or below it.
const LIFTS: [f32; 2] = [2.0, 6.0];
/// Share of a name's width that lies left of its point, above or below it.
const SHARES: [f32; 5] = [0.5, 0.0, 1.0, 0.25, 0.75];
/// A line is higher than its letters by so much at either end.
const LEADING: f32 = 2.0;

/// Places for names of these sizes at these points, within a frame.
pub(super) fn places(frame: Rect, points: &[Pos2], sizes: &[Vec2]) -> Vec<Option<Rect>> {
    let mut free: Vec<Vec<Rect>> = points
        .iter()
        .zip(sizes)
        .map(|(&point, &size)| {
            let mut candidates = candidates(point, size);
            candidates.retain(|place| frame.contains_rect(*place) && !covers_any(*place, points));
            candidates
        })
        .collect();
    let mut placed = vec![None; points.len()];
    let mut waiting: Vec<usize> = (0..points.len()).collect();
    while let Some(next) = (0..waiting.len()).min_by_key(|&place| free[waiting[place]].len()) {
        let index = waiting.remove(next);
        let chosen = free[index].first().copied();
        placed[index] = chosen;
        if let Some(chosen) = chosen {
            for candidates in &mut free {
                candidates.retain(|place| !letters(*place).intersects(letters(chosen)));
            }
        }
    }
    placed
}

/// The best first: to the right, to the left, below and above.
fn candidates(point: Pos2, size: Vec2) -> Vec<Rect> {
    let at = |left: f32, top: f32| Rect::from_min_size(point + vec2(left, top), size);
    let beside = GAPS.into_iter().flat_map(|gap| {
        let top = -0.5 * size.y;
        [at(gap, top), at(-gap - size.x, top)]
    });
    let above_or_below = LIFTS.into_iter().flat_map(|lift| {
        SHARES.into_iter().flat_map(move |share| {
            let left = -share * size.x;
            [at(left, -size.y - lift), at(left, lift)]
        })
    });
    beside.chain(above_or_below).collect()
}

fn covers_any(place: Rect, points: &[Pos2]) -> bool {
    let around = |point: &Pos2| Rect::from_center_size(*point, Vec2::splat(2.0 * POINT_REACH));
    points
        .iter()
        .any(|point| letters(place).intersects(around(point)))
}

/// What of a line's rectangle letters fill.
fn letters(line: Rect) -> Rect {
    line.shrink2(vec2(0.0, LEADING))
}
