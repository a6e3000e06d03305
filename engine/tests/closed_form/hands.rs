//! Players of sines over two octaves, and what of them sounds. Used by the engine's tests of playing.
#![allow(dead_code, reason = "each test program uses its own part")]

use engine::{
    Controller, Event, NoteAddress, NoteExpression, Player, PlayerConfig, PlayerParameters,
};

use super::fixture::{player_with, render, sine};

pub const RATE_HZ: f64 = 48_000.0;
pub const KEYS: [u8; 25] = {
    let mut keys = [0; 25];
    let mut index = 0;
    while index < 25 {
        keys[index] = 48 + index as u8;
        index += 1;
    }
    keys
};

pub fn player() -> (Controller, Player) {
    player_with(&PlayerConfig::default(), &sine(), &KEYS)
}

pub fn set(player: &mut Player, change: impl FnOnce(&mut PlayerParameters)) {
    let mut parameters = *player.parameters();
    change(&mut parameters);
    player.set_parameters(&parameters);
}

pub fn strike(channel: u8, key: u8, note_id: Option<i32>) -> Event {
    Event::NoteOn {
        channel,
        key,
        velocity: 0.9,
        note_id,
        seed: None,
    }
}

pub fn controller(channel: u8, number: u8, seven_bits: u8) -> Event {
    Event::Controller {
        channel,
        number,
        value: f32::from(seven_bits) / 127.0,
    }
}

pub fn express(address: NoteAddress, expression: NoteExpression) -> Event {
    Event::NoteExpression {
        address,
        expression,
    }
}

pub fn id(note_id: i32) -> NoteAddress {
    NoteAddress {
        note_id: Some(note_id),
        ..NoteAddress::default()
    }
}

/// Level of a pitch in what sounds next, dB: a Hann-windowed half second at one frequency.
pub fn level_at(samples: &[f32], pitch: f64) -> f64 {
    let turn = std::f64::consts::TAU * 440.0 * ((pitch - 69.0) / 12.0).exp2() / RATE_HZ;
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (index, &sample) in samples.iter().enumerate() {
        let hann = 0.5 - 0.5 * (std::f64::consts::TAU * index as f64 / samples.len() as f64).cos();
        let (sine, cosine) = (turn * index as f64).sin_cos();
        real += hann * f64::from(sample) * cosine;
        imaginary += hann * f64::from(sample) * sine;
    }
    20.0 * (4.0 * real.hypot(imaginary) / samples.len() as f64).log10()
}

/// Asserts that of the pitches exactly the wanted ones sound.
pub fn assert_sounds(player: &mut Player, wanted: &[f64], silent: &[f64], what: &str) {
    render(player, 4_800);
    let (left, _) = render(player, 24_000);
    for &pitch in wanted {
        let level = level_at(&left, pitch);
        assert!(level > -40.0, "{what}: {pitch} is at {level:.0} dB");
    }
    for &pitch in silent {
        let level = level_at(&left, pitch);
        assert!(level < -60.0, "{what}: {pitch} is at {level:.0} dB");
    }
}
