//! The sound of a model that comes nearest to a recorded note. Worker threads; runs the network some thousand times.
//!
//! First many seeds as they are; then, from the best of them, least squares over attributes and style offset: the
//! derivatives are differences of runs of the network, one per number (Levenberg 1944, Marquardt 1963), corrected from step to
//! step by Broyden's rule (1965) before they are measured anew. The latent stays the seed's: it gives the grain, and
//! through the mapping the way in which the sound changes over the keyboard.

use models::{DEFAULT_TRUNCATION, SoundGenerator, SoundGrid, SoundPoint};

use super::normal_equations::NormalEquations;
use super::target::Target;
use crate::error::Result;

/// Step of the differences, in the inputs' own units (standard deviations).
const DIFFERENCE: f32 = 0.05;
/// How strongly offset and attributes are held where the seed has them, in dB of residual per unit: styles of seeds lie about
/// 0.3 apart, and a network is the less to be trusted the farther it is from all that it was taught.
const OFFSET_PULL: f64 = 0.2;
const ATTRIBUTE_PULL: f64 = 0.1;
/// Attributes stay within the range of the controls.
const ATTRIBUTE_LIMIT: f32 = 2.5;
/// Damping of the first step, what a good step divides it by, a bad one multiplies it by, and how often it may.
const FIRST_DAMPING: f64 = 0.3;
const LEAST_DAMPING: f64 = 1e-3;
const DAMPING_STEP: f64 = 3.0;
const MAX_TRIES: usize = 6;
/// A step that takes off less than this share of the sum of squares was the last with corrected derivatives.
const WORTHWHILE: f64 = 0.03;
/// The same with derivatives that were measured: the last of all.
const LEAST_GAIN: f64 = 0.01;

/// How much is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Seeds that are painted.
    pub num_seeds: u32,
    /// The best of them whose attributes are fitted.
    pub num_candidates: usize,
    /// How often the derivatives of everything are measured, a run of the network per number.
    pub num_looks: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            num_seeds: 200,
            num_candidates: 6,
            num_looks: 8,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// The sound.
    pub point: SoundPoint,
    /// The seed whose latent it has.
    pub seed: u32,
    /// The note as the model paints it at the recording's key.
    pub painted: SoundGrid,
    /// Root mean square of the style offset.
    pub offset_rms: f64,
}

/// A point under way.
#[derive(Clone)]
struct Candidate {
    seed: u32,
    point: SoundPoint,
    /// Attributes of the seed.
    home: Vec<f32>,
    residuals: Vec<f32>,
    cost: f64,
}

/// Looks for the sound whose note at this key and velocity is nearest to the target. `progress` hears the share done, 0..1.
/// The same target and model give the same sound.
///
/// # Errors
/// What the model refuses: a key out of its range, another kind of model.
///
/// # Real-time
/// Not safe: runs the network.
pub fn find(
    generator: &mut SoundGenerator,
    target: &Target,
    key: u8,
    velocity: f32,
    effort: Effort,
    progress: &mut dyn FnMut(f64),
) -> Result<Found> {
    let mut search = Search {
        generator,
        target,
        key: f32::from(key),
        velocity,
    };
    let num_runs = effort.num_seeds as usize + 112 * effort.num_looks;
    let mut candidates = Vec::new();
    for seed in 1..=effort.num_seeds {
        candidates.push(search.seed(seed)?);
        candidates.sort_by(|one, other| one.cost.total_cmp(&other.cost));
        candidates.truncate(effort.num_candidates.max(1));
        progress(f64::from(seed) / num_runs as f64);
    }
    for candidate in &mut candidates {
        search.fit(candidate, 0, 1, &mut |_| {})?;
    }
    candidates.sort_by(|one, other| one.cost.total_cmp(&other.cost));
    candidates.truncate(1);
    let style_length = search.generator.manifest().style_length;
    let share_before = f64::from(effort.num_seeds) / num_runs as f64;
    for candidate in &mut candidates {
        search.fit(candidate, style_length, effort.num_looks, &mut |done| {
            progress(share_before + (1.0 - share_before) * done);
        })?;
    }
    progress(1.0);
    let best = candidates.swap_remove(0);
    let painted = search.paint(&best.point)?;
    let squares: f64 = best
        .point
        .style_offset
        .iter()
        .map(|number| f64::from(*number).powi(2))
        .sum();
    Ok(Found {
        offset_rms: (squares / best.point.style_offset.len().max(1) as f64).sqrt(),
        seed: best.seed,
        point: best.point,
        painted,
    })
}

struct Search<'a> {
    generator: &'a mut SoundGenerator,
    target: &'a Target,
    key: f32,
    velocity: f32,
}

impl Search<'_> {
    fn paint(&mut self, point: &SoundPoint) -> Result<SoundGrid> {
        Ok(self
            .generator
            .run_one(&point.request(self.key, self.velocity))?)
    }

    fn residuals(&mut self, point: &SoundPoint) -> Result<Vec<f32>> {
        Ok(self.target.residuals(&self.paint(point)?))
    }

    fn seed(&mut self, seed: u32) -> Result<Candidate> {
        let point = SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, self.generator.manifest())?;
        let residuals = self.residuals(&point)?;
        Ok(Candidate {
            seed,
            home: point.attributes.clone(),
            cost: squares(&residuals),
            residuals,
            point,
        })
    }

    /// Moves all attributes and the first `num_styles` numbers of the style offset to where the sum of squares is least.
    /// Derivatives are measured at most `num_looks` times; between, they are corrected by what the last step showed.
    fn fit(
        &mut self,
        candidate: &mut Candidate,
        num_styles: usize,
        num_looks: usize,
        progress: &mut dyn FnMut(f64),
    ) -> Result<()> {
        let pull: Vec<f64> = std::iter::repeat_n(ATTRIBUTE_PULL.powi(2), candidate.home.len())
            .chain(std::iter::repeat_n(OFFSET_PULL.powi(2), num_styles))
            .collect();
        let mut damping = FIRST_DAMPING;
        for look in 0..num_looks {
            let start = candidate.cost;
            let mut derivatives = self.derivatives(candidate, num_styles)?;
            progress((look + 1) as f64 / num_looks as f64);
            loop {
                let before = candidate.clone();
                let at = before.unknowns(num_styles);
                let equations = NormalEquations::new(&derivatives, &before.residuals, &pull, &at);
                let improved = self.improve(candidate, &equations, &pull, &mut damping)?;
                if !improved || before.cost - candidate.cost < WORTHWHILE * before.cost {
                    break;
                }
                correct(&mut derivatives, &before, candidate, num_styles);
            }
            if start - candidate.cost < LEAST_GAIN * start {
                break;
            }
        }
        Ok(())
    }

    /// Takes the longest step that makes the sum smaller; false when none does.
    fn improve(
        &mut self,
        candidate: &mut Candidate,
        equations: &NormalEquations,
        pull: &[f64],
        damping: &mut f64,
    ) -> Result<bool> {
        for _ in 0..MAX_TRIES {
            if let Some(step) = equations.step(*damping) {
                let tried = self.moved(candidate, &step, pull)?;
                if tried.cost < candidate.cost {
                    *candidate = tried;
                    *damping = (*damping / DAMPING_STEP).max(LEAST_DAMPING);
                    return Ok(true);
                }
            }
            *damping *= DAMPING_STEP;
        }
        Ok(false)
    }

    fn moved(&mut self, from: &Candidate, step: &[f64], pull: &[f64]) -> Result<Candidate> {
        let mut point = from.point.clone();
        for (number, step) in unknowns_of(&mut point).zip(step) {
            *number += *step as f32;
        }
        for attribute in &mut point.attributes {
            *attribute = attribute.clamp(-ATTRIBUTE_LIMIT, ATTRIBUTE_LIMIT);
        }
        let residuals = self.residuals(&point)?;
        let mut candidate = Candidate {
            cost: squares(&residuals),
            residuals,
            point,
            ..from.clone()
        };
        let at = candidate.unknowns(step.len() - from.home.len());
        let pulls = at.iter().zip(pull).map(|(at, pull)| pull * at * at);
        candidate.cost += pulls.sum::<f64>();
        Ok(candidate)
    }

    /// `[unknowns][residuals]`.
    fn derivatives(&mut self, at: &Candidate, num_styles: usize) -> Result<Vec<Vec<f32>>> {
        let num_unknowns = at.home.len() + num_styles;
        let mut derivatives = Vec::with_capacity(num_unknowns);
        for unknown in 0..num_unknowns {
            let mut point = at.point.clone();
            if let Some(number) = unknowns_of(&mut point).nth(unknown) {
                *number += DIFFERENCE;
            }
            let mut slopes = self.residuals(&point)?;
            for (slope, here) in slopes.iter_mut().zip(&at.residuals) {
                *slope = (*slope - here) / DIFFERENCE;
            }
            derivatives.push(slopes);
        }
        Ok(derivatives)
    }
}

impl Candidate {
    /// How far attributes and the first numbers of the style offset are from where the seed has them.
    fn unknowns(&self, num_styles: usize) -> Vec<f64> {
        let attributes = self.point.attributes.iter().zip(&self.home);
        let styles = self.point.style_offset.iter().take(num_styles);
        attributes
            .map(|(at, home)| f64::from(at - home))
            .chain(styles.map(|&number| f64::from(number)))
            .collect()
    }
}

/// Broyden's correction: the derivatives along the step become what the step showed, all others stay.
fn correct(derivatives: &mut [Vec<f32>], from: &Candidate, to: &Candidate, num_styles: usize) {
    let (start, end) = (from.unknowns(num_styles), to.unknowns(num_styles));
    let step: Vec<f64> = end
        .iter()
        .zip(&start)
        .map(|(end, start)| end - start)
        .collect();
    let length_squared: f64 = step.iter().map(|number| number * number).sum();
    if length_squared <= 0.0 {
        return;
    }
    let changes = to.residuals.iter().zip(&from.residuals);
    let mut surprises: Vec<f32> = changes.map(|(to, from)| to - from).collect();
    for (slopes, number) in derivatives.iter().zip(&step) {
        for (surprise, slope) in surprises.iter_mut().zip(slopes) {
            *surprise -= slope * *number as f32;
        }
    }
    for (slopes, number) in derivatives.iter_mut().zip(&step) {
        let share = (number / length_squared) as f32;
        for (slope, surprise) in slopes.iter_mut().zip(&surprises) {
            *slope += share * surprise;
        }
    }
}

fn unknowns_of(point: &mut SoundPoint) -> impl Iterator<Item = &mut f32> {
    point.attributes.iter_mut().chain(&mut point.style_offset)
}

fn squares(residuals: &[f32]) -> f64 {
    residuals.iter().map(|&x| f64::from(x).powi(2)).sum()
}
