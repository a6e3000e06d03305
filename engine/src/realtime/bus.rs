//! What happens to all voices together: the room, the output gain, the limiter. Audio thread.
//!
//! Everything here goes frame by frame, or by 64 frames counted from the player's start, so that blocks do not show. It
//! adds no latency.

mod limiter;
mod reverb;

use super::TICK_FRAMES;
use super::ramp::Ramp;
use super::settings::Settings;
use reverb::Reverb;

/// Length of the room's fade when the player is reset, ms.
const FADE_MS: f64 = 5.0;

/// Everything behind the voices.
pub(crate) struct Bus {
    reverb: Reverb,
    /// Whether the room is heard: set at a grid line or where an event opens it, never in between, so that cuts of a
    /// block do not show in when it is emptied.
    is_open: bool,
    /// How far the room has opened to the sound, 0..=1: one that opens or closes in the middle of a sound takes it up and
    /// lets it go slowly, or the step would come back as its first echo.
    opening: f32,
    /// Frames until the room is emptied, while it fades.
    fade_left: Option<u32>,
    fade_frames: u32,
    /// The room's share when the fade began.
    faded_mix: f32,
}

impl Bus {
    /// An empty room with its memory.
    pub(crate) fn new(sample_rate_hz: f64) -> Self {
        Self {
            reverb: Reverb::new(sample_rate_hz),
            is_open: false,
            opening: 0.0,
            fade_left: None,
            fade_frames: ((FADE_MS * 0.001 * sample_rate_hz) as u32).max(1),
            faded_mix: 0.0,
        }
    }

    /// Whether nothing rings.
    pub(super) fn is_silent(&self) -> bool {
        self.reverb.is_asleep()
    }

    /// Fades the room out and empties it.
    pub(super) fn fade_out(&mut self, mix: f32) {
        if !self.reverb.is_asleep() {
            self.fade_left = Some(self.fade_frames);
            self.faded_mix = mix;
        }
    }

    /// Works on the voices' sum in place; `frame` is where it starts, counted from the player's start.
    pub(super) fn process(
        &mut self,
        left: &mut [f32],
        right: &mut [f32],
        frame: u64,
        settings: &Settings,
    ) {
        let length = settings.ramp_frames;
        let mut done = 0;
        while done < left.len() {
            let now = frame + done as u64;
            let to_grid = TICK_FRAMES - (now % TICK_FRAMES as u64) as usize;
            let end = (done + to_grid).min(left.len());
            let (left, right) = (&mut left[done..end], &mut right[done..end]);
            self.add_room(left, right, now, settings);
            apply_gain(left, right, now, &settings.output_gain, length);
            if settings.parameters.limiter {
                limiter::limit(left);
                limiter::limit(right);
            }
            done = end;
        }
    }

    /// At most up to the next grid line.
    fn add_room(&mut self, left: &mut [f32], right: &mut [f32], frame: u64, settings: &Settings) {
        let length = settings.ramp_frames;
        let mix = &settings.reverb_mix;
        let grid_start = frame - frame % TICK_FRAMES as u64;
        let is_heard = !mix.rests_at(0.0, frame, length) || self.fade_left.is_some();
        if frame == grid_start || is_heard {
            let opens = is_heard && !self.is_open;
            self.is_open = is_heard;
            if opens {
                // One that was set before the sound began takes all of it.
                let is_at_rest = mix.rests_at(mix.target(), frame, length);
                self.opening = if is_at_rest { 1.0 } else { 0.0 };
            }
        }
        if !self.is_open {
            return self.reverb.clear();
        }
        let step = (1.0 / length as f32).copysign(if mix.target() > 0.0 { 1.0 } else { -1.0 });
        let size = settings.reverb_size.value(grid_start, length);
        self.reverb.start_stretch(size);
        for (index, (left, right)) in left.iter_mut().zip(right.iter_mut()).enumerate() {
            let input = (*left, *right);
            let opening = self.opening;
            let feed = opening * opening * (3.0 - 2.0 * opening);
            let wet = self.reverb.next(input, feed);
            self.opening = (opening + step).clamp(0.0, 1.0);
            let (share, fading) = self.share(mix.value(frame + index as u64, length));
            // Both rise and fall without a step, and their powers sum to nearly 1.
            let dry_gain = if fading { 1.0 } else { 1.0 - share * share };
            let wet_gain = share * (2.0 - share);
            *left = input.0 * dry_gain + wet.0 * wet_gain;
            *right = input.1 * dry_gain + wet.1 * wet_gain;
        }
        let ends_grid = (frame + left.len() as u64).is_multiple_of(TICK_FRAMES as u64);
        if ends_grid {
            self.reverb.end_stretch();
        }
    }

    /// The room's share at this frame; while it fades, that of before the reset.
    fn share(&mut self, mix: f32) -> (f32, bool) {
        let Some(left) = self.fade_left else {
            return (mix, false);
        };
        let level = left as f32 / self.fade_frames as f32;
        if left <= 1 {
            self.fade_left = None;
            self.reverb.clear();
        } else {
            self.fade_left = Some(left - 1);
        }
        (self.faded_mix * level, true)
    }
}

fn apply_gain(left: &mut [f32], right: &mut [f32], frame: u64, gain: &Ramp, length: u64) {
    if gain.rests_at(1.0, frame, length) {
        return;
    }
    for (index, (left, right)) in left.iter_mut().zip(right).enumerate() {
        let gain = gain.value(frame + index as u64, length);
        *left *= gain;
        *right *= gain;
    }
}
