//! The same place of a bed is the same samples: in one pass, in random blocks, from anywhere, live, bounced, from the
//! engine's own renderer.

use std::time::{Duration, Instant};

use clack_extensions::render::RenderMode;
use engine::fingerprint::fingerprint;
use engine::mix::render::render_bed;
use engine::mix::{BedRenderer, MixSettings, wishes};
use engine::score::compose::{BedSettings, Mood, TaggedSound, choose_sounds, compose};
use engine::worker::bake;
use models::{SoundGenerator, SoundRecipe};

use super::stage::{BedStage, LENGTH, LENGTH_S, number};
use crate::host::{BLOCK, Heard, RATE_HZ};

/// What the command line does before it masters, by the same public doors: compose, cast, bake, play.
fn from_the_engine(seed: u32) -> Heard {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let model = models::newest_sound_model(&root.join("shipped")).expect("a shipped model");
    let mut generator = SoundGenerator::load(model).expect("it loads");
    let mood = Mood::from_name("calm").expect("a mood");
    let bed = compose(&BedSettings::new(seed, LENGTH_S as f64, mood)).expect("a bed");
    let mut files = models::sound_files(&root.join("sounds"));
    files.sort();
    let recipes: Vec<SoundRecipe> = files
        .iter()
        .map(|file| SoundRecipe::load(file).expect("a sound"))
        .collect();
    let tagged: Vec<_> = recipes
        .iter()
        .map(|recipe| TaggedSound {
            name: recipe.name.clone(),
            tags: recipe.tags.clone(),
        })
        .collect();
    let chosen = choose_sounds(&tagged, &mood, seed).expect("sounds");
    let points = chosen.map(|index| {
        let recipe = &recipes[index];
        recipe.point(generator.manifest()).expect("a point")
    });
    let generators = std::slice::from_mut(&mut generator);
    let notes = bake::bake(generators, &points, &wishes(&bed), &|_| {}).expect("notes");
    let mix = MixSettings {
        sample_rate_hz: RATE_HZ as u32,
        ..MixSettings::default()
    };
    let mut renderer = BedRenderer::new(&bed, &notes, &mix).expect("a renderer");
    let rendered = render_bed(&mut renderer, RATE_HZ as u32, None, &mut |_| {});
    let [left, right] = rendered.expect("samples");
    Heard { left, right }
}

#[test]
fn a_bounce_in_any_blocks_from_anywhere_and_live_is_the_engines_bed_bit_for_bit() {
    let wanted = from_the_engine(1);
    assert!(wanted.peak() > 1e-3, "{}", wanted.peak());
    let printed = |heard: &Heard| fingerprint(&heard.left, &heard.right);
    let mut stage = BedStage::ready();
    let silence = Heard::silence(LENGTH);
    let once = stage.pass(&silence, std::iter::repeat(LENGTH));
    assert_eq!(printed(&once), printed(&wanted), "in one pass");
    let sizes = (0..).map(|index| number(index, 1, 2_000));
    let in_pieces = stage.pass(&silence, sizes);
    assert_eq!(printed(&in_pieces), printed(&wanted), "in random blocks");
    for seek in 0..50 {
        let frame = number(10_000 + seek, 0, LENGTH - 700);
        let heard = stage.play(frame, 700);
        assert!(heard.left == wanted.left[frame..frame + 700], "{frame}");
        assert!(heard.right == wanted.right[frame..frame + 700], "{frame}");
    }
    assert_eq!(stage.host.num_allocations, 0);
    live_becomes(stage, &wanted);
}

/// Said to be live, and switched off and on: once its pages have come it plays the same.
fn live_becomes(mut stage: BedStage, wanted: &Heard) {
    const LONGEST: Duration = Duration::from_secs(120);
    stage.host.deactivate();
    stage.host.set_mode(RenderMode::Realtime);
    stage.host.activate(RATE_HZ, BLOCK);
    let started = Instant::now();
    let silence = Heard::silence(LENGTH);
    while stage.pass(&silence, std::iter::repeat(480)) != *wanted {
        assert!(started.elapsed() < LONGEST, "never the same");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn after_a_reset_or_a_jump_a_changed_state_is_bounced_bit_for_bit_from_its_first_frame() {
    let wanted = [1, 2].map(from_the_engine);
    let mut stage = BedStage::ready();
    let states = [1, 2].map(|seed| {
        stage.set(&[("Seed", &seed.to_string())]);
        stage.host.save()
    });
    let silence = Heard::silence(LENGTH);
    for (turn, does_reset) in [true, false, true].into_iter().enumerate() {
        let which = turn % 2;
        assert!(stage.host.load(&states[which]));
        if does_reset {
            stage.host.reset();
        }
        let heard = stage.pass(&silence, std::iter::repeat(BLOCK as usize));
        assert!(heard == wanted[which], "turn {turn}");
    }
}
