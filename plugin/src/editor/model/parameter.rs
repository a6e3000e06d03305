//! A parameter as the editor shows it. Plain values.

/// A parameter, by the number that the plugin gave it. The editor only hands it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ParameterId(pub u32);

/// Where a parameter stands in the editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ParameterGroup {
    /// A control of the model's manifest.
    Control,
    /// Attack, decay, sustain, release, in this order.
    Envelope,
    /// Width, detune, reverb, output and what else shapes the whole.
    Shape,
    /// Key mode, voices, glide, bend range and what else says how keys are played.
    Playing,
    /// Concert pitch, transposition.
    Tuning,
    /// Reachable by the host only; not drawn.
    Hidden,
}

/// One parameter as it is now.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// What actions name it by.
    pub id: ParameterId,
    /// What the user reads.
    pub name: String,
    /// Where it stands.
    pub group: ParameterGroup,
    /// Now, 0..=1.
    pub normalized: f32,
    /// After a double click, 0..=1.
    pub default_normalized: f32,
    /// The value in words, with its unit: `-6.0 dB`.
    pub text: String,
    /// The ends of its range in words, for the tooltip: `-60 dB`, `+12 dB`.
    pub range_text: [String; 2],
    /// Number of steps between the ends; `None` when continuous.
    pub steps: Option<u32>,
    /// Whether `randomise` leaves it alone; `None` when it can never be randomised.
    pub is_locked: Option<bool>,
    /// True when the neutral value lies in the middle: the bar then grows from there.
    pub is_bipolar: bool,
}
