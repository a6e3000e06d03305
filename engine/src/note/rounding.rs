//! The steps that baked notes are rounded to, so that they can be kept exactly in little room. Any thread; pure.
//!
//! A third of the least that ears tell apart in the best case: 0.03 dB against 0.1 dB and more, 0.03 cents against 1.

/// Steps per dB of a level.
const LEVEL_STEPS: f32 = 32.0;
/// Steps per cent of a deviation.
const DEVIATION_STEPS: f32 = 32.0;
/// Steps per dB of noise, which fluctuates by itself.
const NOISE_STEPS: f32 = 16.0;

/// The three maps of a note as whole steps, `[columns, rows or bands]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoundedMaps {
    pub(crate) levels: Vec<i16>,
    pub(crate) deviations: Vec<i16>,
    pub(crate) noise: Vec<i16>,
}

/// Cells in dB, cents and dB.
pub(super) struct Cells {
    pub(super) levels_db: Box<[f32]>,
    pub(super) deviations_cents: Box<[f32]>,
    pub(super) noise_db: Box<[f32]>,
}

impl Cells {
    /// Each cell to the nearest step; what lies beyond a thousand dB is brought back there.
    pub(super) fn rounded(&self) -> RoundedMaps {
        RoundedMaps {
            levels: steps(&self.levels_db, LEVEL_STEPS),
            deviations: steps(&self.deviations_cents, DEVIATION_STEPS),
            noise: steps(&self.noise_db, NOISE_STEPS),
        }
    }
}

impl RoundedMaps {
    /// The cells; exact, for the steps are powers of two.
    pub(super) fn cells(&self) -> Cells {
        Cells {
            levels_db: values(&self.levels, LEVEL_STEPS),
            deviations_cents: values(&self.deviations, DEVIATION_STEPS),
            noise_db: values(&self.noise, NOISE_STEPS),
        }
    }
}

/// The maps again from cells that were rounded; `None` when one of them was not.
pub(super) fn exact_steps(
    levels_db: &[f32],
    deviations_cents: &[f32],
    noise_db: &[f32],
) -> Option<RoundedMaps> {
    let exact = |cells: &[f32], per_unit: f32| {
        let found = steps(cells, per_unit);
        let back = found.iter().map(|&step| f32::from(step) / per_unit);
        back.eq(cells.iter().copied()).then_some(found)
    };
    Some(RoundedMaps {
        levels: exact(levels_db, LEVEL_STEPS)?,
        deviations: exact(deviations_cents, DEVIATION_STEPS)?,
        noise: exact(noise_db, NOISE_STEPS)?,
    })
}

fn steps(cells: &[f32], per_unit: f32) -> Vec<i16> {
    let step = |&cell: &f32| {
        let steps = (cell * per_unit).round();
        steps.clamp(f32::from(i16::MIN), f32::from(i16::MAX)) as i16
    };
    cells.iter().map(step).collect()
}

fn values(steps: &[i16], per_unit: f32) -> Box<[f32]> {
    steps
        .iter()
        .map(|&step| f32::from(step) / per_unit)
        .collect()
}
