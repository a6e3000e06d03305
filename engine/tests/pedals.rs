//! Pedals, glides and one voice for all keys: what goes on sounding, and how it gets to its pitch.

#[path = "closed_form/fixture.rs"]
mod fixture;
#[path = "closed_form/hands.rs"]
mod hands;

use engine::{EnvelopeSettings, Event, KeyMode, Player};
use fixture::{note_off, render, rms_db};
use hands::*;

#[test]
fn the_sostenuto_pedal_holds_the_keys_that_were_down_and_no_others() {
    let (_controller, mut player) = player();
    player.handle(&strike(0, 60, None));
    player.handle(&controller(0, 66, 127));
    player.handle(&strike(0, 64, None));
    player.handle(&note_off(60));
    player.handle(&note_off(64));
    render(&mut player, 48_000);
    assert_sounds(&mut player, &[60.0], &[64.0], "pedal down");
    player.handle(&controller(0, 66, 0));
    render(&mut player, 48_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn a_masters_pedal_holds_the_notes_of_its_members() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| parameters.mpe = true);
    player.handle(&strike(3, 60, None));
    player.handle(&controller(0, 64, 127));
    player.handle(&Event::NoteOff {
        channel: 3,
        key: 60,
        velocity: 0.0,
    });
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 1);
    player.handle(&controller(0, 64, 0));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn the_soft_pedal_makes_new_notes_quieter_and_leaves_old_ones() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| parameters.width = 0.0);
    let level = |player: &mut Player| {
        player.handle(&strike(0, 69, None));
        let level = rms_db(&render(player, 24_000).0[4_800..]);
        player.handle(&Event::Choke {
            channel: 0,
            key: 69,
        });
        render(player, 4_800);
        level
    };
    let loud = level(&mut player);
    player.handle(&controller(0, 67, 127));
    let soft = level(&mut player);
    assert!((loud - soft - 4.0).abs() < 2.5, "{loud} dB, {soft} dB");
}

#[test]
fn a_glide_is_half_way_in_semitones_after_half_its_time() {
    let (_controller, mut player) = player();
    set(&mut player, |parameters| {
        (parameters.glide_ms, parameters.key_mode) = (1_000.0, KeyMode::Mono);
    });
    player.handle(&strike(0, 60, None));
    render(&mut player, 24_000);
    player.handle(&strike(0, 72, None));
    render(&mut player, 22_800);
    // 2400 frames around the middle: the pitch moves by 0.6 semitones in them.
    let (left, _) = render(&mut player, 2_400);
    let crossings = left
        .windows(2)
        .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0)
        .count();
    let wanted = 440.0 * ((66.0f64 - 69.0) / 12.0).exp2() * 2_400.0 / RATE_HZ;
    assert!(
        (crossings as f64 - wanted).abs() <= 1.5,
        "{crossings}, not {wanted}"
    );
    render(&mut player, 24_000);
    assert_sounds(&mut player, &[72.0], &[60.0, 66.0], "arrived");
}

#[test]
fn in_mono_a_key_that_is_let_go_gives_way_to_the_one_held_before() {
    for mode in [KeyMode::Mono, KeyMode::Legato] {
        let (_controller, mut player) = player();
        set(&mut player, |parameters| parameters.key_mode = mode);
        for key in [60, 64, 67] {
            player.handle(&strike(0, key, None));
            render(&mut player, 4_800);
        }
        assert_sounds(&mut player, &[67.0], &[60.0, 64.0], "the last");
        player.handle(&note_off(64));
        assert_sounds(&mut player, &[67.0], &[60.0, 64.0], "another let go");
        player.handle(&note_off(67));
        assert_sounds(&mut player, &[60.0], &[64.0, 67.0], "back to the first");
        player.handle(&note_off(60));
        render(&mut player, 96_000);
        assert_eq!(player.num_sounding(), 0, "{mode:?}");
    }
}

#[test]
fn legato_goes_on_without_a_new_attack_and_mono_strikes_again() {
    let lowest_db = |mode| {
        let (_controller, mut player) = player();
        set(&mut player, |parameters| {
            parameters.key_mode = mode;
            parameters.width = 0.0;
            parameters.envelope = EnvelopeSettings {
                attack_ms: 200.0,
                ..EnvelopeSettings::default()
            };
        });
        player.handle(&strike(0, 60, None));
        render(&mut player, 48_000);
        player.handle(&strike(0, 62, None));
        render(&mut player, 480);
        let (left, _) = render(&mut player, 4_800);
        left.chunks_exact(960).map(rms_db).fold(f64::MAX, f64::min)
    };
    let (mono, legato) = (lowest_db(KeyMode::Mono), lowest_db(KeyMode::Legato));
    assert!(legato > mono + 6.0, "{mono} dB, {legato} dB");
}

#[test]
fn all_sound_off_ends_a_channel_within_5_ms_and_reset_lets_pedals_up() {
    let (_controller, mut player) = player();
    player.handle(&strike(4, 60, None));
    player.handle(&strike(5, 64, None));
    render(&mut player, 4_800);
    player.handle(&controller(4, 120, 0));
    render(&mut player, 241);
    assert_eq!(player.num_sounding(), 1);
    player.handle(&controller(5, 64, 127));
    player.handle(&Event::PitchBend {
        channel: 5,
        value: 1.0,
    });
    player.handle(&Event::NoteOff {
        channel: 5,
        key: 64,
        velocity: 0.0,
    });
    assert_sounds(&mut player, &[66.0], &[64.0], "held and bent");
    player.handle(&controller(5, 121, 0));
    render(&mut player, 96_000);
    assert_eq!(player.num_sounding(), 0);
}

#[test]
fn one_channel_is_the_mean_of_two() {
    let play = |player: &mut Player| {
        player.handle(&strike(0, 60, None));
        player.handle(&strike(1, 64, None));
    };
    let (_controller, mut stereo) = player();
    play(&mut stereo);
    let (left, right) = render(&mut stereo, 5_000);
    let (_controller, mut mono) = player();
    play(&mut mono);
    let mut samples = vec![0.0; 5_000];
    mono.render_mono_into(&mut samples, &mut [0.0; 333]);
    let mean = left
        .iter()
        .zip(&right)
        .map(|(left, right)| 0.5 * (left + right));
    assert!(mean.eq(samples.iter().copied()));
}
