//! Packages of the system: installed by apt when we may, otherwise one message with the exact line to type.

use crate::failure::Failure;
use crate::tool::Tool;

/// What `models prepare` renders notes with.
pub const CORPUS: [&str; 3] = [
    "libfluidsynth3",
    "fluid-soundfont-gm",
    "musescore-general-soundfont",
];

/// A whole DAW, to try the plugin in.
pub const DAW: [&str; 1] = ["ardour"];

/// Headers of ALSA and JACK, which the program without a host is built with.
pub const SOUND_DRIVERS: [&str; 3] = ["pkg-config", "libasound2-dev", "libjack-jackd2-dev"];

/// A display without a screen, with the graphics library and what windows need at run time: the editor's tests.
pub const DISPLAY: [&str; 11] = [
    "xvfb",
    "xauth",
    "libgl1",
    "libgl1-mesa-dri",
    "libglx-mesa0",
    "libx11-6",
    "libx11-xcb1",
    "libxcb1",
    "libxcursor1",
    "libxkbcommon0",
    "libxkbcommon-x11-0",
];

/// Those of the packages that are not installed. Where there is no dpkg nobody can tell: then none is called missing, and
/// the step that needs one says so itself.
pub fn missing<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    if Tool::new("dpkg-query")
        .args(["--version"])
        .answer()
        .is_none()
    {
        return Vec::new();
    }
    packages
        .iter()
        .copied()
        .filter(|package| !is_installed(package))
        .collect()
}

fn is_installed(package: &str) -> bool {
    Tool::new("dpkg-query")
        .args(["--show", "--showformat=${db:Status-Status}", package])
        .answer()
        .is_some_and(|status| status.trim() == "installed")
}

/// Installs packages.
///
/// # Errors
/// Exit code 4: without apt or without rights with the line to type, otherwise when apt fails.
pub fn bring(packages: &[&str]) -> Result<(), Failure> {
    let list = packages.join(" ");
    if Tool::new("apt-get").args(["--version"]).answer().is_none() {
        return Err(Failure::system(format!(
            "this system has no apt-get; install what Debian calls `{list}` with its own package manager and run again"
        )));
    }
    if !is_root() {
        return Err(Failure::system(format!(
            "system packages are missing; type `sudo apt-get install --yes {list}` and run again"
        )));
    }
    // A list that cannot be refreshed may still be good enough: the install itself decides.
    let _ = apt(&["update"])?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    if apt(&arguments)? {
        Ok(())
    } else {
        Err(Failure::system(format!(
            "apt-get could not install {list} (its words are above); check the network, or type `apt-get install {list}` to see why"
        )))
    }
}

fn apt(arguments: &[&str]) -> Result<bool, Failure> {
    Tool::new("apt-get")
        .args(["-qq"])
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()
}

fn is_root() -> bool {
    Tool::new("id")
        .args(["-u"])
        .answer()
        .is_some_and(|user| user.trim() == "0")
}
