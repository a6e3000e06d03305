//! The bed's figure: ninety seconds in five parts, from the request to the mastered samples, by the clock on the wall and with
//! all the threads a bed is given.

use engine::mix::MixSettings;
use engine::mix::master::TARGETS;
use engine::score::compose::{BedSettings, Mood};

use super::{Figure, figure};
use crate::bed_production::{self, BedOrder};
use crate::failure::Failure;
use crate::flags::Common;
use crate::performance::Stage;

const LENGTH_S: f64 = 90.0;

/// Composes, bakes, plays and masters a bed.
///
/// # Errors
/// Whatever the model refuses.
pub fn figures(common: &Common, stage: &mut Stage) -> Result<Vec<Figure>, Failure> {
    let settings = BedSettings::new(common.seed, LENGTH_S, Mood::from_name("hopeful")?);
    let order = BedOrder {
        sounds: bed_production::choose(&settings, &[const { None }; 5])?,
        mix: MixSettings {
            num_threads: bed_production::num_threads(),
            ..MixSettings::default()
        },
        ducking: None,
        target: TARGETS[0].target,
        settings,
    };
    let production = bed_production::produce(common, stage, &order)?;
    let threads = bed_production::num_threads();
    Ok(vec![
        figure(
            "bed of 90 s, notes baked",
            production.num_baked as f64,
            "notes",
        ),
        figure(
            format!("bed of 90 s, five parts, baking and mastering included, {threads} threads"),
            LENGTH_S / production.work_s(),
            "times real time by the clock",
        ),
    ])
}
