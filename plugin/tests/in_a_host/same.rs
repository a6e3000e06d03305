//! The same performance is the same samples: live, bounced, from the command line, whatever the block.

use std::time::{Duration, Instant};

use engine::worker::bake;
use engine::{Event, PlayerConfig, Wish, layer_of_velocity};
use models::{SoundGenerator, SoundRecipe};

use crate::host::{BLOCK, Heard, Host, Message, RATE_HZ};

const LENGTH: u64 = 48_000;
/// Keys and frames of a small performance, in the velocity that they are struck with.
const STRIKES: [(u64, u8, f64); 4] = [
    (0, 60, 0.8),
    (1_000, 90, 0.3),
    (7_777, 64, 0.6),
    (30_001, 60, 0.9),
];

fn performance() -> Vec<(u64, Message)> {
    let mut events: Vec<_> = STRIKES
        .iter()
        .flat_map(|&(frame, key, velocity)| {
            [
                (frame, Message::On(key, velocity)),
                (frame + 9_999, Message::Off(key)),
            ]
        })
        .chain([(12_345, Message::Midi([0xe0, 0, 0x60]))])
        .collect();
    events.sort_by_key(|(frame, _)| *frame);
    events
}

fn bounced(block: u64) -> Heard {
    let mut host = Host::new();
    host.set_offline();
    host.activate(RATE_HZ, block as u32);
    host.play(&performance(), LENGTH, block)
}

/// What `note` and `render` do, by the same public doors: bake, then play.
fn from_the_command_line() -> Heard {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../models");
    let model = models::newest_sound_model(&root.join("shipped")).expect("a shipped model");
    let mut generator = SoundGenerator::load(model).expect("it loads");
    let recipe = SoundRecipe::load(&root.join("sounds/clearing.toml")).expect("a sound");
    let point = recipe.point(generator.manifest()).expect("a point");
    let wishes = STRIKES.map(|(_, key, velocity)| Wish {
        slot: 0,
        layer: layer_of_velocity(velocity as f32) as u8,
        key,
    });
    let generators = std::slice::from_mut(&mut generator);
    let notes = bake::bake(generators, &[point], &wishes, &|_| {}).expect("notes");
    let (mut controller, mut player) = engine::new(&PlayerConfig {
        sample_rate_hz: RATE_HZ,
        max_voices: engine::MAX_VOICES,
        seed: 1,
        num_sounds: 1,
    })
    .expect("a player");
    for baked in notes {
        let layer = usize::from(baked.place.layer);
        controller.send_note(0, layer, baked.note).expect("room");
    }
    player.take_arrivals();
    let mut heard = Heard {
        left: vec![0.0; LENGTH as usize],
        right: vec![0.0; LENGTH as usize],
    };
    let mut done = 0;
    for (frame, message) in performance() {
        let frame = frame as usize;
        player.render_into(&mut heard.left[done..frame], &mut heard.right[done..frame]);
        done = frame;
        player.handle(&engine_event(message));
    }
    player.render_into(&mut heard.left[done..], &mut heard.right[done..]);
    heard
}

fn engine_event(message: Message) -> Event {
    let channel = 0;
    match message {
        Message::On(key, velocity) => Event::NoteOn {
            channel,
            key,
            velocity: velocity as f32,
            note_id: None,
            seed: None,
        },
        Message::Off(key) => Event::NoteOff {
            channel,
            key,
            velocity: 0.5,
        },
        // The wheel at 0x60 of 0x40 +- 0x40, two semitones wide.
        Message::Midi([0xe0, low, high]) => Event::Bend {
            channel,
            semitones: 2.0 * (f32::from(high) * 128.0 + f32::from(low) - 8192.0) / 8192.0,
        },
        other => panic!("{other:?} is in no performance"),
    }
}

#[test]
fn a_bounce_is_the_command_lines_sound_bit_for_bit_in_any_block() {
    let wanted = from_the_command_line();
    assert!(wanted.peak() > 1e-2);
    for block in [1, 64, u64::from(BLOCK), 4096] {
        assert!(bounced(block) == wanted, "blocks of {block}");
    }
}

/// Hosts exist that say live and render as fast as they can.
#[test]
fn before_the_clock_can_tell_live_from_bounced_the_right_notes_are_waited_for() {
    let strikes = performance();
    let first: Vec<_> = strikes
        .into_iter()
        .filter(|(frame, _)| *frame < LENGTH / 4)
        .collect();
    let mut wanted = Host::new();
    wanted.set_offline();
    wanted.activate(RATE_HZ, BLOCK);
    let wanted = wanted.play(&first, LENGTH, 512);
    // Keeps the model loaded: this is about notes.
    let _other = Host::ready();
    for block in [64, 512] {
        let mut host = Host::new();
        host.activate(RATE_HZ, BLOCK);
        assert!(host.play(&first, LENGTH, block) == wanted, "{block}");
    }
}

#[test]
fn live_is_the_bounce_bit_for_bit_once_the_keys_are_ready() {
    let wanted = bounced(u64::from(BLOCK));
    let mut host = Host::ready();
    let started = Instant::now();
    loop {
        host.reset();
        if host.play(&performance(), LENGTH, 128) == wanted {
            return;
        }
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "never the same"
        );
        // Until every key is ready others stand in for it.
        std::thread::sleep(Duration::from_millis(100));
        host.play(&[], 4 * LENGTH, 4096);
    }
}
