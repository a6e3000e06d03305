//! Beds rendered ahead: the same samples however the callback cuts its blocks and wherever it goes; late pages fade in.

#[path = "closed_form/beds.rs"]
mod beds;
#[path = "closed_form/fixture.rs"]
mod fixture;

use beds::baked;
use engine::mix::ahead::{self, Fed, Feeder};
use engine::mix::{BedRenderer, HallSettings, Layers, MixSettings};
use engine::realtime::Playhead;
use engine::score::compose::{BedSettings, Mood, compose};
use models::seeded::unit;

const RATE_HZ: u32 = 16_000;
const LENGTH_S: f64 = 12.0;
const STREAM: u32 = 910;

fn renderer(seed: u32, is_loop: bool) -> BedRenderer {
    let mut settings = BedSettings::new(seed, LENGTH_S, Mood::from_name("calm").unwrap());
    settings.is_loop = is_loop;
    let bed = compose(&settings).unwrap();
    let mix = MixSettings {
        sample_rate_hz: RATE_HZ,
        hall: HallSettings {
            decay_s: 0.3,
            ..HallSettings::default()
        },
        ..MixSettings::default()
    };
    BedRenderer::new(&bed, &baked(&bed), &mix).unwrap()
}

fn whole(seed: u32, is_loop: bool) -> Layers {
    let mut renderer = renderer(seed, is_loop);
    let mut layers = Layers::new(renderer.length_frames() as usize);
    renderer.render_into(&mut layers).unwrap();
    layers
}

/// Makes everything that the worker would make, the callback taking it.
fn feed_all(feeder: &mut Feeder, playhead: &mut Playhead, frame: i64) {
    while feeder.feed(frame).unwrap() != Fed::Nothing {
        playhead.take_arrivals();
    }
    playhead.take_arrivals();
}

fn fed(seed: u32, is_loop: bool) -> (Feeder, Playhead) {
    let (mut feeder, mut playhead) = ahead::new(f64::from(RATE_HZ));
    feeder.begin(1, renderer(seed, is_loop));
    feed_all(&mut feeder, &mut playhead, 0);
    (feeder, playhead)
}

fn assert_same(block: &Layers, frames: usize, whole: &Layers, at: usize) {
    let pairs = [
        (&block.ground, &whole.ground),
        (&block.foreground, &whole.foreground),
        (&block.hall, &whole.hall),
    ];
    for (block, whole) in pairs {
        for channel in 0..2 {
            assert!(
                block[channel][..frames] == whole[channel][at..at + frames],
                "{frames} frames at {at}"
            );
        }
    }
}

fn number(index: u32, low: usize, high: usize) -> usize {
    low + ((high - low) as f64 * unit(1, STREAM, index)) as usize
}

#[test]
fn one_pass_random_blocks_and_fifty_jumps_give_the_same_samples_at_the_same_place() {
    let wanted = whole(3, false);
    let length = wanted.num_frames();
    let (_feeder, mut playhead) = fed(3, false);
    let mut block = Layers::new(2000);
    let mut at = 0;
    for index in 0.. {
        let frames = number(index, 1, 2000).min(length - at);
        if frames == 0 {
            break;
        }
        playhead.render_into(Some(at as i64), &mut block, frames);
        assert_same(&block, frames, &wanted, at);
        at += frames;
    }
    for jump in 0..50 {
        let at = number(5000 + jump, 0, length - 2000);
        playhead.render_into(Some(at as i64), &mut block, 2000);
        assert_same(&block, 2000, &wanted, at);
    }
}

#[test]
fn a_loop_goes_round_and_its_timeline_has_no_start() {
    let wanted = whole(3, true);
    let length = wanted.num_frames();
    let (_feeder, mut playhead) = fed(3, true);
    let mut block = Layers::new(1000);
    for round in [-1_i64, 0, 3] {
        for at in [0, 4_000, length - 500] {
            let frame = at as i64 + round * length as i64;
            playhead.render_into(Some(frame), &mut block, 1000);
            let first = 1000.min(length - at);
            assert_same(&block, first, &wanted, at);
        }
    }
}

#[test]
fn outside_its_length_a_bed_is_silent() {
    let (_feeder, mut playhead) = fed(3, false);
    let length = whole(3, false).num_frames() as i64;
    let mut block = Layers::new(600);
    for frame in [-600, length, 100 * length] {
        playhead.render_into(Some(frame), &mut block, 600);
        assert_eq!(block, Layers::new(600), "at {frame}");
    }
}

#[test]
fn what_comes_late_fades_in_and_what_stops_fades_out() {
    let wanted = whole(3, false);
    let at = wanted.num_frames() / 2;
    let (mut feeder, mut playhead) = ahead::new(f64::from(RATE_HZ));
    feeder.begin(1, renderer(3, false));
    let mut block = Layers::new(1024);
    playhead.render_into(Some(at as i64), &mut block, 1024);
    assert_eq!(block, Layers::new(1024));
    feed_all(&mut feeder, &mut playhead, at as i64);
    playhead.render_into(Some(at as i64), &mut block, 1024);
    let share = |out: &Layers, frame: usize, place: usize| {
        out.ground[0][frame] / wanted.ground[0][place + frame]
    };
    // A straight line over 512 frames.
    for frame in [0, 100, 255, 511] {
        let gain = (frame as f32 + 1.0) / 512.0;
        assert!((share(&block, frame, at) - gain).abs() < 1e-4, "{frame}");
    }
    playhead.render_into(None, &mut block, 1024);
    let at = at + 1024;
    for frame in [0, 100, 255, 510] {
        let gain = 1.0 - (frame as f32 + 1.0) / 512.0;
        assert!((share(&block, frame, at) - gain).abs() < 1e-4, "{frame}");
    }
    assert!(block.ground[0][511..].iter().all(|&sample| sample == 0.0));
    assert!(!playhead.is_sounding());
}

#[test]
fn another_bed_is_faded_over_to_and_then_plays_to_the_bit() {
    let (old, new) = (whole(3, false), whole(8, false));
    let (mut feeder, mut playhead) = fed(3, false);
    let mut block = Layers::new(700);
    playhead.render_into(Some(20_000), &mut block, 700);
    assert!(feeder.can_begin());
    feeder.begin(2, renderer(8, false));
    playhead.render_into(Some(20_700), &mut block, 700);
    assert_same(&block, 700, &old, 20_700);
    feed_all(&mut feeder, &mut playhead, 21_400);
    assert!(playhead.is_ready(2, 21_400, 700));
    assert!(!playhead.is_ready(1, 21_400, 700));
    playhead.render_into(Some(21_400), &mut block, 512);
    for (frame, &heard) in block.ground[0].iter().take(512).enumerate() {
        let gain = (frame as f32 + 1.0) / 512.0;
        let place = 21_400 + frame;
        let mixed = gain * new.ground[0][place] + (1.0 - gain) * old.ground[0][place];
        assert!((heard - mixed).abs() < 1e-6, "{frame}");
    }
    playhead.render_into(Some(21_912), &mut block, 700);
    assert_same(&block, 700, &new, 21_912);
    // The old bed's pages have gone back: a third bed takes their place, and nothing of the first is left.
    feed_all(&mut feeder, &mut playhead, 22_612);
    feeder.begin(3, renderer(3, false));
    playhead.render_into(Some(22_612), &mut block, 700);
    assert_same(&block, 700, &new, 22_612);
}

#[test]
fn after_a_reset_and_after_a_jump_another_bed_begins_to_the_bit() {
    let new = whole(8, false);
    for does_reset in [true, false] {
        let (mut feeder, mut playhead) = fed(3, false);
        let mut block = Layers::new(700);
        playhead.render_into(Some(20_000), &mut block, 700);
        feeder.begin(2, renderer(8, false));
        // A host that resets may go on where it was; one that does not has jumped.
        let at = if does_reset { 20_700 } else { 40_000 };
        if does_reset {
            playhead.reset();
            assert!(!playhead.is_sounding());
        }
        feed_all(&mut feeder, &mut playhead, at as i64);
        playhead.render_into(Some(at as i64), &mut block, 700);
        assert_same(&block, 700, &new, at);
    }
}

#[test]
fn a_jump_away_from_a_fade_leaves_nothing_of_it_behind() {
    let new = whole(8, false);
    let (mut feeder, mut playhead) = fed(3, false);
    let mut block = Layers::new(700);
    playhead.render_into(Some(20_000), &mut block, 700);
    feeder.begin(2, renderer(8, false));
    feed_all(&mut feeder, &mut playhead, 20_700);
    playhead.render_into(Some(20_700), &mut block, 100);
    playhead.render_into(Some(90_000), &mut block, 700);
    assert_same(&block, 700, &new, 90_000);
}

#[test]
fn a_page_that_is_missing_in_the_middle_is_faded_out_before() {
    let wanted = whole(3, false);
    let (mut feeder, mut playhead) = ahead::new(f64::from(RATE_HZ));
    feeder.begin(1, renderer(3, false));
    // Two pages of 4096 frames.
    feeder.feed(0).unwrap();
    feeder.feed(0).unwrap();
    playhead.take_arrivals();
    let mut block = Layers::new(9000);
    playhead.render_into(Some(0), &mut block, 9000);
    assert_same(&block, 8192 - 512, &wanted, 0);
    let mut largest = 0.0_f32;
    for pair in block.ground[0][7000..].windows(2) {
        largest = largest.max((pair[1] - pair[0]).abs());
    }
    let mut usual = 0.0_f32;
    for pair in wanted.ground[0][6000..8192].windows(2) {
        usual = usual.max((pair[1] - pair[0]).abs());
    }
    assert!(
        largest <= 1.05 * usual,
        "a step of {largest}, usually {usual}"
    );
    assert!(block.ground[0][8192..].iter().all(|&sample| sample == 0.0));
    assert!(playhead.is_late());
}
