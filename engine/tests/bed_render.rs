//! Beds as samples: the same from wherever they are entered, silent at their end, ducked as deep as set.

#[path = "closed_form/beds.rs"]
mod beds;
#[path = "closed_form/fixture.rs"]
mod fixture;

use beds::baked;
use engine::mix::duck::DuckSettings;
use engine::mix::render::{Ducking, render_bed};
use engine::mix::{BedRenderer, HallSettings, Layers, MixSettings};
use engine::score::compose::{Bed, BedPart, BedSettings, Hit, Mood, SpeechRange, compose};

const RATE_HZ: u32 = 16_000;

fn settings() -> BedSettings {
    let mut settings = BedSettings::new(4, 24.0, Mood::from_name("hopeful").unwrap());
    settings.hits = vec![Hit {
        time_s: 13.0,
        name: "turn".to_owned(),
        origin: String::new(),
    }];
    settings
}

fn mix() -> MixSettings {
    MixSettings {
        sample_rate_hz: RATE_HZ,
        hall: HallSettings {
            decay_s: 0.6,
            ..HallSettings::default()
        },
        ..MixSettings::default()
    }
}

fn whole(bed: &Bed, mix: &MixSettings, num_frames: usize) -> Layers {
    let mut renderer = BedRenderer::new(bed, &baked(bed), mix).unwrap();
    let mut layers = Layers::new(num_frames);
    renderer.render_into(&mut layers).unwrap();
    layers
}

fn bits(samples: &[f32]) -> Vec<u32> {
    samples.iter().map(|sample| sample.to_bits()).collect()
}

#[test]
fn a_bed_entered_anywhere_gives_the_samples_of_one_played_from_the_start() {
    let bed = compose(&settings()).unwrap();
    let length = 24 * RATE_HZ as usize;
    let in_parallel = MixSettings {
        num_threads: 2,
        ..mix()
    };
    let from_start = whole(&bed, &in_parallel, length);
    let mut renderer = BedRenderer::new(&bed, &baked(&bed), &mix()).unwrap();
    // Places and block lengths without a common measure.
    for step in 0..14_usize {
        let start = (step * 104_729) % (length - 6000);
        renderer.seek(start as u64).unwrap();
        let mut at = start;
        for frames in [1, 63, 4096, 777] {
            let mut block = Layers::new(frames);
            renderer.render_into(&mut block).unwrap();
            for channel in 0..2 {
                let pairs = [
                    (&block.ground, &from_start.ground),
                    (&block.foreground, &from_start.foreground),
                    (&block.hall, &from_start.hall),
                ];
                for (entered, played) in pairs {
                    assert_eq!(
                        bits(&entered[channel]),
                        bits(&played[channel][at..at + frames]),
                        "entered at {start}, at {at}"
                    );
                }
            }
            at += frames;
        }
    }
    assert!(from_start.ground[0].iter().any(|sample| *sample != 0.0));
    assert!(from_start.hall[1].iter().any(|sample| *sample != 0.0));
}

#[test]
fn a_bed_has_exactly_its_length_and_ends_in_silence_without_being_cut() {
    let bed = compose(&settings()).unwrap();
    let mut renderer = BedRenderer::new(&bed, &baked(&bed), &mix()).unwrap();
    assert_eq!(renderer.length_frames(), 24 * u64::from(RATE_HZ));
    let [left, _] = render_bed(&mut renderer, RATE_HZ, None, &mut |_| {}).unwrap();
    assert_eq!(left.len(), 24 * RATE_HZ as usize);
    let last_ms = &left[left.len() - RATE_HZ as usize / 100..];
    let loudest = left
        .iter()
        .fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let rest = last_ms
        .iter()
        .fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!(rest < 1e-4 * loudest, "{rest} of {loudest}");
    let mut after = Layers::new(1000);
    renderer.render_into(&mut after).unwrap();
    assert_eq!(after, Layers::new(1000));
}

#[test]
fn a_loop_goes_round_with_the_same_samples_and_no_jump() {
    let mut settings = BedSettings::new(9, 10.0, Mood::from_name("warm").unwrap());
    settings.is_loop = true;
    let bed = compose(&settings).unwrap();
    let round = 10 * RATE_HZ as usize;
    let twice = whole(&bed, &mix(), 2 * round);
    for layer in [&twice.ground, &twice.foreground, &twice.hall] {
        assert_eq!(bits(&layer[0][..round]), bits(&layer[0][round..]));
    }
    let ground = &twice.ground[0];
    let jump = (ground[round] - ground[round - 1]).abs();
    let usual = ground
        .windows(2)
        .fold(0.0_f32, |most, pair| most.max((pair[1] - pair[0]).abs()));
    assert!(
        jump <= usual && ground[round - 1] != 0.0,
        "{jump} of {usual}"
    );
}

#[test]
fn the_parts_alone_add_up_to_the_whole() {
    let bed = compose(&settings()).unwrap();
    let play = |bed: &Bed| {
        let mut renderer = BedRenderer::new(bed, &baked(bed), &mix()).unwrap();
        let [left, _] = render_bed(&mut renderer, RATE_HZ, None, &mut |_| {}).unwrap();
        left
    };
    let mut rest = play(&bed);
    let loudest = rest
        .iter()
        .fold(0.0_f32, |most, sample| most.max(sample.abs()));
    for part in BedPart::ALL {
        let mut alone = bed.clone();
        alone.notes.retain(|note| note.part == part);
        for (rest, sample) in rest.iter_mut().zip(play(&alone)) {
            *rest -= sample;
        }
    }
    let left_over = rest
        .iter()
        .fold(0.0_f32, |most, sample| most.max(sample.abs()));
    assert!(left_over < 1e-5 * loudest, "{left_over} of {loudest}");
}

fn level_db(samples: &[f32]) -> f64 {
    fixture::rms_db(samples)
}

#[test]
fn under_speech_the_bed_falls_by_the_set_depth_and_its_band_of_words_by_more() {
    let mut settings = settings();
    settings.mood = Mood::from_name("bright").unwrap();
    let bed = compose(&settings).unwrap();
    let notes = baked(&bed);
    let speech = SpeechRange {
        start_s: 8.0,
        end_s: 16.0,
    };
    for depth_db in [4.0, 9.0] {
        let ducking = Ducking {
            settings: DuckSettings {
                depth_db,
                ..DuckSettings::default()
            },
            speech: vec![speech],
        };
        let play = |ducking: Option<&Ducking>| {
            let mut renderer = BedRenderer::new(&bed, &notes, &mix()).unwrap();
            render_bed(&mut renderer, RATE_HZ, ducking, &mut |_| {}).unwrap()
        };
        let (open, ducked) = (play(None), play(Some(&ducking)));
        let part = |from_s: f64, to_s: f64| {
            (from_s * f64::from(RATE_HZ)) as usize..(to_s * f64::from(RATE_HZ)) as usize
        };
        // From the first word on the whole depth is there; half a second after the release all is as before.
        for (from_s, to_s, wanted_db) in [
            (8.0, 9.0, depth_db),
            (9.0, 12.0, depth_db),
            (12.0, 16.0, depth_db),
            (2.0, 7.5, 0.0),
            (17.5, 22.0, 0.0),
        ] {
            let fall =
                level_db(&open[0][part(from_s, to_s)]) - level_db(&ducked[0][part(from_s, to_s)]);
            assert!(
                (fall - wanted_db).abs() < 1.0,
                "{fall} dB of {wanted_db} from {from_s} s"
            );
        }
        let band = |samples: &[Vec<f32>; 2]| {
            let range = part(9.0, 16.0);
            engine::mix::speech::word_band_db(
                &samples[0][range.clone()],
                &samples[1][range],
                RATE_HZ,
            )
        };
        let band_fall = band(&open) - band(&ducked);
        assert!(band_fall > depth_db + 1.5, "band by {band_fall} dB");
    }
}

#[test]
fn an_open_duck_changes_no_bit() {
    let bed = compose(&settings()).unwrap();
    let notes = baked(&bed);
    let late = Ducking {
        settings: DuckSettings::default(),
        // Speech after the end: the duck runs and never closes.
        speech: vec![SpeechRange {
            start_s: 100.0,
            end_s: 101.0,
        }],
    };
    let play = |ducking: Option<&Ducking>| {
        let mut renderer = BedRenderer::new(&bed, &notes, &mix()).unwrap();
        render_bed(&mut renderer, RATE_HZ, ducking, &mut |_| {}).unwrap()
    };
    assert_eq!(bits(&play(None)[1]), bits(&play(Some(&late))[1]));
}
