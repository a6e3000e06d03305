//! Loops close exactly and move evenly.

#[path = "toy/load.rs"]
mod toy;

use backdrop::moving::{Loop, Movement};
use backdrop::{Field, Motion, View};
use toy::{COLORS, request, studio};

#[test]
fn a_loop_closes_exactly_and_moves_between() {
    let mut studio = studio();
    let request = request(64, 36, 2, COLORS);
    let plan = Loop::new(1.0, 12, Movement::Drift, 0.3).unwrap();
    let mut frame = |number: u32| studio.field(&request, plan.motion(number)).unwrap();
    let first = frame(0);
    assert!(frame(12) == first && frame(24) == first);
    assert!(frame(6) != first);
    for movement in [Movement::Zoom, Movement::Parallax] {
        let plan = Loop::new(1.0, 12, movement, 0.3).unwrap();
        assert_eq!(
            plan.view(12, View::default()),
            plan.view(0, View::default())
        );
        assert_ne!(plan.view(3, View::default()), plan.view(0, View::default()));
        assert_eq!(plan.motion(5), Motion::default());
    }
}

#[test]
fn neighbouring_frames_differ_far_less_than_opposite_ones() {
    let mut studio = studio();
    let request = request(64, 36, 2, COLORS);
    let plan = Loop::new(2.0, 24, Movement::Drift, 0.3).unwrap();
    let mut frame = |number: u32| studio.field(&request, plan.motion(number)).unwrap();
    let mean = |one: &Field, other: &Field| {
        let differences = one
            .planes()
            .iter()
            .zip(other.planes())
            .map(|(one, other)| f64::from((one - other).abs()));
        differences.sum::<f64>() / one.planes().len() as f64
    };
    let (first, next, last, opposite) = (frame(0), frame(1), frame(47), frame(24));
    let step = mean(&first, &next);
    assert!(step < 0.25 * mean(&first, &opposite));
    // The seam of the loop is a step like any other.
    assert!((mean(&last, &first) / step - 1.0).abs() < 0.5);
}
