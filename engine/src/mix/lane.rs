//! A lane: a player that sounds one note at a time. Worker threads; it decides nothing.
//!
//! Notes of a bed are dealt out to lanes so that no two of a lane overlap. So the samples of a lane at a place follow from
//! the one note that sounds there, wherever playing began, and lanes are summed in a fixed order: a bed can be entered
//! anywhere and gives the same bits. One player for all would sum its voices in the order in which they were free.

use std::sync::Arc;

use crate::controller::{Controller, PlayerConfig};
use crate::error::Result;
use crate::note::Note;
use crate::realtime::{EnvelopeSettings, Event, Player};

/// All of a lane's notes are of one sound.
const SLOT: usize = 0;
/// Every lane sounds on this channel.
const CHANNEL: u8 = 0;
/// A voice ends a tick or two after its envelope; a lane is free after that.
const SPARE_FRAMES: i64 = 256;
/// The envelope holds a key for at least this long, seconds, and takes at least this long to release.
const LEAST_HELD_S: f64 = 0.02;
const LEAST_RELEASE_S: f64 = 0.003;
/// Scratch for what is played to get somewhere.
const SCRATCH_FRAMES: usize = 4096;

/// A note on its frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct LaneNote {
    pub on_frame: i64,
    pub off_frame: i64,
    pub key: u8,
    pub velocity: f32,
    pub attack_ms: f32,
    pub release_ms: f32,
    pub seed: u32,
}

impl LaneNote {
    /// The first frame at which the lane is free again.
    pub fn free_frame(&self, sample_rate_hz: f64) -> i64 {
        let held = (LEAST_HELD_S * sample_rate_hz).ceil() as i64;
        let release_s = (1e-3 * f64::from(self.release_ms)).max(LEAST_RELEASE_S);
        let release = (release_s * sample_rate_hz).ceil() as i64;
        self.off_frame.max(self.on_frame + held) + release + SPARE_FRAMES
    }
}

/// What all notes of a lane share.
#[derive(Clone, Debug)]
pub(super) struct LaneSound {
    /// Baked notes by velocity layer.
    pub notes: Vec<(usize, Arc<Note>)>,
    /// -1 left .. 1 right.
    pub pan: f32,
    /// 0..1.
    pub width: f32,
    pub sample_rate_hz: f64,
}

/// One lane with its player.
pub(super) struct Lane {
    /// Index of the part whose gain the lane has.
    pub part: usize,
    sound: LaneSound,
    notes: Vec<LaneNote>,
    /// The player and the half that keeps its rings alive.
    player: Player,
    _controller: Controller,
    /// Index of the next note to start.
    next: usize,
    /// Frame at which the sounding note's key goes up, while it is down.
    off_frame: Option<i64>,
    position: i64,
    scratch: [Vec<f32>; 2],
}

impl Lane {
    /// `notes` in order, each free before the next starts.
    pub fn new(part: usize, sound: LaneSound, notes: Vec<LaneNote>) -> Result<Self> {
        let (controller, player) = fresh_player(&sound)?;
        Ok(Lane {
            part,
            sound,
            notes,
            player,
            _controller: controller,
            next: 0,
            off_frame: None,
            position: 0,
            scratch: [vec![0.0; SCRATCH_FRAMES], vec![0.0; SCRATCH_FRAMES]],
        })
    }

    /// Goes to a frame: the note that sounds there is played up to it.
    pub fn seek(&mut self, frame: i64) -> Result<()> {
        if self.player.num_sounding() > 0 {
            (self._controller, self.player) = fresh_player(&self.sound)?;
        }
        self.off_frame = None;
        let begun = self.notes.partition_point(|note| note.on_frame < frame);
        let sounding = begun
            .checked_sub(1)
            .filter(|&last| frame < self.notes[last].free_frame(self.sound.sample_rate_hz));
        match sounding {
            Some(last) => {
                self.next = last;
                self.position = self.notes[last].on_frame;
                self.run_to(frame);
            }
            None => {
                self.next = begun;
                self.position = frame;
            }
        }
        Ok(())
    }

    fn run_to(&mut self, frame: i64) {
        let [mut left, mut right] = std::mem::take(&mut self.scratch);
        while self.position < frame {
            let frames = ((frame - self.position) as usize).min(SCRATCH_FRAMES);
            self.render_into(&mut left[..frames], &mut right[..frames]);
        }
        self.scratch = [left, right];
    }

    /// Overwrites both slices with the next frames; false when nothing sounded in them.
    pub fn render_into(&mut self, left: &mut [f32], right: &mut [f32]) -> bool {
        let mut done = 0;
        let mut sounded = false;
        while done < left.len() {
            self.handle_due();
            let until = self
                .next_event()
                .min(self.position + (left.len() - done) as i64);
            let end = done + (until - self.position) as usize;
            let (left, right) = (&mut left[done..end], &mut right[done..end]);
            if self.player.num_sounding() > 0 {
                self.player.render_into(left, right);
                sounded = true;
            } else {
                left.fill(0.0);
                right.fill(0.0);
            }
            self.position = until;
            done = end;
        }
        sounded
    }

    fn next_event(&self) -> i64 {
        let on = self.notes.get(self.next).map(|note| note.on_frame);
        on.into_iter()
            .chain(self.off_frame)
            .min()
            .unwrap_or(i64::MAX)
    }

    fn handle_due(&mut self) {
        if self.off_frame.is_some_and(|frame| frame <= self.position) {
            self.off_frame = None;
            let key = self.notes[self.next - 1].key;
            self.player.handle(&Event::NoteOff {
                channel: CHANNEL,
                key,
                velocity: 0.5,
            });
        }
        let Some(note) = self.notes.get(self.next).copied() else {
            return;
        };
        if note.on_frame > self.position {
            return;
        }
        self.next += 1;
        self.off_frame = Some(note.off_frame);
        self.player.handle(&Event::Envelope(EnvelopeSettings {
            attack_ms: note.attack_ms,
            release_ms: note.release_ms,
            ..EnvelopeSettings::default()
        }));
        self.player.handle(&Event::NoteOn {
            channel: CHANNEL,
            key: note.key,
            velocity: note.velocity,
            note_id: None,
            seed: Some(note.seed),
        });
    }
}

fn fresh_player(sound: &LaneSound) -> Result<(Controller, Player)> {
    let (mut controller, mut player) = crate::new(&PlayerConfig {
        sample_rate_hz: sound.sample_rate_hz,
        max_voices: 1,
        seed: 0,
        num_sounds: 1,
    })?;
    for (layer, note) in &sound.notes {
        controller.send_note(SLOT, *layer, Arc::clone(note))?;
    }
    player.take_arrivals();
    player.handle(&Event::Pan {
        channel: CHANNEL,
        position: sound.pan,
    });
    player.handle(&Event::Width(sound.width));
    Ok((controller, player))
}
