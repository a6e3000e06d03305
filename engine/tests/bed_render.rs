//! Beds as samples: the same from wherever they are entered, silent at their end, ducked as deep as set, as loud as asked.

#[path = "closed_form/fixture.rs"]
mod fixture;

use std::sync::Arc;

use engine::loudness;
use engine::mix::duck::DuckSettings;
use engine::mix::master::{TARGETS, Target, master};
use engine::mix::render::{Ducking, render_bed};
use engine::mix::{BedRenderer, HallSettings, Layers, MixSettings, wishes};
use engine::score::compose::{Bed, BedPart, BedSettings, Hit, Mood, SpeechRange, compose};
use engine::worker::bake::BakedNote;
use fixture::ClosedForm;

const RATE_HZ: u32 = 16_000;

/// Every note a bed needs, as a tone of falling partials.
fn baked(bed: &Bed) -> Vec<BakedNote> {
    let form = ClosedForm {
        level_db: |k, _| -12.0 * k.log2(),
        noise_db: |_, _| -70.0,
        ..ClosedForm::default()
    };
    let mut notes: Vec<Option<Arc<engine::Note>>> = vec![None; 128];
    wishes(bed)
        .into_iter()
        .map(|place| {
            let note = notes[usize::from(place.key)]
                .get_or_insert_with(|| fixture::note(&form, place.key));
            BakedNote {
                place,
                note: Arc::clone(note),
            }
        })
        .collect()
}

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

/// Four seconds at 48 kHz: strokes that fade, so that peaks stand far above the loudness.
fn strokes() -> Vec<f32> {
    (0..4 * 48_000)
        .map(|frame| {
            let time_s = frame as f32 / 48_000.0;
            let in_stroke = time_s % 0.5;
            let tone = (std::f32::consts::TAU * 997.0 * time_s).sin();
            0.3 * tone * (-in_stroke * 25.0).exp()
        })
        .collect()
}

#[test]
fn every_target_is_met_within_a_tenth_of_a_unit_and_below_its_ceiling() {
    let targets = TARGETS.iter().map(|named| named.target);
    let hard = Target {
        lufs: -12.0,
        true_peak_db: -3.0,
    };
    let untouched = loudness::measure(&strokes(), &strokes(), 48_000).unwrap();
    let crest_db = untouched.true_peak_db.unwrap() - untouched.integrated_lufs.unwrap();
    for target in targets.chain([hard]) {
        let (mut left, mut right) = (strokes(), strokes());
        let mastering = master(&mut left, &mut right, 48_000, &target).unwrap();
        let measured = loudness::measure(&left, &right, 48_000).unwrap();
        let lufs = measured.integrated_lufs.unwrap();
        let peak_db = measured.true_peak_db.unwrap();
        assert!((lufs - target.lufs).abs() < 0.1, "{lufs} of {target:?}");
        assert!(peak_db <= target.true_peak_db, "{peak_db} of {target:?}");
        // Peaks are held down only where the gain alone would bring them to the ceiling (0.15 dB of margin).
        let is_held = target.lufs + crest_db > target.true_peak_db - 0.15;
        assert_eq!(mastering.curve.is_some(), is_held, "{target:?}");
    }
}

#[test]
fn a_loudness_that_no_limiter_reaches_is_refused_with_the_ceiling() {
    let mut left = vec![0.0; 96_000];
    left[48_000] = 0.5;
    let mut right = left.clone();
    let target = Target {
        lufs: -6.0,
        true_peak_db: -20.0,
    };
    let message = master(&mut left, &mut right, 48_000, &target)
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("-6") && message.contains("-20"),
        "{message}"
    );
}

#[test]
fn a_true_peak_between_samples_is_found() {
    // A sine at a quarter of the rate, sampled 45 degrees off its peaks: samples reach 0.707 of it (BS.1770-4 annex 2).
    let samples: Vec<f32> = (0..4800)
        .map(|frame| {
            (std::f32::consts::FRAC_PI_2 * frame as f32 + std::f32::consts::FRAC_PI_4).sin()
        })
        .map(|sample| 0.5 * sample)
        .collect();
    let peak = engine::mix::true_peak::TruePeakMeter::default().peak(&samples[..]);
    // The ends ring: what lies beyond them is silence.
    assert!((0.5..0.58).contains(&peak), "{peak}");
}

#[test]
fn speech_is_found_where_it_is_and_a_rumble_is_not_speech() {
    let rate = 48_000;
    let spoken = [(1.0, 2.4), (3.5, 5.0)];
    let mut low = 0.0_f32;
    let samples: Vec<f32> = (0..6 * rate)
        .map(|frame| {
            let time_s = frame as f64 / f64::from(rate);
            let noise = 2.0 * models::seeded::unit(7, 1, frame as u32) as f32 - 1.0;
            low += 0.2 * (noise - low);
            let is_spoken = spoken
                .iter()
                .any(|(start, end)| (*start..*end).contains(&time_s));
            // Syllables, four a second; a truck passes between the two sentences.
            let syllable = 0.6 + 0.4 * (std::f64::consts::TAU * 4.0 * time_s).sin() as f32;
            let truck = if (2.6..3.3).contains(&time_s) {
                0.3
            } else {
                0.0
            };
            let rumble = truck * (std::f64::consts::TAU * 45.0 * time_s).sin() as f32;
            rumble + 0.002 * noise + if is_spoken { 0.3 * syllable * low } else { 0.0 }
        })
        .collect();
    let found = engine::mix::speech::find_speech(&samples, rate as u32);
    assert_eq!(found.len(), 2, "{found:?}");
    for (range, (start_s, end_s)) in found.iter().zip(spoken) {
        assert!((range.start_s - start_s).abs() < 0.06, "{range:?}");
        assert!((range.end_s - end_s).abs() < 0.12, "{range:?}");
    }
}

#[test]
fn a_resampled_tone_keeps_its_level_and_pitch() {
    let tone = |rate: f64, frames: usize| -> Vec<f32> {
        (0..frames)
            .map(|frame| (std::f64::consts::TAU * 1000.0 * frame as f64 / rate).sin() as f32)
            .collect()
    };
    for (from_hz, to_hz) in [(22_050, 48_000), (48_000, 16_000), (44_100, 48_000)] {
        let from = tone(f64::from(from_hz), from_hz as usize);
        let made = engine::resample::resample(&from, from_hz, to_hz);
        let wanted = tone(f64::from(to_hz), to_hz as usize);
        assert_eq!(made.len(), wanted.len());
        let middle = wanted.len() / 4..3 * wanted.len() / 4;
        let most = middle.fold(0.0_f32, |most, frame| {
            most.max((made[frame] - wanted[frame]).abs())
        });
        assert!(most < 1e-3, "{from_hz} to {to_hz}: {most}");
    }
}

#[test]
fn the_broadcast_chunk_holds_place_and_loudness_where_the_standard_puts_them() {
    use engine::wav::broadcast::{Broadcast, append};
    use engine::wav::{Recipe, SampleStorage, write};
    let mut file = std::io::Cursor::new(Vec::new());
    let samples = vec![0.25_f32; 100];
    let stereo = (&samples[..], &samples[..]);
    write(
        &mut file,
        stereo,
        48_000,
        SampleStorage::Integer24,
        &Recipe::default(),
    )
    .unwrap();
    let broadcast = Broadcast {
        description: "é".repeat(200),
        originator: "Understory".to_owned(),
        time_reference_frames: 48_000 * 3600,
        integrated_lufs: Some(-23.0),
        true_peak_db: Some(-1.5),
        history: "{}".to_owned(),
    };
    append(&mut file, &broadcast).unwrap();
    let bytes = file.into_inner();
    let length = u32::from_le_bytes(bytes[4..8].try_into().unwrap()) as usize;
    assert_eq!(length + 8, bytes.len());
    let start = bytes.windows(4).position(|name| name == b"bext").unwrap() + 8;
    // EBU Tech 3285: description 256, originator 32, reference 32, date 10, time 8, then the time reference.
    let time = u64::from_le_bytes(bytes[start + 338..start + 346].try_into().unwrap());
    assert_eq!(time, 172_800_000);
    let loudness = i16::from_le_bytes(bytes[start + 412..start + 414].try_into().unwrap());
    let peak = i16::from_le_bytes(bytes[start + 416..start + 418].try_into().unwrap());
    assert_eq!((loudness, peak), (-2300, -150));
    assert!(std::str::from_utf8(&bytes[start..start + 256]).is_ok());
    let read_back = engine::wav::read::read(&bytes[..]).unwrap();
    assert_eq!(
        (read_back.channels.len(), read_back.sample_rate_hz),
        (2, 48_000)
    );
    assert!((read_back.mono()[50] - 0.25).abs() < 1e-6);
}
