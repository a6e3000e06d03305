//! What hosts do to an effect, and that the voice comes through.

use clack_host::prelude::EventBuffer;
use models::seeded::unit;

use super::stage::{BedStage, LENGTH, number, speech, timeline};
use crate::host::{BED_ID, BLOCK, Heard, Host, Message, RATE_HZ, own_entry};

const STREAM: u32 = 940;

#[test]
fn probing_with_odd_blocks_and_without_inputs_does_no_harm() {
    let mut host = Host::of_id(&own_entry(), BED_ID);
    host.activate(RATE_HZ, 480);
    let no_events = EventBuffer::new();
    for index in 0..60 {
        let frames = if index < 3 {
            index as usize
        } else {
            number(index, 1, 481)
        };
        let place = timeline(i64::from(index) * 1_000 - 5_000, index % 3 == 0);
        let transport = (index % 2 == 0).then_some(&place);
        let mut voice = match index % 4 {
            0 => Vec::new(),
            1 => vec![vec![0.1; frames]],
            _ => vec![vec![0.1; frames]; 2],
        };
        let heard = host.process_under(&no_events, &mut voice, 2, frames, transport);
        let mut samples = heard.iter().flatten();
        assert!(samples.all(|sample| sample.is_finite()), "block {index}");
    }
}

#[test]
fn a_mono_voice_gets_a_mono_bed() {
    let mut host = Host::of_id(&own_entry(), BED_ID);
    host.choose_layout("Mono");
    host.set_offline();
    host.activate(RATE_HZ, BLOCK);
    let no_events = EventBuffer::new();
    let mut peak = 0.0_f32;
    for block in 0..200 {
        let mut silence = vec![vec![0.0; 480]];
        let place = timeline(block * 480, true);
        let heard = host.process_under(&no_events, &mut silence, 1, 480, Some(&place));
        peak = heard[0]
            .iter()
            .fold(peak, |peak, sample| peak.max(sample.abs()));
    }
    assert!(peak > 1e-4, "{peak}");
}

#[test]
fn a_voice_that_is_no_number_and_every_jump_of_every_parameter_stay_finite() {
    let mut stage = BedStage::ready();
    let mut spoilt = speech(2_000, 0, 2_000);
    spoilt.left[100] = f32::NAN;
    spoilt.right[1_500] = f32::INFINITY;
    assert!(stage.play_under(10_000, &spoilt).is_finite());
    // Nothing of it stays in a filter.
    let voice = speech(48_000, 0, 48_000);
    assert!(stage.play_under(10_000, &voice).is_finite());
    // But where the time comes from: the timeline has to stand.
    let mut parameters = stage.host.parameters();
    parameters.retain(|parameter| parameter.name != "Position");
    for block in 0..100_u32 {
        let mut events = EventBuffer::new();
        for (index, parameter) in (0_u32..).zip(&parameters) {
            let share = unit(block, STREAM, index);
            let value = parameter.min + share * (parameter.max - parameter.min);
            Message::Set(parameter.id, value).push_to(&mut events, index);
        }
        let mut input = [voice.left[..512].to_vec(), voice.right[..512].to_vec()];
        // A standing timeline: nothing is waited for, and what had played fades under the jumps.
        let place = timeline(i64::from(block) * 512, false);
        let heard = stage
            .host
            .process_under(&events, &mut input, 2, 512, Some(&place));
        assert!(heard.iter().flatten().all(|sample| sample.is_finite()));
    }
    let mut events = EventBuffer::new();
    for parameter in &parameters {
        Message::Set(parameter.id, parameter.default).push_to(&mut events, 0);
    }
    let mut input = [voice.left.clone(), voice.right.clone()];
    let place = timeline(10_000, true);
    let heard = stage
        .host
        .process_under(&events, &mut input, 2, 48_000, Some(&place));
    assert!(heard.iter().flatten().all(|sample| sample.is_finite()));
}

#[test]
fn a_standing_timeline_is_silent_and_without_one_the_bed_plays_from_its_start() {
    let mut stage = BedStage::ready();
    let start = stage.play(0, 24_000);
    let no_events = EventBuffer::new();
    let mut silence = vec![vec![0.0; 24_000]; 2];
    let standing = timeline(96_000, false);
    // What played ends within a fade.
    stage
        .host
        .process_under(&no_events, &mut silence, 2, 1_024, Some(&standing));
    let heard = stage
        .host
        .process_under(&no_events, &mut silence, 2, 24_000, Some(&standing));
    assert!(heard.iter().flatten().all(|&sample| sample == 0.0));
    stage.host.reset();
    let heard = stage
        .host
        .process_under(&no_events, &mut silence, 2, 24_000, None);
    assert!(heard[0] == start.left && heard[1] == start.right);
    stage.set(&[("Restart", "on")]);
    let heard = stage
        .host
        .process_under(&no_events, &mut silence, 2, 24_000, None);
    assert!(heard[0] == start.left);
}

#[test]
fn two_effects_play_side_by_side_at_other_rates_and_one_survives_the_other() {
    let mut one = BedStage::ready();
    let wanted = one.play(20_000, 4_800);
    for rate_hz in [22_050.0, 96_000.0] {
        let mut other = Host::of_id(&own_entry(), BED_ID);
        other.set_offline();
        other.activate(rate_hz, BLOCK);
        let mut voice = vec![vec![0.0; 512]; 2];
        other.process_under(&EventBuffer::new(), &mut voice, 2, 512, None);
    }
    assert!(one.play(20_000, 4_800) == wanted);
    let silence = Heard::silence(1_000);
    assert!(one.play_under(LENGTH, &silence) == silence);
}

#[test]
fn a_timeline_that_stands_at_its_start_is_silent_and_plays_from_there_to_the_bit() {
    let wanted = BedStage::ready().play(0, 24_000);
    let mut stage = BedStage::of(Host::of_id(&own_entry(), BED_ID));
    stage.host.set_offline();
    stage.host.activate(RATE_HZ, BLOCK);
    let values = [("Length", "8 s"), ("Loop", "off"), ("Bed Level", "0 dB")];
    stage.set(&values);
    let no_events = EventBuffer::new();
    let standing = timeline(0, false);
    for _ in 0..4 {
        let mut silence = vec![vec![0.0; 24_000]; 2];
        let heard = stage
            .host
            .process_under(&no_events, &mut silence, 2, 24_000, Some(&standing));
        assert!(heard.iter().flatten().all(|&sample| sample == 0.0));
    }
    assert!(stage.play(0, 24_000) == wanted);
}
