//! A bed as samples: notes dealt out to lanes, parts balanced, a hall around them. Worker or command line.
//!
//! [`BedRenderer::seek`] goes anywhere and what follows is the same to the bit as when played from the start: lanes depend
//! on the one note that sounds in them, the hall on its last few seconds, all on a grid of absolute frames.

use std::sync::Mutex;

use super::deal::deal;
use super::hall::{self, BLOCK_FRAMES, Hall};
use super::lane::Lane;
use super::settings::{MixSettings, NUM_PARTS, PartMix};
use crate::error::Result;
use crate::realtime::{Wish, layer_of_velocity};
use crate::score::compose::{Bed, BedPart};
use crate::worker::bake::BakedNote;

/// Frames of a page: what is rendered ahead is cut where the renderer cuts.
pub(crate) const PAGE_FRAMES: usize = BLOCK_FRAMES;
/// Blocks rendered at a time by several threads: more would only take more memory.
const SPAN_BLOCKS: usize = 16;

/// Stereo samples of a bed, in the layers that ducking treats apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    /// Pad and bass.
    pub ground: [Vec<f32>; 2],
    /// Pulse, motif and lift.
    pub foreground: [Vec<f32>; 2],
    /// The room.
    pub hall: [Vec<f32>; 2],
}

impl Layers {
    /// Silence of this many frames.
    pub fn new(num_frames: usize) -> Self {
        let silence = || [vec![0.0; num_frames], vec![0.0; num_frames]];
        Layers {
            ground: silence(),
            foreground: silence(),
            hall: silence(),
        }
    }

    /// Frames.
    pub fn num_frames(&self) -> usize {
        self.ground[0].len()
    }

    /// Every channel of every layer.
    pub(crate) fn channels(&self) -> [&[f32]; 6] {
        let [ground, foreground, hall] = [&self.ground, &self.foreground, &self.hall];
        [
            &ground[0],
            &ground[1],
            &foreground[0],
            &foreground[1],
            &hall[0],
            &hall[1],
        ]
    }

    /// The same, to be written to.
    pub(crate) fn channels_mut(&mut self) -> [&mut [f32]; 6] {
        let [ground_left, ground_right] = &mut self.ground;
        let [foreground_left, foreground_right] = &mut self.foreground;
        let [hall_left, hall_right] = &mut self.hall;
        [
            ground_left,
            ground_right,
            foreground_left,
            foreground_right,
            hall_left,
            hall_right,
        ]
    }

    fn all(&mut self) -> [&mut [Vec<f32>; 2]; 3] {
        [&mut self.ground, &mut self.foreground, &mut self.hall]
    }
}

/// Every note that a bed needs, each once; the slot is the part's number.
pub fn wishes(bed: &Bed) -> Vec<Wish> {
    let mut needed: Vec<(u8, u8, u8)> = bed
        .notes
        .iter()
        .map(|note| {
            let layer = layer_of_velocity(note.velocity) as u8;
            (note.part.index() as u8, layer, note.key)
        })
        .collect();
    needed.sort_unstable();
    needed.dedup();
    needed
        .into_iter()
        .map(|(slot, layer, key)| Wish { slot, layer, key })
        .collect()
}

/// Plays a bed from any place.
pub struct BedRenderer {
    lanes: Vec<Mutex<Lane>>,
    gains: [f32; NUM_PARTS],
    sends: [f32; NUM_PARTS],
    hall: [Hall; 2],
    num_threads: usize,
    /// Start of what is in `pending`.
    pending_start: i64,
    pending: Layers,
    /// Next frame to hand out.
    position: i64,
    length_frames: i64,
    /// Frames before the end in which the room fades out.
    fade_frames: i64,
    is_loop: bool,
}

impl BedRenderer {
    /// A renderer that stands at frame 0. `notes` are baked from [`wishes`].
    ///
    /// # Errors
    /// `Error::Request` for a sample rate or hall outside the limits.
    pub fn new(bed: &Bed, notes: &[BakedNote], settings: &MixSettings) -> Result<Self> {
        let sample_rate_hz = f64::from(settings.sample_rate_hz);
        let lanes = deal(bed, notes, settings)?;
        let factor = |db: f64| 10_f64.powf(db / 20.0) as f32;
        let gain = |part: &PartMix| {
            if part.is_muted {
                0.0
            } else {
                factor(part.gain_db)
            }
        };
        let mut renderer = BedRenderer {
            lanes: lanes.into_iter().map(Mutex::new).collect(),
            gains: settings.parts.map(|part| gain(&part)),
            sends: settings
                .parts
                .map(|part| gain(&part) * factor(part.send_db)),
            hall: hall::stereo(&settings.hall, sample_rate_hz)?,
            num_threads: settings.num_threads.max(1),
            pending_start: 0,
            pending: Layers::new(0),
            position: 0,
            length_frames: length_frames(bed, settings.sample_rate_hz),
            fade_frames: fade_frames(bed, settings.sample_rate_hz),
            is_loop: bed.is_loop,
        };
        renderer.seek(0)?;
        Ok(renderer)
    }

    /// Exact length in frames.
    pub fn length_frames(&self) -> u64 {
        self.length_frames as u64
    }

    /// Whether the end runs into the start.
    pub fn is_loop(&self) -> bool {
        self.is_loop
    }

    /// Goes to a frame. In a loop any frame is taken by its place in the round.
    ///
    /// # Errors
    /// `Error::Request` when the players cannot be made anew.
    pub fn seek(&mut self, frame: u64) -> Result<()> {
        let frame = i64::try_from(frame).unwrap_or(i64::MAX);
        let frame = if self.is_loop {
            frame % self.length_frames.max(1)
        } else {
            frame.min(self.length_frames)
        };
        let block = BLOCK_FRAMES as i64;
        let memory = self.hall[0].memory_blocks() as i64 * block;
        // A bed that ends has silence before it; a loop has its own end there.
        let earliest = if self.is_loop { i64::MIN / 2 } else { 0 };
        let start = (frame - memory).max(earliest).div_euclid(block) * block;
        for channel in &mut self.hall {
            channel.clear();
        }
        for lane in &mut self.lanes {
            let lane = lane.get_mut().unwrap_or_else(|broken| broken.into_inner());
            lane.seek(start)?;
        }
        self.pending_start = start;
        self.pending = Layers::new(0);
        self.position = frame;
        Ok(())
    }

    /// Overwrites all layers with the next frames. After the end of a bed there is silence; a loop goes round.
    ///
    /// # Errors
    /// As [`BedRenderer::seek`], at the end of a loop's round.
    pub fn render_into(&mut self, layers: &mut Layers) -> Result<()> {
        let mut done = 0;
        while done < layers.num_frames() {
            if self.is_loop && self.position >= self.length_frames {
                self.seek(0)?;
            }
            let pending_end = self.pending_start + self.pending.num_frames() as i64;
            if self.position >= pending_end {
                self.render_span();
                continue;
            }
            let limit = if self.is_loop {
                self.length_frames
            } else {
                i64::MAX
            };
            let frames =
                ((pending_end.min(limit) - self.position) as usize).min(layers.num_frames() - done);
            let from = (self.position - self.pending_start) as usize;
            let pairs = layers.all().into_iter().zip(self.pending.all());
            for (layer, pending) in pairs {
                for (layer, pending) in layer.iter_mut().zip(pending.iter()) {
                    layer[done..done + frames].copy_from_slice(&pending[from..from + frames]);
                }
            }
            self.fade_out(layers, done, frames);
            self.position += frames as i64;
            done += frames;
        }
        Ok(())
    }

    /// Brings the room's tail down inside the length; silence follows. A function of the frame alone.
    fn fade_out(&self, layers: &mut Layers, done: usize, frames: usize) {
        let fade_start = self.length_frames - self.fade_frames;
        if self.is_loop || self.position + (frames as i64) <= fade_start {
            return;
        }
        let gains: Vec<f32> = (0..frames as i64)
            .map(|frame| {
                let left = self.length_frames - (self.position + frame);
                let share = (left as f64 / self.fade_frames.max(1) as f64).clamp(0.0, 1.0);
                (0.5 - 0.5 * (std::f64::consts::PI * share).cos()) as f32
            })
            .collect();
        for layer in layers.all() {
            for channel in layer {
                let samples = &mut channel[done..done + frames];
                for (sample, gain) in samples.iter_mut().zip(&gains) {
                    *sample *= gain;
                }
            }
        }
    }

    /// Renders what follows `pending` in its place.
    fn render_span(&mut self) {
        let blocks = if self.num_threads > 1 { SPAN_BLOCKS } else { 1 };
        let num_frames = blocks * BLOCK_FRAMES;
        self.pending_start += self.pending.num_frames() as i64;
        if self.pending.num_frames() != num_frames {
            self.pending = Layers::new(num_frames);
        }
        let played = play(&self.lanes, self.num_threads, num_frames);
        for layer in self.pending.all() {
            for channel in layer {
                channel.fill(0.0);
            }
        }
        // In the order of the lanes, whichever thread was ready first.
        for (part, samples) in played.iter().flatten() {
            let (gain, send) = (self.gains[*part], self.sends[*part]);
            let layer = if BedPart::ALL[*part].is_foreground() {
                &mut self.pending.foreground
            } else {
                &mut self.pending.ground
            };
            for (channel, samples) in samples.iter().enumerate() {
                add_scaled(&mut layer[channel], samples, gain);
                add_scaled(&mut self.pending.hall[channel], samples, send);
            }
        }
        for (hall, samples) in self.hall.iter_mut().zip(&mut self.pending.hall) {
            for block in samples.chunks_mut(BLOCK_FRAMES) {
                hall.process(block);
            }
        }
    }
}

/// A lane's part and samples; `None` for a silent one.
type Played = Option<(usize, [Vec<f32>; 2])>;

/// Every lane's next frames, in the order of the lanes.
fn play(lanes: &[Mutex<Lane>], num_threads: usize, num_frames: usize) -> Vec<Played> {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let results: Vec<Mutex<Played>> = lanes.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while let (index, Some(lane)) = {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            (index, lanes.get(index))
        } {
            let mut lane = lane.lock().unwrap_or_else(|broken| broken.into_inner());
            let mut samples = [vec![0.0; num_frames], vec![0.0; num_frames]];
            let [left, right] = &mut samples;
            if lane.render_into(left, right) {
                let mut result = results[index]
                    .lock()
                    .unwrap_or_else(|broken| broken.into_inner());
                *result = Some((lane.part, samples));
            }
        }
    };
    if num_threads > 1 {
        std::thread::scope(|scope| {
            for _ in 1..num_threads {
                scope.spawn(work);
            }
            work();
        });
    } else {
        work();
    }
    results
        .into_iter()
        .map(|result| {
            result
                .into_inner()
                .unwrap_or_else(|broken| broken.into_inner())
        })
        .collect()
}

fn add_scaled(sum: &mut [f32], samples: &[f32], gain: f32) {
    for (sum, sample) in sum.iter_mut().zip(samples) {
        *sum += gain * sample;
    }
}

/// Frames of a bed at a sample rate.
pub fn length_frames(bed: &Bed, sample_rate_hz: u32) -> i64 {
    frame_of(bed.length_s, sample_rate_hz)
}

/// The fade at the end: part of the last chord's time, never longer than a breath.
fn fade_frames(bed: &Bed, sample_rate_hz: u32) -> i64 {
    const LONGEST_S: f64 = 1.2;
    const SHARE: f64 = 0.4;
    let ending_s = bed
        .sections
        .last()
        .filter(|section| section.is_ending)
        .map_or(0.0, |section| section.end_s - section.start_s);
    frame_of((SHARE * ending_s).min(LONGEST_S), sample_rate_hz)
}

pub(super) fn frame_of(time_s: f64, sample_rate_hz: u32) -> i64 {
    (time_s * f64::from(sample_rate_hz)).round() as i64
}
