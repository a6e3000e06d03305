//! What a host may send while it plays, as bytes: events with any number in any field, parameters, blocks of any length.
//! The player must answer with numbers below full scale.

use std::sync::{Arc, OnceLock};

use engine::worker::bake;
use engine::{
    EnvelopeSettings, Event, KeyMode, Note, NoteAddress, NoteExpression, Player, PlayerConfig,
    PlayerParameters,
};
use models::{DEFAULT_TRUNCATION, SoundGenerator, SoundPoint};

use super::seeds::fixture;

/// Bytes of one step.
const STEP: usize = 12;
/// Frames of one input at most: long enough for rooms and envelopes, short enough for thousands of inputs.
const MOST_FRAMES: usize = 16_384;
const MOST_BLOCK: usize = 1_024;
/// With the limiter on no sample passes it.
const FULL_SCALE: f32 = 1.0;
const KEYS: [u8; 3] = [40, 60, 79];
const NUM_SLOTS: usize = 2;

/// Three short passages.
pub fn seeds() -> Vec<Vec<u8>> {
    let step = |kind: u8, channel: u8, key: u8, other: u8, first: f32, second: f32| {
        let mut bytes = vec![kind, channel, key, other];
        bytes.extend(first.to_le_bytes());
        bytes.extend(second.to_le_bytes());
        bytes
    };
    vec![
        [
            step(0, 0, 60, 1, 0.8, 0.0),
            step(17, 0, 0, 200, 0.0, 0.0),
            step(5, 0, 0, 0, 0.5, 0.0),
            step(17, 0, 0, 255, 0.0, 0.0),
            step(1, 0, 60, 0, 0.5, 0.0),
            step(17, 0, 0, 255, 0.0, 0.0),
        ]
        .concat(),
        [
            step(16, 1, 3, 7, 0.4, 0.6),
            step(0, 2, 40, 0, 1.0, 0.0),
            step(0, 2, 79, 0, 0.3, 0.0),
            step(4, 2, 64, 0, 1.0, 0.0),
            step(8, 2, 79, 2, 0.7, 0.0),
            step(17, 0, 0, 90, 0.0, 0.0),
            step(11, 0, 0, 0, 0.2, 0.4),
            step(17, 0, 0, 255, 0.0, 0.0),
            step(15, 0, 0, 0, 0.0, 0.0),
            step(17, 0, 0, 4, 0.0, 0.0),
        ]
        .concat(),
        [
            step(9, 0, 0, 1, 0.0, 0.0),
            step(0, 0, 60, 0, 0.6, 0.0),
            step(10, 0, 0, 0, -6.0, 0.0),
            step(12, 0, 0, 0, 0.3, 0.0),
            step(13, 0, 0, 0, 3.0, 0.0),
            step(17, 0, 0, 255, 0.0, 0.0),
            step(14, 0, 60, 0, 0.0, 0.0),
            step(17, 0, 0, 30, 0.0, 0.0),
        ]
        .concat(),
    ]
}

/// Plays the steps; never refuses.
///
/// # Panics
/// When a sample is no number or passes full scale.
pub fn play(bytes: &[u8]) -> Result<(), String> {
    let mut player = player().map_err(|error| error.to_string())?;
    let mut limited = PlayerParameters {
        limiter: true,
        ..PlayerParameters::default()
    };
    player.set_parameters(&limited);
    let (mut left, mut right) = (vec![0.0; MOST_BLOCK], vec![0.0; MOST_BLOCK]);
    let mut frames_left = MOST_FRAMES;
    for step in bytes.chunks_exact(STEP) {
        let step = Step(step);
        match step.kind() {
            16 => player.set_parameters(&step.parameters()),
            17 => {
                let frames = (usize::from(step.0[3]) * 4)
                    .min(frames_left)
                    .min(MOST_BLOCK);
                frames_left -= frames;
                render(&mut player, &mut left[..frames], &mut right[..frames]);
            }
            _ => player.handle(&step.event()),
        }
        // A reset sets the limiter back: hosts send parameters again.
        limited = PlayerParameters {
            limiter: true,
            ..*player.parameters()
        };
        player.set_parameters(&limited);
    }
    render(&mut player, &mut left, &mut right);
    Ok(())
}

/// As somebody in a hurry would: a channel is what the host says it is.
pub fn play_carelessly(bytes: &[u8]) {
    let mut held = [0_u32; 16];
    for step in bytes.chunks_exact(STEP) {
        if step[0] == 0 {
            held[usize::from(step[1])] += 1;
        }
    }
}

fn render(player: &mut Player, left: &mut [f32], right: &mut [f32]) {
    player.render_into(left, right);
    for sample in left.iter().chain(right.iter()) {
        assert!(sample.abs() <= FULL_SCALE, "a sample is {sample}");
    }
}

/// Notes of the test model, made once.
fn notes() -> &'static Vec<Arc<Note>> {
    static NOTES: OnceLock<Vec<Arc<Note>>> = OnceLock::new();
    NOTES.get_or_init(|| {
        let mut generator = SoundGenerator::load(fixture("toy.onnx")).unwrap();
        let point = SoundPoint::from_seed(1, DEFAULT_TRUNCATION, generator.manifest()).unwrap();
        let mut note = |key| Arc::new(bake::note(&mut generator, &point, 1, key).unwrap());
        KEYS.map(&mut note).to_vec()
    })
}

fn player() -> engine::Result<Player> {
    let config = PlayerConfig {
        max_voices: 8,
        num_sounds: NUM_SLOTS,
        ..PlayerConfig::default()
    };
    let (mut controller, mut player) = engine::new(&config)?;
    for note in notes() {
        controller.send_note(0, 1, Arc::clone(note))?;
    }
    player.take_arrivals();
    Ok(player)
}

/// Twelve bytes: kind, three small numbers, two of any size.
struct Step<'a>(&'a [u8]);

impl Step<'_> {
    fn kind(&self) -> u8 {
        self.0[0] % 18
    }

    fn float(&self, place: usize) -> f32 {
        let start = 4 + 4 * place;
        let bytes = self.0[start..start + 4].try_into();
        f32::from_le_bytes(bytes.unwrap_or_default())
    }

    fn event(&self) -> Event {
        let (channel, key, other) = (self.0[1], self.0[2], self.0[3]);
        let (first, second) = (self.float(0), self.float(1));
        match self.kind() {
            0 => Event::NoteOn {
                channel,
                key,
                velocity: first,
                note_id: (other % 2 == 1).then_some(i32::from(key)),
                seed: (other > 128).then_some(second.to_bits()),
            },
            1 => Event::NoteOff {
                channel,
                key,
                velocity: first,
            },
            2 => Event::Bend {
                channel,
                semitones: first,
            },
            3 => Event::Choke { channel, key },
            4 => Event::Controller {
                channel,
                number: key,
                value: first,
            },
            5 => Event::PitchBend {
                channel,
                value: first,
            },
            6 => Event::ChannelPressure {
                channel,
                pressure: first,
            },
            7 => Event::SustainPedal {
                channel,
                down: other % 2 == 1,
            },
            8 => self.expression(first),
            9 => Event::Sound {
                channel,
                slot: other,
            },
            10 => Event::Volume {
                channel,
                gain_db: first,
            },
            11 => Event::Envelope(EnvelopeSettings {
                attack_ms: first,
                decay_ms: second,
                sustain_level: first,
                release_ms: second,
            }),
            12 => Event::Width(first),
            13 => Event::OutputGain { gain_db: first },
            14 => Event::AllNotesOff,
            _ => Event::Reset,
        }
    }

    fn expression(&self, value: f32) -> Event {
        let [_, channel, key, other, ..] = *self.0 else {
            return Event::AllNotesOff;
        };
        Event::NoteExpression {
            address: NoteAddress {
                note_id: (other & 8 != 0).then_some(i32::from(key)),
                channel: (other & 16 != 0).then_some(channel),
                key: (other & 32 == 0).then_some(key),
            },
            expression: match other % 6 {
                0 => NoteExpression::Tuning(value),
                1 => NoteExpression::Brightness(value),
                2 => NoteExpression::Pressure(value),
                3 => NoteExpression::Pan(value),
                4 => NoteExpression::Volume(value),
                _ => NoteExpression::Vibrato(value),
            },
        }
    }

    fn parameters(&self) -> PlayerParameters {
        let [_, which, other, more, ..] = *self.0 else {
            return PlayerParameters::default();
        };
        let (first, second) = (self.float(0), self.float(1));
        let modes = [KeyMode::Poly, KeyMode::Mono, KeyMode::Legato];
        let mut parameters = PlayerParameters {
            corners: (which & 1 != 0).then_some([0, other % 3, more % 3, 0]),
            key_mode: modes[usize::from(which >> 1) % 3],
            max_voices: usize::from(more),
            mpe: which & 8 != 0,
            limiter: true,
            ..PlayerParameters::default()
        };
        match which >> 4 {
            0 => (parameters.morph_x, parameters.morph_y) = (first, second),
            1 => (parameters.glide_ms, parameters.bend_range_semitones) = (first, second),
            2 => (parameters.velocity_share, parameters.touch_tilt_db) = (first, second),
            3 => (parameters.touch_morph, parameters.a4_hz) = (first, second),
            4 => (parameters.fine_cents, parameters.tilt_db) = (first, second),
            5 => (parameters.width, parameters.detune_cents) = (first, second),
            6 => (parameters.reverb_size, parameters.reverb_mix) = (first, second),
            7 => parameters.output_gain_db = first,
            8 => parameters.transpose_semitones = first.to_bits() as i32,
            9 => (parameters.curves.attack, parameters.curves.release) = (first, second),
            _ => (parameters.reverb_mix, parameters.detune_cents) = (0.5, 20.0),
        }
        parameters
    }
}
