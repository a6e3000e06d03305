//! Streams of random events and parameters: whatever comes, the sound stays finite and bounded, does not depend on how
//! blocks are cut, and does not click.

#[path = "closed_form/fixture.rs"]
mod fixture;

use engine::descriptors::worst_click;
use engine::{
    EnvelopeCurves, EnvelopeSettings, Event, KeyMode, NoteAddress, NoteExpression, Player,
    PlayerConfig, PlayerParameters,
};
use fixture::{ClosedForm, note, note_on, peak_db, render, sawtooth};

/// No sample may pass this with the limiter on, dBFS.
const HIGHEST_PEAK_DB: f32 = 0.0;
/// How far a jump of any parameter may stand out of the sound, dB: a click 40 dB below a rich tone's peak reads 19.6.
const LARGEST_CLICK_DB: f64 = 19.6;

/// Numbers from a seed.
struct Dice(u32);

impl Dice {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = models::seeded::mix(self.0.wrapping_add(0x9E37_79B9));
        self.0 % end
    }

    fn unit(&mut self) -> f32 {
        self.below(1 << 20) as f32 / (1 << 20) as f32
    }

    /// Mostly between two bounds, often one of them.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        match self.below(4) {
            0 => low,
            1 => high,
            _ => low + self.unit() * (high - low),
        }
    }

    fn parameters(&mut self) -> PlayerParameters {
        PlayerParameters {
            corners: [None, Some([0, 1, 2, 3]), Some([0, 1, 0, 1])][self.below(3) as usize],
            morph_x: self.unit(),
            morph_y: self.unit(),
            envelope: EnvelopeSettings {
                attack_ms: self.between(0.0, 50.0),
                decay_ms: self.between(0.0, 100.0),
                sustain_level: self.unit(),
                release_ms: self.between(0.0, 400.0),
            },
            curves: EnvelopeCurves {
                attack: self.between(-1.0, 1.0),
                decay: self.between(-1.0, 1.0),
                release: self.between(-1.0, 1.0),
            },
            key_mode: [KeyMode::Poly, KeyMode::Poly, KeyMode::Mono, KeyMode::Legato]
                [self.below(4) as usize],
            max_voices: 1 + self.below(16) as usize,
            glide_ms: self.between(0.0, 300.0),
            bend_range_semitones: self.between(0.0, 96.0),
            mpe: self.below(2) == 0,
            velocity_share: self.unit(),
            touch_tilt_db: self.between(0.0, 12.0),
            touch_morph: self.unit(),
            transpose_semitones: self.below(97) as i32 - 48,
            a4_hz: self.between(220.0, 880.0),
            fine_cents: self.between(-100.0, 100.0),
            tilt_db: self.between(-12.0, 12.0),
            width: self.unit(),
            detune_cents: self.between(0.0, 100.0),
            reverb_size: self.unit(),
            reverb_mix: self.between(0.0, 1.0),
            output_gain_db: self.between(-30.0, 24.0),
            limiter: true,
        }
    }

    fn event(&mut self) -> Event {
        let channel = self.below(17) as u8;
        let key = self.below(130) as u8;
        let value = self.between(-0.2, 1.2);
        match self.below(16) {
            0..=4 => Event::NoteOn {
                channel: channel % 4,
                key,
                velocity: value,
                note_id: Some(i32::from(key)),
                seed: None,
            },
            5..=7 => Event::NoteOff {
                channel: channel % 4,
                key,
                velocity: value,
            },
            8 | 9 => Event::Controller {
                channel,
                number: self.below(128) as u8,
                value,
            },
            10 => Event::PitchBend {
                channel,
                value: 2.0 * value - 1.0,
            },
            11 => Event::ChannelPressure {
                channel,
                pressure: value,
            },
            12 => Event::Choke { channel, key },
            13 => Event::Sound {
                channel,
                slot: self.below(5) as u8,
            },
            14 if self.below(8) == 0 => [Event::AllNotesOff, Event::Reset][self.below(2) as usize],
            _ => Event::NoteExpression {
                address: NoteAddress {
                    note_id: (self.below(2) == 0).then_some(i32::from(key)),
                    channel: Some(channel % 4),
                    key: Some(key),
                },
                expression: match self.below(6) {
                    0 => NoteExpression::Tuning(24.0 * value - 12.0),
                    1 => NoteExpression::Brightness(value),
                    2 => NoteExpression::Pressure(value),
                    3 => NoteExpression::Pan(2.0 * value - 1.0),
                    4 => NoteExpression::Volume(30.0 * value - 20.0),
                    _ => NoteExpression::Vibrato(value),
                },
            },
        }
    }
}

fn rich() -> ClosedForm {
    ClosedForm {
        noise_db: |_, _| -60.0,
        ..sawtooth()
    }
}

/// Four sounds of a few keys each.
fn player(rate_hz: f64) -> (engine::Controller, Player) {
    let config = PlayerConfig {
        sample_rate_hz: rate_hz,
        max_voices: 16,
        num_sounds: 4,
        ..PlayerConfig::default()
    };
    let (mut controller, mut player) = engine::new(&config).unwrap();
    for (slot, key) in [
        (0, 40),
        (0, 60),
        (0, 80),
        (1, 60),
        (2, 48),
        (2, 72),
        (3, 66),
    ] {
        let form = if slot % 2 == 0 { rich() } else { sawtooth() };
        controller.send_note(slot, 1, note(&form, key)).unwrap();
    }
    player.take_arrivals();
    (controller, player)
}

/// What happens at which frame.
enum Act {
    Event(Event),
    Set(PlayerParameters),
}

fn stream(seed: u32, frames: usize) -> Vec<(usize, Act)> {
    let mut dice = Dice(seed);
    let (mut acts, mut frame) = (Vec::new(), 0);
    while frame < frames {
        let act = if dice.below(5) == 0 {
            Act::Set(dice.parameters())
        } else {
            Act::Event(dice.event())
        };
        acts.push((frame, act));
        if dice.below(3) > 0 {
            frame += dice.below(400) as usize;
        }
    }
    acts
}

/// Plays a stream in blocks, cut at its events.
fn play(
    rate_hz: f64,
    acts: &[(usize, Act)],
    frames: usize,
    mut block: impl FnMut() -> usize,
) -> Vec<f32> {
    let (_controller, mut player) = player(rate_hz);
    let mut parameters = PlayerParameters {
        limiter: true,
        ..PlayerParameters::default()
    };
    player.set_parameters(&parameters);
    let (mut left, mut right) = (vec![0.0; frames], vec![0.0; frames]);
    let (mut frame, mut next) = (0, 0);
    while frame < frames {
        let block_end = (frame + block()).min(frames);
        while frame < block_end {
            while next < acts.len() && acts[next].0 == frame {
                match &acts[next].1 {
                    Act::Event(event) => player.handle(event),
                    Act::Set(news) => parameters = *news,
                }
                // A reset sets the parameters back, the limiter too: hosts send them again.
                player.set_parameters(&parameters);
                next += 1;
            }
            let until = acts
                .get(next)
                .map_or(block_end, |(at, _)| (*at).min(block_end));
            player.render_into(&mut left[frame..until], &mut right[frame..until]);
            frame = until;
        }
    }
    left.extend(right);
    left
}

#[test]
fn random_streams_stay_finite_and_below_full_scale_at_every_sample_rate() {
    for (seed, rate_hz) in [
        (1, 22_050.0),
        (2, 44_100.0),
        (3, 48_000.0),
        (4, 96_000.0),
        (5, 192_000.0),
        (6, 48_000.0),
    ] {
        let acts = stream(seed, 48_000);
        let samples = play(rate_hz, &acts, 48_000, || 512);
        assert!(
            samples.iter().all(|sample| sample.is_finite()),
            "seed {seed}"
        );
        assert!(
            samples.iter().any(|sample| sample.abs() > 0.01),
            "seed {seed} is silent"
        );
        let peak = peak_db(&samples);
        assert!(peak <= HIGHEST_PEAK_DB, "seed {seed}: {peak} dBFS");
    }
}

#[test]
fn random_streams_sound_the_same_to_the_bit_however_blocks_are_cut() {
    const FRAMES: usize = 12_000;
    for (seed, rate_hz) in [(11, 44_100.0), (12, 48_000.0), (13, 96_000.0)] {
        let acts = stream(seed, FRAMES);
        let expected = play(rate_hz, &acts, FRAMES, || FRAMES);
        for size in [1, 64, 100, 4_096] {
            assert!(
                play(rate_hz, &acts, FRAMES, || size) == expected,
                "seed {seed}, {size}"
            );
        }
        let mut dice = Dice(seed);
        let random = || 1 + dice.below(300) as usize;
        assert!(
            play(rate_hz, &acts, FRAMES, random) == expected,
            "seed {seed}, random"
        );
    }
}

#[test]
fn every_parameter_that_jumps_under_a_held_chord_does_so_without_a_click() {
    type Change = fn(&mut PlayerParameters, bool);
    let changes: [(&str, Change); 10] = [
        ("morph x", |p, far| p.morph_x = f32::from(u8::from(far))),
        ("morph y", |p, far| p.morph_y = f32::from(u8::from(far))),
        ("tilt", |p, far| p.tilt_db = if far { 6.0 } else { -6.0 }),
        ("width", |p, far| p.width = f32::from(u8::from(far))),
        ("detune", |p, far| {
            p.detune_cents = if far { 50.0 } else { 0.0 }
        }),
        ("fine tune", |p, far| {
            p.fine_cents = if far { 100.0 } else { -100.0 }
        }),
        ("room size", |p, far| {
            (p.reverb_size, p.reverb_mix) = (f32::from(u8::from(far)), 0.5)
        }),
        ("room mix", |p, far| p.reverb_mix = f32::from(u8::from(far))),
        ("output", |p, far| {
            p.output_gain_db = if far { 0.0 } else { -40.0 }
        }),
        ("limiter", |p, far| p.limiter = far),
    ];
    for (name, change) in changes {
        let (_controller, mut player) = player(48_000.0);
        let mut parameters = PlayerParameters {
            corners: Some([0, 1, 2, 3]),
            ..PlayerParameters::default()
        };
        change(&mut parameters, false);
        player.set_parameters(&parameters);
        player.handle(&note_on(48, 0.6));
        player.handle(&note_on(60, 0.6));
        let (mut left, mut right) = render(&mut player, 14_400);
        for jump in 1..5 {
            change(&mut parameters, jump % 2 == 1);
            player.set_parameters(&parameters);
            let (more_left, more_right) = render(&mut player, 2_411);
            left.extend(more_left);
            right.extend(more_right);
        }
        for samples in [&left, &right] {
            let click = worst_click(samples, 4_800);
            assert!(click.excess_db < LARGEST_CLICK_DB, "{name}: {click:?}");
        }
    }
}

#[test]
fn the_room_rings_on_after_the_last_note_and_falls_silent_in_the_end() {
    let (_controller, mut player) = player(48_000.0);
    player.set_parameters(&PlayerParameters {
        reverb_mix: 0.5,
        reverb_size: 0.0,
        ..PlayerParameters::default()
    });
    player.handle(&note_on(60, 0.9));
    render(&mut player, 9_600);
    player.handle(&Event::Choke {
        channel: 0,
        key: 60,
    });
    render(&mut player, 480);
    assert_eq!(player.num_sounding(), 0);
    assert!(!player.is_silent());
    assert!(peak_db(&render(&mut player, 4_800).0) > -60.0);
    let mut seconds = 0;
    while !player.is_silent() {
        render(&mut player, 48_000);
        seconds += 1;
        assert!(seconds < 10);
    }
    assert!(
        render(&mut player, 480)
            .0
            .iter()
            .all(|&sample| sample == 0.0)
    );
}

#[test]
fn a_reset_empties_the_room_within_5_ms() {
    let (_controller, mut player) = player(48_000.0);
    player.set_parameters(&PlayerParameters {
        reverb_mix: 0.5,
        reverb_size: 1.0,
        ..PlayerParameters::default()
    });
    player.handle(&note_on(60, 0.9));
    render(&mut player, 48_000);
    player.handle(&Event::Reset);
    render(&mut player, 256);
    let (left, right) = render(&mut player, 4_800);
    assert!(left.iter().chain(&right).all(|&sample| sample == 0.0));
    assert!(player.is_silent());
}
