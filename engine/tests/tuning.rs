//! Scala files make the pitches that their format says, and mistakes are told with their line.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::{Event, PlayerConfig, PlayerParameters, TuningTable, tuning};
use fixture::{note_on, player_with, render, sine};

const TWELVE: &str = "! 12.scl\n!\ntwelve equal steps\n 12\n!\n 100.\n 200.\n 300.\n 400.\n 500.\n 600.\n 700.\n 800.\n 900.\n 1000.\n 1100.\n 2/1\n";
const FIFTHS: &str = "three notes\n3\n9/8\n3/2\n2/1\n";

#[test]
fn twelve_equal_steps_are_the_table_that_was_there_before() {
    let table = tuning::from_scala(TWELVE, None).unwrap();
    for key in 0..128 {
        let pitch = table.pitch(key).unwrap();
        assert!((pitch - f64::from(key)).abs() < 1e-4, "key {key}: {pitch}");
    }
    assert_eq!(TuningTable::default().pitch(60), Some(60.0));
    assert_eq!(TuningTable::default().pitch(128), None);
}

#[test]
fn degrees_go_up_by_their_ratios_and_repeat_with_the_octave() {
    let table = tuning::from_scala(FIFTHS, None).unwrap();
    let semitones = |ratio: f64| 12.0 * ratio.log2();
    for (key, wanted) in [
        (60, 60.0),
        (61, 60.0 + semitones(9.0 / 8.0)),
        (62, 60.0 + semitones(1.5)),
        (63, 72.0),
        (59, 48.0 + semitones(1.5)),
    ] {
        assert!(
            (table.pitch(key).unwrap() - wanted).abs() < 1e-4,
            "key {key}"
        );
    }
}

#[test]
fn a_mapping_places_the_scale_and_leaves_keys_out() {
    let kbm = "! size\n2\n! first and last key\n60\n70\n! middle\n60\n! reference\n60\n256.0\n! octave\n3\n0\nx\n";
    let table = tuning::from_scala(FIFTHS, Some(kbm)).unwrap();
    let middle = 69.0 + 12.0 * (256.0f64 / 440.0).log2();
    assert!((table.pitch(60).unwrap() - middle).abs() < 1e-4);
    assert_eq!(table.pitch(61), None, "x");
    assert!((table.pitch(62).unwrap() - middle - 12.0).abs() < 1e-4);
    assert_eq!(table.pitch(59), None, "below the range");
}

#[test]
fn mistakes_are_told_with_their_line_and_absurd_numbers_do_not_crash() {
    let told = |scl: &str, kbm: Option<&str>| tuning::from_scala(scl, kbm).unwrap_err().to_string();
    assert!(told("", None).contains("ends too early"));
    assert!(told("x\n2\n100.\nfish\n", None).contains("line 4"));
    assert!(told("x\n3\n100.\n2/1\n", None).contains("counts its notes wrong"));
    assert!(told("x\n0\n", None).contains("no notes"));
    assert!(told(TWELVE, Some("0\n0\n2147483647\n60\n69\n440.0\n12\n")).contains("line 3"));
    assert!(told(TWELVE, Some("0\n0\n127\n60\n69\nfish\n12\n")).contains("line 6"));
    assert!(told(TWELVE, Some("0\n0\n127\n60\n69\n0.0\n12\n")).contains("no key sounds"));
}

/// Frequency of the left channel by its first and last upward crossing of zero, Hz.
fn frequency_hz(samples: &[f32]) -> f64 {
    let crossings: Vec<f64> = samples
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] < 0.0 && pair[1] >= 0.0)
        .map(|(index, pair)| index as f64 + f64::from(pair[0] / (pair[0] - pair[1])))
        .collect();
    (crossings.len() - 1) as f64 / (crossings[crossings.len() - 1] - crossings[0]) * 48_000.0
}

#[test]
fn a_player_sounds_at_the_pitches_of_its_tuning_and_of_its_a4() {
    let keys: Vec<u8> = (50..80).collect();
    let (mut controller, mut player) = player_with(&PlayerConfig::default(), &sine(), &keys);
    controller
        .send_tuning(tuning::from_scala(FIFTHS, None).unwrap())
        .unwrap();
    render(&mut player, 1);
    player.set_parameters(&PlayerParameters {
        a4_hz: 432.0,
        fine_cents: 50.0,
        ..PlayerParameters::default()
    });
    player.handle(&note_on(62, 0.9));
    let found_hz = frequency_hz(&render(&mut player, 48_000).0[2_400..]);
    let middle_c_hz = 440.0 * (-9.0f64 / 12.0).exp2();
    let wanted_hz = middle_c_hz * 1.5 * 432.0 / 440.0 * (50.0f64 / 1_200.0).exp2();
    let cents = 1_200.0 * (found_hz / wanted_hz).log2();
    assert!(cents.abs() < 1.0, "{cents} cents");
    assert_eq!(
        controller.counts().missing_keys,
        0,
        "the note of key 67 plays"
    );
    player.handle(&Event::Reset);
}
