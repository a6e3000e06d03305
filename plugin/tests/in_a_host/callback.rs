//! The callback allocates and frees nothing, whatever happens in it, framework included.

use std::time::Duration;

use models::seeded::unit;

use crate::counting::watched;
use crate::host::{BLOCK, Heard, Host, Message, RATE_HZ};

const STREAM: u32 = 902;

/// Blocks as a host asks for them that plays: one that is faster is waited for, and waiting allocates.
fn play_live(
    host: &mut Host,
    num_blocks: u64,
    mut events: impl FnMut(u64) -> Vec<(u64, Message)>,
) -> Heard {
    let mut heard = Heard::default();
    for block in 0..num_blocks {
        std::thread::sleep(Duration::from_secs_f64(f64::from(BLOCK) / RATE_HZ));
        heard.extend(&host.play(&events(block), u64::from(BLOCK), u64::from(BLOCK)));
    }
    heard
}

/// An instance that has seen its host play, and counts from then on.
fn live() -> Host {
    let mut host = Host::ready();
    let one_second = (RATE_HZ / f64::from(BLOCK)) as u64;
    play_live(&mut host, one_second, |_| Vec::new());
    host.num_allocations = 0;
    host
}

#[test]
fn the_alarm_rings_for_one_allocation_and_its_free() {
    let (_, count) = watched(|| std::hint::black_box(Box::new(std::hint::black_box(7_u8))));
    // The box came out of the watched call: it is freed outside.
    assert_eq!(count, 1);
    let (_, count) = watched(|| drop(std::hint::black_box(Box::new(std::hint::black_box(7_u8)))));
    assert_eq!(count, 2);
}

#[test]
fn notes_that_arrive_keys_and_automation_allocate_nothing_in_the_callback() {
    let mut host = live();
    let [morph_x, morph_y, tilt, output, timbre] =
        ["Morph X", "Morph Y", "Tilt", "Output", "Brightness"].map(|name| host.parameter(name));
    let heard = play_live(&mut host, 60, |block| {
        let share = unit(block as u32, STREAM, 0);
        let between = |parameter: &crate::host::Parameter| {
            let value = parameter.min + share * (parameter.max - parameter.min);
            Message::Set(parameter.id, value)
        };
        let key = 30 + (block % 60) as u8;
        vec![
            (0, Message::On(key, share.max(0.1))),
            (7, between(&morph_x)),
            (7, between(&morph_y)),
            (100, between(&tilt)),
            (200, Message::Midi([0xe0, 0, key])),
            // Moves every note: the workers send new ones while these sound.
            (
                300,
                if block % 20 == 0 {
                    between(&timbre)
                } else {
                    between(&output)
                },
            ),
            (301, Message::Off(key.saturating_sub(5))),
        ]
    });
    assert!(heard.is_finite());
    assert!(heard.peak() > 1e-3);
    assert_eq!(host.num_allocations, 0);
}

#[test]
fn ten_thousand_strikes_and_jumps_of_every_parameter_allocate_nothing_in_the_callback() {
    let mut host = live();
    let parameters = host.parameters();
    play_live(&mut host, 20, |block| {
        let jumps = (0_u32..).zip(&parameters).map(|(index, parameter)| {
            let share = unit(block as u32, STREAM, 1 + index);
            let value = parameter.min + share * (parameter.max - parameter.min);
            (u64::from(index), Message::Set(parameter.id, value))
        });
        let strikes = (0..if block == 10 { 10_000 } else { 0 }).map(|index: u64| {
            (
                index % u64::from(BLOCK),
                Message::On((index % 128) as u8, 1.0),
            )
        });
        let mut events: Vec<_> = jumps.chain(strikes).collect();
        events.sort_by_key(|(frame, _)| *frame);
        events
    });
    assert_eq!(host.num_allocations, 0);
}

#[test]
fn a_reset_and_blocks_of_other_sizes_allocate_nothing_in_the_callback() {
    let mut host = live();
    for length in [1, 17, 64, 511, 512, 0] {
        host.play(&[(0, Message::On(60, 0.8))], length, u64::from(BLOCK));
        host.reset();
    }
    assert_eq!(host.num_allocations, 0);
}
