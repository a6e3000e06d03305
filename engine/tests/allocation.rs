//! The audio thread allocates and frees nothing: a counting allocator watches `handle` and `render_into`.
//!
//! Runs in debug and in release (`cargo test --release -p engine`): an alarm that release switches off is none.

#[path = "allocation/bed.rs"]
mod bed;
#[path = "closed_form/beds.rs"]
mod beds;
#[path = "closed_form/fixture.rs"]
mod fixture;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use engine::{
    EnvelopeSettings, Event, KeyMode, NoteAddress, NoteExpression, PlayerConfig, PlayerParameters,
    SoundChange, TuningTable,
};
use fixture::{ClosedForm, note, note_off, note_on, player_with, sawtooth};

/// Counts what a thread allocates and frees while it is watched.
struct CountingAllocator;

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    if WATCHED.try_with(Cell::get).unwrap_or(false) {
        let _ = COUNT.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: every call is passed on unchanged to the system's allocator; counting touches only thread-local cells, which
// do not allocate (const-initialised, no destructor).
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise about `layout` is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the pointer came from `alloc` above, that is from `System`, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        count();
        // SAFETY: as for `dealloc`; the caller's promise about `new_size` is passed on.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// Allocations and frees of this thread during a call.
fn count_during(work: impl FnOnce()) -> usize {
    COUNT.set(0);
    WATCHED.set(true);
    work();
    WATCHED.set(false);
    COUNT.get()
}

fn rich() -> ClosedForm {
    ClosedForm {
        noise_db: |_, _| -50.0,
        ..sawtooth()
    }
}

#[test]
fn the_alarm_rings_for_one_allocation_and_its_free() {
    let count = count_during(|| {
        std::hint::black_box(Box::new(std::hint::black_box(7u8)));
    });
    assert_eq!(count, 2);
}

#[test]
fn every_event_and_every_block_is_free_of_allocations() {
    let config = PlayerConfig {
        max_voices: 4,
        ..PlayerConfig::default()
    };
    let (_controller, mut player) = player_with(&config, &rich(), &[36, 60, 84]);
    let (mut left, mut right) = (vec![0.0; 480], vec![0.0; 480]);
    let count = count_during(|| {
        for round in 0..200u32 {
            let key = (round * 7 % 128) as u8;
            for event in [
                note_on(key, 0.8),
                Event::Bend {
                    channel: 0,
                    semitones: 0.3,
                },
                Event::SustainPedal {
                    channel: 0,
                    down: round % 3 == 0,
                },
                Event::Sound {
                    channel: 1,
                    slot: 3,
                },
                Event::NoteOn {
                    channel: 1,
                    key,
                    velocity: 0.2,
                    note_id: Some(1),
                    seed: Some(5),
                },
                Event::Volume {
                    channel: 0,
                    gain_db: -3.0,
                },
                Event::Expression {
                    channel: 0,
                    gain_db: f32::NAN,
                },
                Event::Pan {
                    channel: 0,
                    position: 0.4,
                },
                Event::Width(0.7),
                Event::OutputGain { gain_db: -1.0 },
                Event::Envelope(EnvelopeSettings::default()),
                note_off(key.wrapping_sub(7)),
            ] {
                player.handle(&event);
            }
            player.render_into(
                &mut left[..1 + round as usize],
                &mut right[..1 + round as usize],
            );
            if round % 50 == 49 {
                player.handle(&Event::AllNotesOff);
                player.render_into(&mut left, &mut right);
                player.handle(&Event::Reset);
            }
        }
    });
    assert_eq!(count, 0);
}

#[test]
fn everything_that_fingers_and_parameters_do_is_free_of_allocations() {
    let config = PlayerConfig {
        max_voices: 6,
        ..PlayerConfig::default()
    };
    let (mut controller, mut player) = player_with(&config, &rich(), &[36, 60, 84]);
    for slot in 1..4 {
        controller.send_note(slot, 2, note(&rich(), 60)).unwrap();
    }
    player.take_arrivals();
    let (mut left, mut right) = (vec![0.0; 480], vec![0.0; 480]);
    for round in 0..120u32 {
        controller.send_note(1, 2, note(&rich(), 60)).unwrap();
        controller.renew_sound(2, SoundChange::Moved).unwrap();
        controller.send_tuning(TuningTable::default()).unwrap();
        let share = round as f32 / 120.0;
        let key = (round * 5 % 128) as u8;
        let parameters = PlayerParameters {
            corners: Some([0, 1, 2, 3]),
            morph_x: share,
            morph_y: 1.0 - share,
            key_mode: [KeyMode::Poly, KeyMode::Mono, KeyMode::Legato][round as usize / 10 % 3],
            glide_ms: 50.0,
            mpe: round % 20 < 10,
            touch_tilt_db: 6.0,
            touch_morph: 0.5,
            tilt_db: share,
            detune_cents: 20.0 * share,
            reverb_size: share,
            reverb_mix: if round % 30 < 20 { 0.4 } else { 0.0 },
            output_gain_db: -share,
            limiter: true,
            ..PlayerParameters::default()
        };
        let address = NoteAddress {
            note_id: Some(3),
            ..NoteAddress::default()
        };
        let count = count_during(|| {
            player.set_parameters(&parameters);
            for number in 0..=127 {
                let value = share;
                player.handle(&Event::Controller {
                    channel: 3,
                    number,
                    value,
                });
            }
            for event in [
                Event::NoteOn {
                    channel: 1,
                    key,
                    velocity: 0.8,
                    note_id: Some(3),
                    seed: None,
                },
                note_on(key / 2, 0.8),
                Event::PitchBend {
                    channel: 1,
                    value: share,
                },
                Event::ChannelPressure {
                    channel: 1,
                    pressure: share,
                },
                Event::NoteExpression {
                    address,
                    expression: NoteExpression::Tuning(share),
                },
                Event::NoteExpression {
                    address,
                    expression: NoteExpression::Pan(share),
                },
                Event::Choke {
                    channel: 0,
                    key: key / 3,
                },
                note_off(key / 2),
            ] {
                player.handle(&event);
            }
            player.render_into(&mut left, &mut right);
            player.render_mono_into(&mut left, &mut right[..33]);
            if round % 40 == 39 {
                player.handle(&Event::Reset);
            }
        });
        assert_eq!(count, 0, "round {round}");
        controller.collect_trash();
    }
}

#[test]
fn notes_that_arrive_and_leave_under_sounding_voices_are_not_freed_by_the_player() {
    let (mut controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &[60]);
    let (mut left, mut right) = (vec![0.0; 256], vec![0.0; 256]);
    player.handle(&note_on(60, 0.8));
    for round in 0..20 {
        // Nothing but the rings keeps this note alive: a free on the player's side would show.
        controller.send_note(0, 2, note(&rich(), 60)).unwrap();
        let count = count_during(|| {
            for block in 0..round {
                player.render_into(&mut left, &mut right);
                if block == 3 {
                    player.handle(&Event::Reset);
                    player.handle(&note_on(60, 0.8));
                }
            }
        });
        assert_eq!(count, 0, "round {round}");
    }
    player.render_into(&mut left, &mut right);
    player.handle(&Event::AllNotesOff);
    let count = count_during(|| (0..400).for_each(|_| player.render_into(&mut left, &mut right)));
    assert_eq!((count, player.num_sounding()), (0, 0));
    // Round 0 renders nothing, so its note is still in the ring when round 1's arrives: 20 sent, all replace one.
    assert!(controller.collect_trash() >= 20);
}

#[test]
fn a_voice_that_outlives_its_note_in_the_table_sends_it_back_when_it_ends() {
    let (mut controller, mut player) = player_with(&PlayerConfig::default(), &rich(), &[60]);
    player.handle(&note_on(60, 0.8));
    let (mut left, mut right) = (vec![0.0; 256], vec![0.0; 256]);
    player.render_into(&mut left, &mut right);
    controller.send_note(0, 2, note(&rich(), 60)).unwrap();
    (0..400).for_each(|_| player.render_into(&mut left, &mut right));
    // Once by the table, once by the voice.
    assert_eq!(controller.collect_trash(), 2);
}
