//! The five colours of a sound as the editor uses them. Pure functions; knows no widget. What they are is the picture's affair
//! (`backdrop::sound`), so that window and picture always agree.

pub use backdrop::sound::SoundFigures;

/// Five colours, sRGB, from dark to light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette(pub [[u8; 3]; 5]);

impl Palette {
    /// The palette of a sound.
    pub fn of(figures: &SoundFigures) -> Self {
        Self(figures.colors().map(|color| color.0))
    }

    /// The middle colour: dots on the map.
    pub fn body(&self) -> [u8; 3] {
        self.0[2]
    }

    /// The fourth colour: what is active.
    pub fn accent(&self) -> [u8; 3] {
        self.0[3]
    }

    /// The colour between the five at `position` 0..=1, mixed in linear light.
    pub fn at(&self, position: f32) -> [f32; 3] {
        let place = position.clamp(0.0, 1.0) * 4.0;
        let index = (place as usize).min(3);
        let share = place - index as f32;
        let (low, high) = (linear(self.0[index]), linear(self.0[index + 1]));
        std::array::from_fn(|channel| low[channel] + share * (high[channel] - low[channel]))
    }
}

impl Default for Palette {
    /// The palette of a sound of which nothing is known.
    fn default() -> Self {
        Self::of(&SoundFigures::default())
    }
}

/// Linear light of an sRGB colour (IEC 61966-2-1).
pub fn linear(color: [u8; 3]) -> [f32; 3] {
    color.map(|channel| {
        let value = f32::from(channel) / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    })
}

/// The sRGB colour of linear light, clipped to what a screen can show.
pub fn encode(light: [f32; 3]) -> [u8; 3] {
    light.map(|channel| {
        let value = channel.clamp(0.0, 1.0);
        let coded = if value <= 0.003_130_8 {
            12.92 * value
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        (255.0 * coded).round() as u8
    })
}

/// Relative luminance of linear light (WCAG 2.2).
pub fn luminance(light: [f32; 3]) -> f32 {
    0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]
}

/// Contrast of two colours, 1..=21 (WCAG 2.2).
pub fn contrast(first: [u8; 3], second: [u8; 3]) -> f32 {
    let (first, second) = (luminance(linear(first)), luminance(linear(second)));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}
