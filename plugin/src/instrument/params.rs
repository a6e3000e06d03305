//! Every parameter of the instrument: what hosts list, automate and save. Read by any thread, written by the framework.
//!
//! Ids never change and are never used again: projects and automation lanes hold them. It makes no sound and knows no model:
//! what a timbre slot means is the model's manifest's matter, what a value does to the sound is `process.rs`'s.

mod groups;

use nice_plug::prelude::*;

pub use groups::{
    EnvelopeParams, KeyMode, MorphParams, NUM_TIMBRES, PlayingParams, SpaceParams, TimbreParams,
    TuningParams, output_gain_db,
};

/// The parameters, in the order in which hosts show them.
#[derive(Params)]
pub struct InstrumentParams {
    /// What the network paints: a change bakes new notes.
    #[nested(group = "Timbre")]
    pub timbre: TimbreParams,
    /// Where between the four corner sounds.
    #[nested(group = "Morph")]
    pub morph: MorphParams,
    /// Envelope of every note.
    #[nested(group = "Envelope")]
    pub envelope: EnvelopeParams,
    /// How keys are played.
    #[nested(group = "Playing")]
    pub playing: PlayingParams,
    /// Tuning.
    #[nested(group = "Tuning")]
    pub tuning: TuningParams,
    /// Width, reverb, output.
    #[nested(group = "Space")]
    pub space: SpaceParams,
    /// Counts changes of what is saved but is no parameter (the sound, locks, kept notes), so that hosts notice them.
    #[id = "rev"]
    pub revision: IntParam,
}

impl Default for InstrumentParams {
    fn default() -> Self {
        Self {
            timbre: TimbreParams::default(),
            morph: MorphParams::default(),
            envelope: EnvelopeParams::default(),
            playing: PlayingParams::default(),
            tuning: TuningParams::default(),
            space: SpaceParams::default(),
            revision: IntParam::new(
                "Revision",
                0,
                IntRange::Linear {
                    min: 0,
                    max: MAX_REVISION,
                },
            )
            .hide()
            .non_automatable(),
        }
    }
}

/// The revision starts again at 0 after this. A float holds every whole number up to here.
pub const MAX_REVISION: i32 = 65_535;
