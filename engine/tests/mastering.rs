//! Beds as files: as loud as asked, below their ceiling, at another rate, with their broadcast chunk; and where speech is.

use engine::loudness;
use engine::mix::master::{TARGETS, Target, master};

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
fn the_course_of_loudness_follows_the_piece_and_ends_in_what_the_whole_measures() {
    // A sine of 997 Hz at full scale on both channels is 0 LUFS (EBU Tech 3341): 20 dB less for six seconds, then 40.
    let rate = 48_000;
    let samples: Vec<f32> = (0..12 * rate)
        .map(|frame| {
            let factor = if frame < 6 * rate { 0.1 } else { 0.01 };
            factor * (std::f32::consts::TAU * 997.0 * frame as f32 / rate as f32).sin()
        })
        .collect();
    let course = loudness::course(&samples, &samples, rate as u32, 0.1).unwrap();
    let at = |time_s| course.short_term_at(time_s);
    for (time_s, lufs) in [(3.5, -20.0), (5.8, -20.0), (9.5, -40.0), (11.95, -40.0)] {
        let found = at(time_s).unwrap();
        assert!((found - lufs).abs() < 0.1, "{found} at {time_s} s");
    }
    assert_eq!([at(-0.01), at(12.01)], [None; 2]);
    let whole = loudness::measure(&samples, &samples, rate as u32).unwrap();
    assert_eq!(course.whole, whole);
    let silence = loudness::course(&[0.0; 4_800], &[0.0; 4_800], 48_000, 0.05).unwrap();
    assert_eq!(silence.short_term_at(0.0), None);
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
