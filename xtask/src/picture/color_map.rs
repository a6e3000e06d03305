//! From a level to a color: "magma" by Nathaniel Smith and Stéfan van der Walt (matplotlib, CC0), even in lightness, so that
//! equal steps in dB look equal, also without color.

use super::canvas::Color;

/// 33 points of the map, evenly spaced.
const MAGMA: [Color; 33] = [
    [0, 0, 4],
    [3, 3, 18],
    [10, 8, 34],
    [19, 13, 52],
    [29, 17, 71],
    [41, 17, 90],
    [54, 16, 107],
    [68, 15, 118],
    [81, 18, 124],
    [93, 23, 127],
    [106, 28, 129],
    [118, 33, 129],
    [131, 38, 129],
    [144, 42, 129],
    [156, 46, 127],
    [170, 51, 125],
    [183, 55, 121],
    [196, 60, 117],
    [208, 65, 111],
    [220, 72, 105],
    [231, 82, 99],
    [239, 93, 94],
    [245, 107, 92],
    [249, 121, 93],
    [252, 137, 97],
    [253, 152, 105],
    [254, 167, 114],
    [254, 182, 124],
    [254, 196, 136],
    [254, 211, 149],
    [253, 226, 163],
    [252, 240, 178],
    [252, 253, 191],
];

/// Color at a place from 0 (quietest) to 1 (loudest); beyond the ends, the ends.
pub fn color(place: f32) -> Color {
    let position = place.clamp(0.0, 1.0) * (MAGMA.len() - 1) as f32;
    let below = (position as usize).min(MAGMA.len() - 2);
    let weight = position - below as f32;
    let mix = |channel: usize| {
        let (low, high) = (MAGMA[below][channel], MAGMA[below + 1][channel]);
        (f32::from(low) * (1.0 - weight) + f32::from(high) * weight).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}
