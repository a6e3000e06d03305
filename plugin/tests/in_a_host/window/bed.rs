//! The effect's window.

use clack_host::prelude::EventBuffer;

use super::looks::BED;
use super::{Open, Screen};
use crate::bed::stage::timeline;
use crate::built::built_entry;
use crate::host::{BED_ID, BLOCK, Host, RATE_HZ};

/// Beside the seed.
const THE_DICE: [i16; 2] = [636, 24];
/// On the mood pad: where the first mood lies, and where music is glad and wild.
const CALM: [i16; 2] = [166, 179];
const GLAD_AND_WILD: [i16; 2] = [225, 95];
const STEPS: i16 = 25;

fn active() -> Host {
    let mut host = Host::of_id(&built_entry(), BED_ID);
    host.activate(RATE_HZ, BLOCK);
    host
}

/// A timeline that stands at its start.
fn play(host: &mut Host) {
    let mut silence = vec![vec![0.0; BLOCK as usize]; 2];
    let standing = timeline(0, false);
    host.process_under(
        &EventBuffer::new(),
        &mut silence,
        2,
        BLOCK as usize,
        Some(&standing),
    );
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_the_beds_window_opens_again_and_again_and_looks_as_kept() {
    let screen = Screen::open();
    let mut host = active();
    for _ in 0..20 {
        let mut open = Open::new(&screen, &mut host, play);
        open.look_until_drawn();
    }
    let mut open = Open::new(&screen, &mut host, play);
    open.look_until_as_kept(&BED);
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_the_beds_dice_rolls_a_seed_and_its_pad_moves_the_mood() {
    let screen = Screen::open();
    let mut host = active();
    let seed = host.value("Seed");
    let mut open = Open::new(&screen, &mut host, play);
    open.look_until_drawn();
    screen.click(THE_DICE);
    open.look_until("another seed", |host, _| host.value("Seed") != seed);
    let before = (open.host.value("Valence"), open.host.value("Energy"));
    screen.press(CALM);
    let mut step = 0_i16;
    open.look_until("another mood", |host, _| {
        // A hand moves by small steps; a window that is drawn seldom would see a jump as a press at its end.
        step = (step + 1).min(STEPS);
        let on_the_way =
            |axis: usize| CALM[axis] + (GLAD_AND_WILD[axis] - CALM[axis]) * step / STEPS;
        screen.point([on_the_way(0), on_the_way(1)]);
        host.value("Valence") > before.0 + 0.2 && host.value("Energy") > before.1 + 0.2
    });
    screen.release(GLAD_AND_WILD);
}
