//! A host with a timeline and a voice.

use clack_host::events::event_types::{TransportEvent, TransportFlags};
use clack_host::events::{EventFlags, EventHeader};
use clack_host::prelude::*;
use clack_host::utils::{BeatTime, SecondsTime};
use models::seeded::unit;

use crate::host::{BED_ID, BLOCK, Heard, Host, Message, RATE_HZ, own_entry};

/// Length of the test's bed, s.
pub const LENGTH_S: u64 = 8;
/// The same in frames.
pub const LENGTH: usize = LENGTH_S as usize * RATE_HZ as usize;
const STREAM: u32 = 920;

/// One effect on a timeline.
pub struct BedStage {
    pub host: Host,
}

/// Where the host's timeline stands.
pub fn timeline(frame: i64, is_playing: bool) -> TransportEvent {
    let mut flags = TransportFlags::HAS_SECONDS_TIMELINE | TransportFlags::HAS_TEMPO;
    if is_playing {
        flags |= TransportFlags::IS_PLAYING;
    }
    let nowhere = BeatTime::from_float(0.0);
    TransportEvent {
        header: EventHeader::new_core(0, EventFlags::empty()),
        flags,
        song_pos_beats: nowhere,
        song_pos_seconds: SecondsTime::from_float(frame as f64 / RATE_HZ),
        tempo: 120.0,
        tempo_inc: 0.0,
        loop_start_beats: nowhere,
        loop_end_beats: nowhere,
        loop_start_seconds: SecondsTime::from_float(0.0),
        loop_end_seconds: SecondsTime::from_float(0.0),
        bar_start: nowhere,
        bar_number: 0,
        time_signature_numerator: 4,
        time_signature_denominator: 4,
    }
}

impl BedStage {
    /// An effect with a bed of eight seconds at its own level that does not go round, its first page rendered.
    pub fn ready() -> Self {
        let mut stage = Self::of(Host::of_id(&own_entry(), BED_ID));
        stage.start();
        stage.set(&[
            ("Length", &format!("{LENGTH_S} s")),
            ("Loop", "off"),
            ("Bed Level", "0 dB"),
        ]);
        stage.wait();
        stage
    }

    /// An effect that is switched off.
    pub fn of(host: Host) -> Self {
        Self { host }
    }

    /// Switches it on for a bounce.
    pub fn start(&mut self) {
        self.host.set_offline();
        self.host.activate(RATE_HZ, BLOCK);
        self.wait();
    }

    /// Types values of parameters while the timeline stands, and lets them come to rest.
    pub fn set(&mut self, values: &[(&str, &str)]) {
        let mut events = EventBuffer::new();
        for (name, text) in values {
            let (id, value) = self.host.value_of_text(name, text);
            Message::Set(id, value).push_to(&mut events, 0);
        }
        let mut silence = vec![vec![0.0; 4800]; 2];
        let standing = timeline(0, false);
        self.host
            .process_under(&events, &mut silence, 2, 4800, Some(&standing));
    }

    /// Renders the start again and again: each time the effect waits for its pages, on a slow machine more than once.
    pub fn wait(&mut self) {
        const ROUNDS: usize = 12;
        for _ in 0..ROUNDS {
            self.play(0, BLOCK as usize);
        }
    }

    /// The bed alone from a frame of the timeline on.
    pub fn play(&mut self, frame: usize, num_frames: usize) -> Heard {
        self.play_under(frame, &Heard::silence(num_frames))
    }

    /// Voice and bed, in one block.
    pub fn play_under(&mut self, frame: usize, voice: &Heard) -> Heard {
        let mut input = [voice.left.clone(), voice.right.clone()];
        let place = timeline(frame as i64, true);
        let no_events = EventBuffer::new();
        let num_frames = voice.left.len();
        let heard = self
            .host
            .process_under(&no_events, &mut input, 2, num_frames, Some(&place));
        let [left, right] = heard.try_into().expect("two channels");
        Heard { left, right }
    }

    /// The whole length in blocks of these sizes, in turn.
    pub fn pass(&mut self, voice: &Heard, sizes: impl Iterator<Item = usize>) -> Heard {
        let mut heard = Heard::default();
        let length = voice.left.len();
        let mut sizes = sizes;
        while heard.left.len() < length {
            let start = heard.left.len();
            let end = length.min(start + sizes.next().expect("a size").max(1));
            let part = Heard {
                left: voice.left[start..end].to_vec(),
                right: voice.right[start..end].to_vec(),
            };
            heard.extend(&self.play_under(start, &part));
        }
        heard
    }
}

impl Heard {
    pub fn silence(num_frames: usize) -> Self {
        Self {
            left: vec![0.0; num_frames],
            right: vec![0.0; num_frames],
        }
    }
}

/// A whole number within, of this place.
pub fn number(index: u32, low: usize, high: usize) -> usize {
    low + ((high - low) as f64 * unit(1, STREAM, index)) as usize
}

/// Noise in the band of speech that swells four times a second, silent outside `from..to`, peaks near -12 dBFS.
pub fn speech(num_frames: usize, from: usize, to: usize) -> Heard {
    let mut low = 0.0;
    let mut rumble = 0.0;
    let samples: Vec<f32> = (0..num_frames)
        .map(|frame| {
            let noise = 2.0 * unit(2, STREAM, frame as u32) - 1.0;
            low += 0.35 * (noise - low);
            rumble += 0.03 * (low - rumble);
            let time_s = frame as f64 / RATE_HZ;
            let swell = 0.6 - 0.4 * (std::f64::consts::TAU * 4.0 * time_s).cos();
            if (from..to).contains(&frame) {
                (0.4 * swell * (low - rumble)) as f32
            } else {
                0.0
            }
        })
        .collect();
    Heard {
        left: samples.clone(),
        right: samples,
    }
}
