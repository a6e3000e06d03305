//! Under a voice the bed falls by what was set, and the voice is not touched.

use super::stage::{BedStage, LENGTH, speech};
use crate::host::{BLOCK, Heard, RATE_HZ};

fn seconds(time_s: f64) -> usize {
    (time_s * RATE_HZ) as usize
}

fn level_db(heard: &Heard, from: usize, to: usize) -> f64 {
    let channels = [&heard.left[from..to], &heard.right[from..to]];
    let samples = channels.into_iter().flatten();
    let energy: f64 = samples.map(|&sample| f64::from(sample).powi(2)).sum();
    10.0 * (energy / (2 * (to - from)) as f64).log10()
}

fn minus(heard: &Heard, voice: &Heard) -> Heard {
    let side = |heard: &[f32], voice: &[f32]| {
        let pairs = heard.iter().zip(voice);
        pairs.map(|(heard, voice)| heard - voice).collect()
    };
    Heard {
        left: side(&heard.left, &voice.left),
        right: side(&heard.right, &voice.right),
    }
}

#[test]
fn under_a_voice_the_bed_falls_by_the_set_depth_in_the_set_time_and_comes_back() {
    let mut stage = BedStage::ready();
    let blocks = || std::iter::repeat(BLOCK as usize);
    let alone = stage.pass(&Heard::silence(LENGTH), blocks());
    let voice = speech(LENGTH, seconds(2.0), seconds(5.0));
    for depth_db in [4.0, 7.0, 12.0] {
        stage.host.reset();
        let depth = format!("{depth_db} dB");
        stage.set(&[("Duck Depth", &depth), ("Duck Release", "500 ms")]);
        let bed = minus(&stage.pass(&voice, blocks()), &voice);
        // 30 ms until it counts as speech, 180 ms of attack.
        let (from, to) = (seconds(2.0 + 0.25), seconds(4.9));
        let fall_db = level_db(&alone, from, to) - level_db(&bed, from, to);
        assert!((fall_db - depth_db).abs() < 1.0, "{fall_db} of {depth_db}");
        assert!(alone.left[..seconds(2.0)] == bed.left[..seconds(2.0)]);
        // 300 ms count as a pause between words, 500 ms of release.
        let (from, to) = (seconds(5.9), seconds(7.0));
        let left_db = level_db(&alone, from, to) - level_db(&bed, from, to);
        assert!(left_db.abs() < 0.1, "{left_db} dB are left");
    }
}

#[test]
fn where_the_bed_is_silent_the_voice_comes_out_as_it_went_in() {
    let mut stage = BedStage::ready();
    let voice = speech(24_000, 0, 24_000);
    // Behind the bed's end, and with the dialogue at its own level.
    assert!(stage.play_under(LENGTH, &voice) == voice);
    stage.set(&[("Dialogue Level", "-inf dB")]);
    assert_eq!(stage.play_under(LENGTH, &voice).peak(), 0.0);
}
