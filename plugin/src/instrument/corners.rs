//! The morph pad as the audio callback sees it: which corners have a sound, and the recorded path. Written by the main
//! thread, read by the callback, without locks.

use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use super::session::NUM_CORNERS;

/// Slot of the note table that never holds a sound, after the corners' and the one of sounds pressed on the map.
pub(super) const EMPTY_SLOT: u8 = NUM_CORNERS as u8 + 1;
/// Points of the path, evenly spaced in time.
const PATH_POINTS: usize = 64;

/// Bit of the presence that says that nothing may sound: the sound that the project names cannot be had, and another would be
/// a lie.
const SILENT: u8 = 1 << 7;

/// Corners and path.
pub(super) struct Corners {
    /// One bit per corner that has a sound.
    present: AtomicU8,
    /// 0 when there is no path.
    path_length: AtomicU32,
    /// x and y, bits of an `f32`.
    path: [[AtomicU32; 2]; PATH_POINTS],
}

impl Corners {
    pub(super) fn new() -> Self {
        Self {
            present: AtomicU8::new(1),
            path_length: AtomicU32::new(0),
            path: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU32::new(0))),
        }
    }

    /// Says which corners have a sound.
    pub(super) fn set_present(&self, present: [bool; NUM_CORNERS]) {
        let bits = (0..)
            .zip(present)
            .map(|(corner, is)| u8::from(is) << corner);
        let silent = self.present.load(Ordering::Acquire) & SILENT;
        self.present
            .store(bits.sum::<u8>() | silent, Ordering::Release);
    }

    /// Lets keys struck from now on sound nothing, or what they did.
    pub(super) fn set_silent(&self, is_silent: bool) {
        if is_silent {
            self.present.fetch_or(SILENT, Ordering::AcqRel);
        } else {
            self.present.fetch_and(!SILENT, Ordering::AcqRel);
        }
    }

    /// The slot that each corner plays: its own, or A's; one without a sound while nothing may sound. `None` when there is
    /// nothing to morph.
    pub(super) fn slots(&self) -> Option<[u8; NUM_CORNERS]> {
        let present = self.present.load(Ordering::Acquire);
        if present & SILENT != 0 {
            return Some([EMPTY_SLOT; NUM_CORNERS]);
        }
        let own = |corner: usize| present & (1 << corner) != 0;
        let slots = std::array::from_fn(|corner| if own(corner) { corner as u8 } else { 0 });
        (slots != [0; NUM_CORNERS]).then_some(slots)
    }

    /// Takes a path of any number of points, evenly spaced in time.
    pub(super) fn set_path(&self, points: &[[f32; 2]]) {
        let Some(last) = points.len().checked_sub(1) else {
            return self.path_length.store(0, Ordering::Release);
        };
        for (index, slot) in self.path.iter().enumerate() {
            let at = index as f32 / (PATH_POINTS - 1) as f32 * last as f32;
            let (before, share) = (at as usize, at.fract());
            let after = (before + 1).min(last);
            for (axis, slot) in slot.iter().enumerate() {
                let (from, to) = (points[before.min(last)][axis], points[after][axis]);
                slot.store((from + share * (to - from)).to_bits(), Ordering::Relaxed);
            }
        }
        self.path_length
            .store(PATH_POINTS as u32, Ordering::Release);
    }

    /// The place at a share of the path; `None` at its start, where the pad decides, and without a path.
    pub(super) fn on_path(&self, share: f32) -> Option<[f32; 2]> {
        if self.path_length.load(Ordering::Acquire) == 0 || share <= 0.0 || share.is_nan() {
            return None;
        }
        let at = share.min(1.0) * (PATH_POINTS - 1) as f32;
        let before = at as usize;
        let after = (before + 1).min(PATH_POINTS - 1);
        let value = |point: usize, axis: usize| {
            f32::from_bits(self.path[point][axis].load(Ordering::Relaxed))
        };
        Some([0, 1].map(|axis| {
            let (from, to) = (value(before, axis), value(after, axis));
            from + at.fract() * (to - from)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_corner_without_a_sound_plays_the_first_and_one_sound_alone_is_no_morph() {
        let corners = Corners::new();
        assert_eq!(corners.slots(), None);
        corners.set_present([true, false, true, false]);
        assert_eq!(corners.slots(), Some([0, 0, 2, 0]));
    }

    #[test]
    fn a_path_goes_from_its_first_point_to_its_last() {
        let corners = Corners::new();
        assert_eq!(corners.on_path(0.5), None);
        corners.set_path(&[[0.0, 1.0], [1.0, 0.5], [0.5, 0.0]]);
        assert_eq!(corners.on_path(0.0), None);
        assert_eq!(corners.on_path(1.0), Some([0.5, 0.0]));
        let [x, y] = corners.on_path(0.5).unwrap();
        assert!((x - 1.0).abs() < 0.02 && (y - 0.5).abs() < 0.02);
    }
}
