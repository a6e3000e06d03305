//! Every parameter of the bed: what hosts list, automate and save. Read by any thread, written by the framework.
//!
//! Ids never change and are never used again: projects and automation lanes hold them. It composes nothing: what a value
//! asks of the composer is `order.rs`'s matter.

mod choices;
mod groups;

use engine::score::compose::BedPart;
use nice_plug::prelude::*;

pub use choices::{FollowChoice, MetreChoice, ModeChoice, TonicChoice};
pub use groups::{
    DuckParams, FormParams, HallParams, LevelParams, MoodParams, PartParams, gain, in_db,
};

/// The parameters, in the order in which hosts show them.
#[derive(Params)]
pub struct BedParams {
    /// How it feels.
    #[nested(group = "Mood")]
    pub mood: MoodParams,
    /// How long, in which key, how fast.
    #[nested(group = "Form")]
    pub form: FormParams,
    /// Level, mute and solo of each part, in the order of the score.
    #[nested(array, group = "Part")]
    pub parts: [PartParams; 5],
    /// The room.
    #[nested(group = "Hall")]
    pub hall: HallParams,
    /// How the bed makes room for a voice.
    #[nested(group = "Duck")]
    pub duck: DuckParams,
    /// Voice, bed, both; and how loud an exported file is to be.
    #[nested(group = "Levels")]
    pub levels: LevelParams,
    /// Whether the host's timeline is followed.
    #[id = "follow"]
    pub follow: EnumParam<FollowChoice>,
    /// Turned on it plays from the start, where there is no timeline to follow.
    #[id = "restrt"]
    pub restart: BoolParam,
    /// Counts changes of what is saved but is no parameter (hits, sounds, the energy curve), so that hosts notice them.
    #[id = "rev"]
    pub revision: IntParam,
}

impl Default for BedParams {
    fn default() -> Self {
        let revisions = IntRange::Linear {
            min: 0,
            max: MAX_REVISION,
        };
        Self {
            mood: MoodParams::default(),
            form: FormParams::default(),
            parts: BedPart::ALL.map(PartParams::new),
            hall: HallParams::default(),
            duck: DuckParams::default(),
            levels: LevelParams::default(),
            follow: EnumParam::new("Position", FollowChoice::Auto),
            restart: BoolParam::new("Restart", false),
            revision: IntParam::new("Revision", 0, revisions)
                .hide()
                .non_automatable(),
        }
    }
}

/// The revision starts again at 0 after this. A float holds every whole number up to here.
pub const MAX_REVISION: i32 = 65_535;
