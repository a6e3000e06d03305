//! The bytes of a Standard MIDI File as one list of channel messages with ticks. Knows nothing of what they mean.

use midly::{Format, MetaMessage, MidiMessage, Timing, TrackEventKind};

use super::MAX_EVENTS;
use super::tempo::{TempoChange, TempoMap};
use crate::error::{Error, Result};

/// A file, its tracks merged.
pub(super) struct MidiFile {
    /// Sorted by tick; within a tick by track, then by place in the track.
    pub messages: Vec<ChannelMessage>,
    pub tempo: TempoMap,
    /// Tick of the last event of any track.
    pub end_tick: u64,
    pub warnings: Vec<String>,
}

/// A message to one channel.
#[derive(Clone, Copy)]
pub(super) struct ChannelMessage {
    pub tick: u64,
    pub channel: u8,
    pub message: MidiMessage,
}

pub(super) fn read(bytes: &[u8]) -> Result<MidiFile> {
    if bytes.is_empty() {
        return Err(Error::score(
            "the MIDI file is empty (0 bytes)",
            "export it again",
        ));
    }
    refuse_impossible_frame_rate(bytes)?;
    let (header, tracks) = midly::parse(bytes).map_err(|error| {
        Error::score(
            format!("this is no MIDI file ({error})"),
            "give a Standard MIDI File, usually named .mid",
        )
    })?;
    if header.format == Format::Sequential {
        return Err(Error::score(
            "the MIDI file is of format 2 (independent patterns), which has no single timeline",
            "export it as format 0 or 1",
        ));
    }
    let mut reading = Reading::default();
    for (index, track) in tracks.enumerate() {
        let events = track.map_err(|error| {
            Error::score(
                format!(
                    "track {} of the MIDI file cannot be read ({error})",
                    index + 1
                ),
                "export it again",
            )
        })?;
        reading.track(index, events)?;
    }
    reading.finish(header.timing)
}

/// A frame rate byte of -128 overflows inside midly 0.5.3 (a panic in debug builds), in any header chunk of the file.
fn refuse_impossible_frame_rate(bytes: &[u8]) -> Result<()> {
    const FRAME_RATE_OFFSET: usize = 12;
    const IMPOSSIBLE: u8 = 0x80;
    let impossible = bytes
        .windows(FRAME_RATE_OFFSET + 1)
        .any(|header| header.starts_with(b"MThd") && header[FRAME_RATE_OFFSET] == IMPOSSIBLE);
    if impossible {
        return Err(Error::score(
            "the MIDI file's header asks for 128 frames per second, which MIDI does not have",
            "export it again with another program",
        ));
    }
    Ok(())
}

#[derive(Default)]
struct Reading {
    messages: Vec<ChannelMessage>,
    tempo_changes: Vec<TempoChange>,
    num_events: usize,
    end_tick: u64,
    warnings: Vec<String>,
}

impl Reading {
    fn track(&mut self, index: usize, events: midly::EventIter<'_>) -> Result<()> {
        let mut tick = 0_u64;
        let mut ended = false;
        for event in events.flatten() {
            self.num_events += 1;
            if self.num_events > MAX_EVENTS {
                return Err(Error::score(
                    format!("the MIDI file has more than {MAX_EVENTS} events"),
                    "cut it into shorter files",
                ));
            }
            tick += u64::from(event.delta.as_int());
            match event.kind {
                TrackEventKind::Midi { channel, message } => self.messages.push(ChannelMessage {
                    tick,
                    channel: channel.as_int(),
                    message,
                }),
                TrackEventKind::Meta(MetaMessage::Tempo(us_per_beat)) => {
                    self.tempo_changes.push(TempoChange {
                        tick,
                        us_per_beat: us_per_beat.as_int(),
                    });
                }
                TrackEventKind::Meta(MetaMessage::EndOfTrack) => {
                    ended = true;
                    break;
                }
                _ => {}
            }
        }
        self.end_tick = self.end_tick.max(tick);
        if !ended {
            self.warnings.push(format!(
                "track {} breaks off at tick {tick} without an end mark; what came before is played",
                index + 1
            ));
        }
        Ok(())
    }

    fn finish(mut self, timing: Timing) -> Result<MidiFile> {
        // Both sorts are stable: messages of one tick stay in the order of tracks, then of the file.
        self.messages.sort_by_key(|message| message.tick);
        self.tempo_changes.sort_by_key(|change| change.tick);
        Ok(MidiFile {
            tempo: TempoMap::new(timing, &self.tempo_changes)?,
            messages: self.messages,
            end_tick: self.end_tick,
            warnings: self.warnings,
        })
    }
}
