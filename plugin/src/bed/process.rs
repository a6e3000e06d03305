//! The bed's audio callback: finds its place, plays the bed from pages that have come, ducks it under what comes in.
//!
//! Audio thread. Nothing here allocates, frees, locks or waits; the one wait there is, for hosts that render faster than
//! time, stands in `waiting`. What the callback works on is made in `playback`.

use std::time::Instant;

use engine::realtime::{CHUNK_FRAMES, ChunkGains};
use nice_plug::prelude::*;

use super::live::{BlockFigures, Clock};
use super::params::{BedParams, gain};
use super::playback::Playback;
use super::waiting::{self, Wanted};

/// Factors per frame of a chunk.
struct Gains {
    voice: [f32; CHUNK_FRAMES],
    bed: [f32; CHUNK_FRAMES],
}

impl Playback {
    /// Replaces the voice in the host's buffer by voice and bed.
    ///
    /// # Real-time
    /// Safe, but waits for pages when the host renders faster than time.
    pub(super) fn process(&mut self, buffer: &mut Buffer, transport: &Transport) {
        let num_frames = buffer.samples();
        let longest_wait = self.pace.longest_wait(num_frames);
        self.follow_order();
        let params = &self.hub.persisted.params;
        let live = &self.hub.live;
        let voice = buffer.as_slice_immutable();
        let (clock, frame) = self.position.next(transport, params, live, voice);
        live.set_position(clock, frame);
        let frame = (clock != Clock::Stopped).then_some(frame);
        live.set_range(transport.loop_range_samples());
        self.playhead.take_arrivals();
        if let (Some(frame), Some(longest)) = (frame, longest_wait) {
            let wanted = Wanted {
                tag: self.tag,
                frame,
                num_frames,
            };
            let started = Instant::now();
            waiting::wait_for(&mut self.playhead, &self.hub.desk, &wanted, longest);
            self.pace.leave_out(started.elapsed());
        }
        self.under
            .set_duck(&self.hub.persisted.params.duck.settings());
        self.play(buffer, frame);
        self.note_block(frame, num_frames);
    }

    fn play(&mut self, buffer: &mut Buffer, frame: Option<i64>) {
        let num_frames = buffer.samples();
        let mut done = 0;
        while done < num_frames {
            let frames = (num_frames - done).min(CHUNK_FRAMES);
            let frame = frame.map(|frame| frame.saturating_add(done as i64));
            self.playhead.render_into(frame, &mut self.layers, frames);
            let gains = gains(&self.hub.persisted.params, frames);
            let gains = ChunkGains {
                voice: &gains.voice,
                bed: &gains.bed,
            };
            let channels = buffer.as_slice();
            let place = (done, done + frames);
            self.under.process(channels, place, &self.layers, &gains);
            done += frames;
        }
    }

    fn note_block(&mut self, frame: Option<i64>, num_frames: usize) {
        let levels = self.under.take_levels();
        let is_sounding = self.playhead.is_sounding();
        self.hub.live.note_block(&BlockFigures {
            peaks: [levels.voice_peak, levels.bed_peak],
            duck_amount: self.under.duck_amount() as f32,
            is_speech: self.under.is_speech(),
            is_late: self.playhead.is_late(),
            place: frame.and_then(|frame| self.place(frame, num_frames)),
        });
        self.hub.repaint.request_repaint_with(is_sounding);
    }
}

impl Playback {
    /// Shares of the bed's length at a frame, and so many later.
    fn place(&self, frame: i64, num_frames: usize) -> Option<[f32; 2]> {
        let edition = self.playhead.newest()?;
        let frame = if edition.is_loop {
            frame.rem_euclid(edition.length_frames)
        } else {
            frame
        };
        let length = edition.length_frames as f32;
        let share = frame as f32 / length;
        let is_inside = (0.0..1.0).contains(&share);
        is_inside.then_some([share, share + num_frames as f32 / length])
    }
}

fn gains(params: &BedParams, num_frames: usize) -> Gains {
    let levels = &params.levels;
    let mut gains = Gains {
        voice: [0.0; CHUNK_FRAMES],
        bed: [0.0; CHUNK_FRAMES],
    };
    let mut output = [0.0; CHUNK_FRAMES];
    fill(&levels.output_db, &mut output[..num_frames]);
    fill(&levels.voice_db, &mut gains.voice[..num_frames]);
    fill(&levels.bed_db, &mut gains.bed[..num_frames]);
    for side in [&mut gains.voice, &mut gains.bed] {
        for (side, output) in side.iter_mut().zip(&output[..num_frames]) {
            *side *= output;
        }
    }
    gains
}

/// Factors of a level, one by one only while it moves.
fn fill(level_db: &FloatParam, gains: &mut [f32]) {
    if level_db.smoothed.is_smoothing() {
        for place in gains {
            *place = gain(level_db.smoothed.next());
        }
    } else {
        gains.fill(gain(level_db.value()));
    }
}
