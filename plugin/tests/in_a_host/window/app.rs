//! The program without a host: the same window, opened by itself.

use std::process::{Child, Command};
use std::time::Instant;

use super::looks::{self, INSTRUMENT, differing};
use super::{LOOK_AGAIN_AFTER, PATIENCE, SIZE, Screen};

/// Ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which the test says.
        let _gone = self.0.kill().and_then(|()| self.0.wait());
    }
}

#[test]
#[ignore = "needs the built program and a display: `cargo xtask test` runs it"]
fn on_a_display_the_program_without_a_host_looks_as_the_plugin() {
    let program = std::env::var_os("UNDERSTORY_APP")
        .expect("UNDERSTORY_APP names the program, which `cargo xtask bundle --app` makes");
    let screen = Screen::open();
    let child = Command::new(program)
        .args(["instrument", "--backend", "dummy"])
        .spawn();
    let mut running = Running(child.expect("the program starts"));
    let kept = looks::reference(&INSTRUMENT);
    let started = Instant::now();
    loop {
        let picture = screen.picture(SIZE);
        if differing(&INSTRUMENT, &picture, &kept).is_empty() {
            return;
        }
        assert!(
            running.0.try_wait().expect("it is asked").is_none(),
            "it has ended"
        );
        if started.elapsed() > PATIENCE {
            panic!("look at {}", looks::keep(&picture, "the app").display());
        }
        std::thread::sleep(LOOK_AGAIN_AFTER);
    }
}
