//! From a composed bed to finished samples: bake, play, duck, master. What `bed`, `demo` and `bench` share. It writes no
//! file.

use std::time::Instant;

use engine::fingerprint::fingerprint;
use engine::mix::master::{self, Mastering, Target};
use engine::mix::render::{self, Ducking};
use engine::mix::{BedRenderer, MixSettings, wishes};
use engine::offline::Rendering;
use engine::score::compose::{self, Bed, BedPart, BedSettings, choose_sounds};
use engine::worker::bake::BakedNote;

use crate::failure::Failure;
use crate::flags::Common;
use crate::performance::Stage;
use crate::progress;
use crate::sound_choice::{self, SoundChoice};

/// Everything a finished bed depends on, but the model.
pub struct BedOrder {
    /// What to compose.
    pub settings: BedSettings,
    /// By number of the part.
    pub sounds: [SoundChoice; 5],
    /// How to balance it.
    pub mix: MixSettings,
    /// Where to make room.
    pub ducking: Option<Ducking>,
    /// How loud.
    pub target: Target,
}

/// A finished bed.
pub struct BedProduction {
    /// What was composed.
    pub bed: Bed,
    /// The samples.
    pub rendering: Rendering,
    /// How they were brought to their loudness.
    pub mastering: Mastering,
    /// How many notes the network made.
    pub num_baked: usize,
    /// Seconds of each step.
    pub compose_s: f64,
    /// Seconds.
    pub bake_s: f64,
    /// Seconds.
    pub render_s: f64,
    /// Seconds.
    pub master_s: f64,
    notes: Vec<BakedNote>,
}

/// A sound for every part: those named, and for the others what fits mood and seed.
///
/// # Errors
/// Exit code 2 for unknown names, 3 for broken sound files, 4 when there are no sounds at all.
pub fn choose(
    settings: &BedSettings,
    named: &[Option<SoundChoice>; 5],
) -> Result<[SoundChoice; 5], Failure> {
    let sounds = sound_choice::tagged_sounds()?;
    let chosen = choose_sounds(&sounds, &settings.mood, settings.seed).ok_or_else(|| {
        Failure::system("no named sounds are installed beside the models; name one for every part")
    })?;
    let mut all = Vec::with_capacity(BedPart::ALL.len());
    for part in BedPart::ALL {
        all.push(match &named[part.index()] {
            Some(sound) => sound.clone(),
            None => SoundChoice::from_text(&sounds[chosen[part.index()]].name)?,
        });
    }
    all.try_into()
        .map_err(|_| Failure::other("a bed has five parts"))
}

/// Threads worth having on this machine.
pub fn num_threads() -> usize {
    const MOST: usize = 8;
    std::thread::available_parallelism().map_or(1, |cores| usize::from(cores).min(MOST))
}

/// Makes the bed.
///
/// # Errors
/// Whatever settings, model or target refuse.
pub fn produce(
    common: &Common,
    stage: &mut Stage,
    order: &BedOrder,
) -> Result<BedProduction, Failure> {
    let start = Instant::now();
    let bed = compose::compose(&order.settings)?;
    let compose_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let manifest = stage.generator().manifest().clone();
    let points = order
        .sounds
        .iter()
        .map(|sound| sound.point(&manifest))
        .collect::<Result<Vec<_>, _>>()?;
    let notes = stage.bake_wishes(common, &points, &wishes(&bed))?;
    let bake_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let [mut left, mut right] = play(common, &bed, &notes, order)?;
    let render_s = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let mastering = master::master(
        &mut left,
        &mut right,
        order.mix.sample_rate_hz,
        &order.target,
    )?;
    Ok(BedProduction {
        bed,
        rendering: Rendering {
            left,
            right,
            sample_rate_hz: order.mix.sample_rate_hz,
            num_stolen_voices: 0,
        },
        mastering,
        num_baked: notes.len(),
        compose_s,
        bake_s,
        render_s,
        master_s: start.elapsed().as_secs_f64(),
        notes,
    })
}

fn play(
    common: &Common,
    bed: &Bed,
    notes: &[BakedNote],
    order: &BedOrder,
) -> Result<[Vec<f32>; 2], Failure> {
    let bar = progress::share(common, "playing");
    let mut renderer = BedRenderer::new(bed, notes, &order.mix)?;
    let played = render::render_bed(
        &mut renderer,
        order.mix.sample_rate_hz,
        order.ducking.as_ref(),
        &mut |done| progress::set_share(&bar, done),
    )?;
    bar.finish_and_clear();
    Ok(played)
}

impl BedProduction {
    /// One part alone, with the room and the gains it has in the whole: all parts together are the whole.
    ///
    /// # Errors
    /// As [`produce`].
    pub fn stem(
        &self,
        common: &Common,
        order: &BedOrder,
        part: BedPart,
    ) -> Result<Rendering, Failure> {
        let mut bed = self.bed.clone();
        bed.notes.retain(|note| note.part == part);
        let [mut left, mut right] = play(common, &bed, &self.notes, order)?;
        self.mastering.apply(&mut left, &mut right);
        Ok(Rendering {
            left,
            right,
            sample_rate_hz: self.rendering.sample_rate_hz,
            num_stolen_voices: 0,
        })
    }

    /// Seconds of everything that making the bed took.
    pub fn work_s(&self) -> f64 {
        self.compose_s + self.bake_s + self.render_s + self.master_s
    }

    /// Fingerprint of the samples.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.rendering.left, &self.rendering.right)
    }
}
