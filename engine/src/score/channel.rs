//! What one MIDI channel remembers between messages. Reading a score only; the audio thread has its own state.

/// Volume of a channel that was told nothing (General MIDI level 1).
const DEFAULT_VOLUME: u8 = 100;
/// Largest value of a controller.
pub(super) const FULL: u8 = 127;
/// Bend range of a channel that was told nothing (General MIDI level 1).
const DEFAULT_BEND_RANGE_SEMITONES: f32 = 2.0;
/// Registered parameter 0: bend range.
pub(super) const RPN_BEND_RANGE: (u8, u8) = (0, 0);
/// No parameter chosen: data entry is ignored.
pub(super) const RPN_NONE: (u8, u8) = (127, 127);
/// Stands for silence, below anything a 24-bit file can hold.
const SILENT_DB: f32 = -200.0;
/// Keys of a channel.
pub(super) const NUM_KEYS: usize = 128;

/// Everything a channel remembers between messages.
#[derive(Clone)]
pub(super) struct Channel {
    pub program: u8,
    pub volume: u8,
    pub expression: u8,
    pub bend_range_semitones: f32,
    pub bend: f32,
    pub pedal_down: bool,
    pub parameter: (u8, u8),
    /// Per key, strikes not yet matched by a note-off.
    pub pending: [u32; NUM_KEYS],
    pub num_notes: usize,
    pub programs: [bool; NUM_KEYS],
}

impl Channel {
    pub fn new() -> Self {
        Channel {
            program: 0,
            volume: DEFAULT_VOLUME,
            expression: FULL,
            bend_range_semitones: DEFAULT_BEND_RANGE_SEMITONES,
            bend: 0.0,
            pedal_down: false,
            parameter: RPN_NONE,
            pending: [0; NUM_KEYS],
            num_notes: 0,
            programs: [false; NUM_KEYS],
        }
    }

    /// General MIDI level 1: volume and expression act as 40 log10(value / 127) each.
    pub fn gain_db(&self) -> f32 {
        let ratio = f32::from(self.volume) / f32::from(DEFAULT_VOLUME) * f32::from(self.expression)
            / f32::from(FULL);
        if ratio > 0.0 {
            40.0 * ratio.log10()
        } else {
            SILENT_DB
        }
    }
}
