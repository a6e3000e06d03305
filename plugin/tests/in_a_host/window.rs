//! The windows of the built plugins on an X11 display: that they open again and again, what they look like, what a mouse does.

mod app;
mod bed;
mod looks;
mod screen;

use std::time::{Duration, Instant};

use clack_host::prelude::EventBuffer;

use crate::built::built_entry;
use crate::host::{BLOCK, Host, RATE_HZ};
use looks::{INSTRUMENT, Kept, differing};
use screen::{Picture, Screen};

/// The size that the editor is designed at.
const SIZE: [u16; 2] = [960, 600];
/// A display without a graphics card, on a busy machine, takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);
const LONGEST_PAINTING: Duration = Duration::from_secs(10);
/// A window that is still empty has one colour; text alone has dozens.
const FEW_COLORS: usize = 100;

/// In the list, on its third row.
const A_SOUND: [i16; 2] = [60, 227];
/// On the first control: its middle, and half way to its right end.
const A_SLIDER: [[i16; 2]; 2] = [[816, 103], [864, 103]];
const ITS_PARAMETER: &str = "Brightness";

/// An open editor, as a user has it in front of the eyes.
struct Open<'a> {
    screen: &'a Screen,
    host: &'a mut Host,
    /// What the host does between two looks.
    play: fn(&mut Host),
    window: u32,
}

impl<'a> Open<'a> {
    fn new(screen: &'a Screen, host: &'a mut Host, play: fn(&mut Host)) -> Self {
        let window = screen.new_window(SIZE);
        let size = host.open_editor(window);
        assert_eq!([size.width, size.height], SIZE.map(u32::from));
        Self {
            screen,
            host,
            play,
            window,
        }
    }

    /// Looks until it is as wanted; the host does what hosts do meanwhile.
    fn look_until(&mut self, what: &str, mut is_so: impl FnMut(&mut Host, &Picture) -> bool) {
        let started = Instant::now();
        loop {
            self.host.pump();
            (self.play)(self.host);
            let picture = self.screen.picture(SIZE);
            if is_so(self.host, &picture) {
                return;
            }
            if started.elapsed() > PATIENCE {
                let shown = looks::keep(&picture, what);
                panic!(
                    "{what}: not after {PATIENCE:?}; look at {}",
                    shown.display()
                );
            }
            std::thread::sleep(LOOK_AGAIN_AFTER);
        }
    }

    fn look_until_drawn(&mut self) {
        self.look_until("something is drawn", |_, picture| {
            picture.num_colors() > FEW_COLORS
        });
    }

    /// Looks until it is as kept, or keeps it as it is when references are written.
    fn look_until_as_kept(&mut self, kept: &Kept) {
        if looks::is_writing() {
            let started = Instant::now();
            // What is painted in the background comes in its own time.
            self.look_until("all is there", |_, _| started.elapsed() > LONGEST_PAINTING);
            looks::write_reference(kept, &self.screen.picture(SIZE));
        }
        let then = looks::reference(kept);
        self.look_until("the window as kept", |_, picture| {
            differing(kept, picture, &then).is_empty()
        });
    }
}

impl Drop for Open<'_> {
    /// Also when a test fails: a window that is still open must not outlive the library.
    fn drop(&mut self) {
        self.host.close_editor();
        self.screen.close_window(self.window);
    }
}

fn active() -> Host {
    let mut host = Host::of(&built_entry());
    host.activate(RATE_HZ, BLOCK);
    host
}

fn play(host: &mut Host) {
    host.process(&EventBuffer::new(), BLOCK as usize);
}

/// Name of the sound that the host would save.
fn sound_of(host: &mut Host) -> String {
    let settings = host.saved().settings();
    settings
        .sound()
        .map(|sound| sound.name.clone())
        .unwrap_or_default()
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_the_window_opens_a_hundred_times_and_draws_each_time() {
    let screen = Screen::open();
    let mut host = active();
    for _ in 0..100 {
        let mut open = Open::new(&screen, &mut host, play);
        open.look_until_drawn();
    }
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_the_window_looks_as_kept_once_its_keys_are_ready() {
    let screen = Screen::open();
    let mut host = active();
    let mut open = Open::new(&screen, &mut host, play);
    open.look_until_drawn();
    open.look_until_as_kept(&INSTRUMENT);
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_a_click_chooses_a_sound_and_a_drag_moves_a_parameter() {
    let screen = Screen::open();
    let mut host = active();
    let before = (sound_of(&mut host), host.value(ITS_PARAMETER));
    let mut open = Open::new(&screen, &mut host, play);
    open.look_until_drawn();
    screen.click(A_SOUND);
    open.look_until("another sound", |host, _| sound_of(host) != before.0);
    let [middle, [right, height]] = A_SLIDER;
    screen.press(middle);
    // A window that is drawn seldom sees a quick drag as a click: this hand goes on until it is seen.
    let mut step = 0_i16;
    open.look_until("a moved parameter", |host, _| {
        step = (step + 4).min(300);
        screen.point([right + step, height]);
        host.value(ITS_PARAMETER) > before.1 + 0.1
    });
    screen.release([right, height]);
}
