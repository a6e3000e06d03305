//! What sounds and what is ready to: a note's picture, the keyboard. Plain values.

/// The pitch-aligned spectrogram of one note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotePicture {
    /// Another number for another note: the picture is painted once.
    pub revision: u64,
    /// MIDI number.
    pub key: u8,
    /// Centre of each column, ascending, s after note-on.
    pub column_times_s: Vec<f32>,
    /// Rows of `level_db`.
    pub num_rows: usize,
    /// `[rows, columns]`, row-major, lowest harmonic first, dB re the loudest cell.
    pub level_db: Vec<f32>,
    /// Rows of `noise_db`.
    pub num_bands: usize,
    /// `[bands, columns]`, row-major, lowest band first, dB.
    pub noise_db: Vec<f32>,
    /// What a held key walks to and fro in: start, end, s.
    pub loop_s: [f32; 2],
    /// When the key of the recording was released, s.
    pub release_s: f32,
}

/// What the keyboard knows of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyBaking {
    /// Nobody asked for it.
    #[default]
    Absent,
    /// Asked for, not ready.
    Pending,
    /// Ready to play.
    Baked,
}

/// One key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyView {
    /// Whether its note is ready.
    pub baking: KeyBaking,
    /// True while it is held, by hand or by the host.
    pub is_held: bool,
}

/// The keyboard with its two strips.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyboardView {
    /// MIDI number of the first entry of `keys`.
    pub lowest_key: u8,
    /// One per key, ascending.
    pub keys: Vec<KeyView>,
    /// Pitch bend, -1..=1.
    pub bend: f32,
    /// Mod wheel, 0..=1.
    pub modulation: f32,
}
