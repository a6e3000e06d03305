//! A score as MIDI bytes: for tunes made by the project itself. Any thread but the audio thread.

pub use midly::MidiMessage;
use midly::num::{u4, u7, u15, u24, u28};
use midly::{Format, Header, MetaMessage, PitchBend, Smf, Timing, TrackEvent, TrackEventKind};

use crate::error::{Error, Result};

/// A tune to write: its tempo and its tracks.
#[derive(Clone, Debug, PartialEq)]
pub struct Tune {
    /// Ticks of one beat.
    pub ticks_per_beat: u16,
    /// Tempo changes as (tick, microseconds per beat), ascending.
    pub tempo: Vec<(u32, u32)>,
    /// One track per part.
    pub tracks: Vec<TuneTrack>,
    /// Said at the start, for people and programs that look: where the file came from.
    pub texts: Vec<String>,
}

/// One part of a tune.
#[derive(Clone, Debug, PartialEq)]
pub struct TuneTrack {
    /// Shown by other programs.
    pub name: String,
    /// Channel, counted from 0.
    pub channel: u8,
    /// In any order; written by tick, at one tick in the order given.
    pub messages: Vec<(u32, MidiMessage)>,
}

/// The bytes of a format 1 file.
///
/// # Errors
/// `Error::Request` when a number does not fit the format.
pub fn midi_bytes(tune: &Tune) -> Result<Vec<u8>> {
    let timing = Timing::Metrical(u15::new(tune.ticks_per_beat));
    let mut file = Smf::new(Header::new(Format::Parallel, timing));
    file.tracks.push(first_track(tune));
    for track in &tune.tracks {
        file.tracks.push(note_track(track));
    }
    let mut bytes = Vec::new();
    file.write_std(&mut bytes)
        .map_err(|error| Error::request("the tune", error, "make it shorter"))?;
    Ok(bytes)
}

/// The text events of a file, in order; none of one that cannot be read. Bytes that are no UTF-8 are left out.
pub fn texts_of(bytes: &[u8]) -> Vec<String> {
    let file = Smf::parse(bytes).ok();
    let events = file.iter().flat_map(|file| file.tracks.iter().flatten());
    let texts = events.filter_map(|event| match event.kind {
        TrackEventKind::Meta(MetaMessage::Text(text)) => std::str::from_utf8(text).ok(),
        _ => None,
    });
    texts.map(str::to_owned).collect()
}

/// Texts and tempo.
fn first_track(tune: &Tune) -> Vec<TrackEvent<'_>> {
    let texts = tune
        .texts
        .iter()
        .map(|text| (0, MetaMessage::Text(text.as_bytes())));
    let tempo = tune
        .tempo
        .iter()
        .map(|&(tick, us_per_beat)| (tick, MetaMessage::Tempo(u24::new(us_per_beat))));
    let kinds = texts
        .chain(tempo)
        .map(|(tick, message)| (tick, TrackEventKind::Meta(message)));
    with_deltas(kinds.collect())
}

fn note_track(track: &TuneTrack) -> Vec<TrackEvent<'_>> {
    let name = TrackEventKind::Meta(MetaMessage::TrackName(track.name.as_bytes()));
    let channel = u4::new(track.channel);
    let mut kinds = vec![(0, name)];
    kinds.extend(
        track
            .messages
            .iter()
            .map(|&(tick, message)| (tick, TrackEventKind::Midi { channel, message })),
    );
    with_deltas(kinds)
}

fn with_deltas(mut kinds: Vec<(u32, TrackEventKind<'_>)>) -> Vec<TrackEvent<'_>> {
    kinds.sort_by_key(|(tick, _)| *tick);
    let end = kinds.last().map_or(0, |(tick, _)| *tick);
    kinds.push((end, TrackEventKind::Meta(MetaMessage::EndOfTrack)));
    let mut last = 0;
    kinds
        .into_iter()
        .map(|(tick, kind)| TrackEvent {
            delta: u28::new(tick - std::mem::replace(&mut last, tick)),
            kind,
        })
        .collect()
}

/// A key going down.
pub fn note_on(key: u8, velocity: u8) -> MidiMessage {
    MidiMessage::NoteOn {
        key: u7::new(key),
        vel: u7::new(velocity),
    }
}

/// A key going up.
pub fn note_off(key: u8) -> MidiMessage {
    MidiMessage::NoteOff {
        key: u7::new(key),
        vel: u7::new(64),
    }
}

/// A controller's new value.
pub fn controller(number: u8, value: u8) -> MidiMessage {
    MidiMessage::Controller {
        controller: u7::new(number),
        value: u7::new(value),
    }
}

/// A channel's new General MIDI program.
pub fn program(program: u8) -> MidiMessage {
    MidiMessage::ProgramChange {
        program: u7::new(program),
    }
}

/// The pitch wheel's new place, -1..1 of its range.
pub fn bend(position: f64) -> MidiMessage {
    MidiMessage::PitchBend {
        bend: PitchBend::from_f64(position),
    }
}
