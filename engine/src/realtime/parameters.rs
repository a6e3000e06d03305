//! What a player is set to: one list of plain values, given as a whole. Made anywhere, applied on the audio thread.
//!
//! Values that are out of range are brought to the nearest that is; one that is not a number keeps the value before.

use super::EnvelopeSettings;
use super::envelope::EnvelopeCurves;

/// Corner sounds of the morph.
pub const NUM_CORNERS: usize = 4;
/// Longest glide, ms.
const MAX_GLIDE_MS: f32 = 10_000.0;
/// Widest bend range, semitones.
const MAX_BEND_RANGE: f32 = 96.0;
/// Steepest tilt of one control, dB per octave.
const MAX_TILT_DB: f32 = 12.0;
/// Widest detune, cents.
const MAX_DETUNE_CENTS: f32 = 100.0;
/// Farthest transposition, semitones.
const MAX_TRANSPOSE: i32 = 48;

/// How keys become voices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyMode {
    /// Every key its own voice.
    #[default]
    Poly,
    /// One voice, struck again by every key; a key let go gives way to the one held before.
    Mono,
    /// One voice; keys played while another is held only change its pitch and note.
    Legato,
}

/// Every continuous setting of a player.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayerParameters {
    /// Slots of the note table at the corners A (x 0, y 0), B (1, 0), C (0, 1), D (1, 1) of the morph. `None`: a channel
    /// plays the slot that [`super::Event::Sound`] gave it.
    pub corners: Option<[u8; NUM_CORNERS]>,
    /// Place between the corners, 0..=1.
    pub morph_x: f32,
    /// Place between the corners, 0..=1.
    pub morph_y: f32,
    /// Envelope of the notes that start from now on.
    pub envelope: EnvelopeSettings,
    /// Shapes of its stages.
    pub curves: EnvelopeCurves,
    /// How keys become voices.
    pub key_mode: KeyMode,
    /// Voices at once, 1..= what the player was made for.
    pub max_voices: usize,
    /// Time from one pitch to the next, ms, 0..=10000.
    pub glide_ms: f32,
    /// Semitones of a full pitch bend, 0..=96; a channel that got a range of its own by RPN 0 keeps that.
    pub bend_range_semitones: f32,
    /// Whether every channel is a finger (MPE), where no MPE configuration message said otherwise.
    pub mpe: bool,
    /// How much velocity changes loudness, 0..=1.
    pub velocity_share: f32,
    /// dB per octave that full pressure, or timbre at its end, tilts a note's spectrum by, 0..=12.
    pub touch_tilt_db: f32,
    /// How far a finger moves its own note between the corners: pressure to the right, timbre up and down, 0..=1.
    pub touch_morph: f32,
    /// Semitones that keys are moved by, -48..=48: other notes are played, not the same ones faster.
    pub transpose_semitones: i32,
    /// Frequency of A4, Hz, 220..=880.
    pub a4_hz: f32,
    /// Cents up or down, -1200..=1200.
    pub fine_cents: f32,
    /// dB per octave that all spectra are tilted by, -12..=12.
    pub tilt_db: f32,
    /// Stereo width, 0 mono ..=1.
    pub width: f32,
    /// Cents between the two copies of every partial, 0 (one copy) ..=100.
    pub detune_cents: f32,
    /// Size of the room, 0..=1: decays of 0.4 s to 12 s.
    pub reverb_size: f32,
    /// Share of the room, 0..=1.
    pub reverb_mix: f32,
    /// Gain of everything, dB; -infinity is silence, at most +24.
    pub output_gain_db: f32,
    /// Whether samples beyond -1 dBFS are rounded off so that none passes 0 dBFS.
    pub limiter: bool,
}

impl Default for PlayerParameters {
    fn default() -> Self {
        Self {
            corners: None,
            morph_x: 0.0,
            morph_y: 0.0,
            envelope: EnvelopeSettings::default(),
            curves: EnvelopeCurves::default(),
            key_mode: KeyMode::Poly,
            max_voices: usize::MAX,
            glide_ms: 0.0,
            bend_range_semitones: 2.0,
            mpe: false,
            velocity_share: 1.0,
            touch_tilt_db: 0.0,
            touch_morph: 0.0,
            transpose_semitones: 0,
            a4_hz: 440.0,
            fine_cents: 0.0,
            tilt_db: 0.0,
            width: 0.6,
            detune_cents: 0.0,
            reverb_size: 0.5,
            reverb_mix: 0.0,
            output_gain_db: 0.0,
            limiter: false,
        }
    }
}

impl PlayerParameters {
    /// These values brought into range; what is not a number is taken from `before`. Also says whether all was well.
    pub(super) fn sane(self, before: &Self, num_sounds: usize) -> (Self, bool) {
        let mut well = true;
        let mut number = |value: f32, old: f32, low: f32, high: f32| {
            well &= !value.is_nan();
            if value.is_nan() {
                old
            } else {
                value.clamp(low, high)
            }
        };
        let mut sane = Self {
            morph_x: number(self.morph_x, before.morph_x, 0.0, 1.0),
            morph_y: number(self.morph_y, before.morph_y, 0.0, 1.0),
            glide_ms: number(self.glide_ms, before.glide_ms, 0.0, MAX_GLIDE_MS),
            bend_range_semitones: number(
                self.bend_range_semitones,
                before.bend_range_semitones,
                0.0,
                MAX_BEND_RANGE,
            ),
            velocity_share: number(self.velocity_share, before.velocity_share, 0.0, 1.0),
            touch_tilt_db: number(self.touch_tilt_db, before.touch_tilt_db, 0.0, MAX_TILT_DB),
            touch_morph: number(self.touch_morph, before.touch_morph, 0.0, 1.0),
            a4_hz: number(self.a4_hz, before.a4_hz, 220.0, 880.0),
            fine_cents: number(self.fine_cents, before.fine_cents, -1_200.0, 1_200.0),
            tilt_db: number(self.tilt_db, before.tilt_db, -MAX_TILT_DB, MAX_TILT_DB),
            width: number(self.width, before.width, 0.0, 1.0),
            detune_cents: number(
                self.detune_cents,
                before.detune_cents,
                0.0,
                MAX_DETUNE_CENTS,
            ),
            reverb_size: number(self.reverb_size, before.reverb_size, 0.0, 1.0),
            reverb_mix: number(self.reverb_mix, before.reverb_mix, 0.0, 1.0),
            output_gain_db: number(
                self.output_gain_db,
                before.output_gain_db,
                f32::NEG_INFINITY,
                f32::INFINITY,
            ),
            transpose_semitones: self
                .transpose_semitones
                .clamp(-MAX_TRANSPOSE, MAX_TRANSPOSE),
            max_voices: self.max_voices.max(1),
            ..self
        };
        if !(self.envelope.is_finite() && self.curves.is_finite()) {
            (sane.envelope, sane.curves, well) = (before.envelope, before.curves, false);
        }
        let exist =
            |slots: &[u8; NUM_CORNERS]| slots.iter().all(|&slot| usize::from(slot) < num_sounds);
        if !self.corners.as_ref().is_none_or(exist) {
            (sane.corners, well) = (before.corners, false);
        }
        (sane, well)
    }
}
