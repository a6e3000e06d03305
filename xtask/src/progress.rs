//! Progress bars on stderr for people: hidden with `--json` and when nobody watches.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::flags::Common;

/// Steps a bar of shares is divided into.
const SHARE_STEPS: u64 = 1000;

/// A bar that counts to `length` things.
pub fn counted(common: &Common, title: &str, length: usize) -> ProgressBar {
    bar(
        common,
        title,
        length as u64,
        "{msg:<28} {bar:32} {pos}/{len}  {eta}",
    )
}

/// A bar that goes from 0 to 1; set it by [`set_share`].
pub fn share(common: &Common, title: &str) -> ProgressBar {
    bar(
        common,
        title,
        SHARE_STEPS,
        "{msg:<28} {bar:32} {percent} %  {eta}",
    )
}

/// Moves a bar made by [`share`].
pub fn set_share(bar: &ProgressBar, share: f64) {
    bar.set_position((share.clamp(0.0, 1.0) * SHARE_STEPS as f64) as u64);
}

fn bar(common: &Common, title: &str, length: u64, template: &str) -> ProgressBar {
    let target = if common.json || !std::io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr_with_hz(10)
    };
    let bar = ProgressBar::with_draw_target(Some(length), target);
    // A template that does not parse would only look plainer.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(title.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
