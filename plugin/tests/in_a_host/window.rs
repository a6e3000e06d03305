//! The window of the built plugin on an X11 display: that it opens again and again, what it looks like, what a mouse does.

mod looks;
mod screen;

use std::time::{Duration, Instant};

use clack_host::prelude::EventBuffer;

use crate::built::built_entry;
use crate::host::{BLOCK, Host, RATE_HZ};
use looks::differing;
use screen::{Picture, Screen};

/// The size that the editor is designed at.
const SIZE: [u16; 2] = [960, 600];
/// A display without a graphics card, on a busy machine, takes its time.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);
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
    window: u32,
}

impl<'a> Open<'a> {
    fn new(screen: &'a Screen, host: &'a mut Host) -> Self {
        let window = screen.new_window(SIZE);
        let size = host.open_editor(window);
        assert_eq!([size.width, size.height], SIZE.map(u32::from));
        Self {
            screen,
            host,
            window,
        }
    }

    /// Looks until it is as wanted; the host does what hosts do meanwhile.
    fn look_until(&mut self, what: &str, mut is_so: impl FnMut(&mut Host, &Picture) -> bool) {
        let started = Instant::now();
        loop {
            self.host.pump();
            self.host.process(&EventBuffer::new(), BLOCK as usize);
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

    fn close(self) {
        self.host.close_editor();
        self.screen.close_window(self.window);
    }
}

fn active() -> Host {
    let mut host = Host::of(&built_entry());
    host.activate(RATE_HZ, BLOCK);
    host
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
        let mut open = Open::new(&screen, &mut host);
        open.look_until_drawn();
        open.close();
    }
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_the_window_looks_as_kept_once_its_keys_are_ready() {
    let screen = Screen::open();
    let mut host = active();
    let mut open = Open::new(&screen, &mut host);
    open.look_until_drawn();
    if looks::is_writing() {
        std::thread::sleep(Duration::from_secs(10));
        open.look_until_drawn();
        looks::write_reference(&screen.picture(SIZE));
    }
    let kept = looks::reference();
    open.look_until("the window as kept", |_, picture| {
        differing(picture, &kept).is_empty()
    });
    open.close();
}

#[test]
#[ignore = "needs the built bundles and a display: `cargo xtask test` runs it"]
fn on_a_display_a_click_chooses_a_sound_and_a_drag_moves_a_parameter() {
    let screen = Screen::open();
    let mut host = active();
    let before = (sound_of(&mut host), host.value(ITS_PARAMETER));
    let mut open = Open::new(&screen, &mut host);
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
    open.close();
}
