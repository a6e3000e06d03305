//! The map of the latent space as the editor shows it. Plain values.

use super::SoundId;

/// A place on the map; both axes 0..=1, y up.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapPosition {
    /// Left to right.
    pub x: f32,
    /// Bottom to top.
    pub y: f32,
}

/// The four corner sounds of the map, in reading order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corner {
    /// Top left.
    A,
    /// Top right.
    B,
    /// Bottom left.
    C,
    /// Bottom right.
    D,
}

impl Corner {
    /// All four, in the order of `MapView::corner_names`.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];
    /// The letter on the map.
    pub fn letter(self) -> &'static str {
        ["A", "B", "C", "D"][self as usize]
    }
}

/// The map of the latent space.
#[derive(Clone, Debug, Default)]
pub struct MapView {
    /// Sounds that can be heard by pressing them.
    pub points: Vec<MapPoint>,
    /// Where the sound is now.
    pub puck: MapPosition,
    /// Where it came from, oldest first; fades.
    pub trail: Vec<MapPosition>,
    /// Names of the corner sounds, in the order of [`Corner::ALL`].
    pub corner_names: [String; 4],
    /// The recorded path; empty when there is none.
    pub path: Vec<MapPosition>,
}

/// A sound on the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MapPoint {
    /// Its row in `EditorModel::presets`.
    pub sound: SoundId,
    /// Where it lies.
    pub position: MapPosition,
}
