//! The half of the player that is not on the audio thread: sends notes, frees what comes back, hears wishes.
//!
//! Host's main thread or a worker, one at a time. It bakes nothing and makes no sound.

use std::sync::Arc;

use rtrb::{Consumer, Producer, RingBuffer};

use crate::error::{Error, Result};
use crate::note::Note;
use crate::realtime::counters::Counters;
use crate::realtime::notes::{Delivery, PlayerRings, ReadyNote};
use crate::realtime::{
    Bus, NUM_KEYS, NoiseBins, NoiseShaper, Player, PlayerCounts, PlayerParts, SPARE_VOICES,
    SoundChange, TuningTable, VELOCITY_LAYERS, Voice, Wish, notes_held_by,
};

/// Notes on their way to the player. When it is full [`Controller::send_note`] refuses: try again after a block.
const NOTE_RING_CAPACITY: usize = 8_192;
/// Notes on their way back, beside what all voices can hold. When it is full, notes that replace others wait in the note
/// ring until [`Controller::collect_trash`] was called.
const TRASH_RING_CAPACITY: usize = 2_048;
/// Keys that were played but not baked. When it is full a wish is lost until the key is struck again.
const WISH_RING_CAPACITY: usize = 256;
/// Tuning tables on their way to the player.
const TUNING_RING_CAPACITY: usize = 4;
/// Most voices of a player.
pub const MAX_VOICES: usize = 64;
/// Most sounds of a player's note table.
pub const MAX_SOUNDS: usize = 16;

/// What a player is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlayerConfig {
    /// Sample rate, Hz, 16000..=384000.
    pub sample_rate_hz: f64,
    /// Voices that may sound at once, 1..=[`MAX_VOICES`]; beyond them voices are stolen.
    pub max_voices: usize,
    /// Seed of everything random.
    pub seed: u32,
    /// Slots of the note table, 1..=[`MAX_SOUNDS`].
    pub num_sounds: usize,
}

impl Default for PlayerConfig {
    fn default() -> Self {
        Self {
            sample_rate_hz: 48_000.0,
            max_voices: 32,
            seed: 1,
            num_sounds: MAX_SOUNDS,
        }
    }
}

/// Makes a player for the audio thread and the controller that feeds it.
///
/// # Errors
/// [`Error::Request`] when a setting is out of range.
///
/// # Real-time
/// Not safe: allocates everything the player will ever use.
pub fn new(config: &PlayerConfig) -> Result<(Controller, Player)> {
    check(config)?;
    let num_slots = config.max_voices + SPARE_VOICES;
    let (note_sender, note_receiver) = RingBuffer::new(NOTE_RING_CAPACITY);
    let (trash_sender, trash_receiver) =
        RingBuffer::new(TRASH_RING_CAPACITY + notes_held_by(num_slots));
    let (wish_sender, wish_receiver) = RingBuffer::new(WISH_RING_CAPACITY);
    let (tuning_sender, tuning_receiver) = RingBuffer::new(TUNING_RING_CAPACITY);
    let counters = Arc::new(Counters::default());
    let player = Player::new(PlayerParts {
        voices: (0..num_slots)
            .map(|_| Voice::new(config.sample_rate_hz))
            .collect(),
        max_voices: config.max_voices,
        num_sounds: config.num_sounds,
        rings: PlayerRings {
            notes: note_receiver,
            trash: trash_sender,
            wishes: wish_sender,
        },
        tunings: tuning_receiver,
        counters: Arc::clone(&counters),
        bus: Bus::new(config.sample_rate_hz),
        shaper: NoiseShaper::new(config.sample_rate_hz),
        sample_rate_hz: config.sample_rate_hz,
        seed: config.seed,
    });
    let controller = Controller {
        notes: note_sender,
        trash: trash_receiver,
        wishes: wish_receiver,
        tunings: tuning_sender,
        counters,
        bins: Vec::new(),
        num_sounds: config.num_sounds,
        sample_rate_hz: config.sample_rate_hz,
    };
    Ok((controller, player))
}

/// Feeds a [`Player`].
pub struct Controller {
    notes: Producer<Delivery>,
    trash: Consumer<Arc<ReadyNote>>,
    wishes: Consumer<Wish>,
    tunings: Producer<TuningTable>,
    counters: Arc<Counters>,
    /// One per set of noise bands, that is per model.
    bins: Vec<Arc<NoiseBins>>,
    num_sounds: usize,
    sample_rate_hz: f64,
}

impl Controller {
    /// Puts a note on its way into the table; the player takes it at its next block, and voices that wait for it, or play
    /// the note that it replaces, change over within 20 ms.
    ///
    /// # Errors
    /// [`Error::Request`] when slot or layer do not exist; [`Error::NoteRingFull`] when the player has not taken the
    /// notes sent before: render a block (or collect trash) and send it again.
    ///
    /// # Real-time
    /// Not safe: allocates.
    pub fn send_note(&mut self, slot: usize, layer: usize, note: Arc<Note>) -> Result<()> {
        self.check_slot(slot)?;
        if layer >= VELOCITY_LAYERS {
            return Err(Error::request(
                "velocity layer",
                layer,
                format!("layers are 0 to {}", VELOCITY_LAYERS - 1),
            ));
        }
        let wish = Wish {
            slot: slot as u8,
            layer: layer as u8,
            key: note.key(),
        };
        let bins = self.bins_for(&note);
        self.deliver(Delivery::Note {
            wish,
            ready: Arc::new(ReadyNote { note, bins }),
        })
    }

    /// Says that a slot's sound has changed: its notes sent so far are old, and the keys that are held come back as wishes.
    /// Until a key's new note arrives it plays what [`SoundChange`] says.
    ///
    /// # Errors
    /// As [`Controller::send_note`].
    ///
    /// # Real-time
    /// Not safe: an error allocates its message.
    pub fn renew_sound(&mut self, slot: usize, change: SoundChange) -> Result<()> {
        self.check_slot(slot)?;
        let slot = slot as u8;
        self.deliver(Delivery::Renewal { slot, change })
    }

    /// Sets the pitch of every key, for the notes that start from the player's next block on.
    ///
    /// # Errors
    /// [`Error::TuningRingFull`] when the player has not taken the tables sent before: render a block and send it again.
    ///
    /// # Real-time
    /// Safe.
    pub fn send_tuning(&mut self, tuning: TuningTable) -> Result<()> {
        self.tunings.push(tuning).map_err(|_| Error::TuningRingFull)
    }

    /// How many notes and changes the player has not taken yet.
    ///
    /// # Real-time
    /// Safe.
    pub fn num_waiting(&self) -> usize {
        NOTE_RING_CAPACITY - self.notes.slots()
    }

    /// Frees the notes that the player no longer needs; gives how many.
    ///
    /// # Real-time
    /// Not safe: frees.
    pub fn collect_trash(&mut self) -> usize {
        let mut freed = 0;
        while self.trash.pop().is_ok() {
            freed += 1;
        }
        freed
    }

    /// The next key that was played without being baked.
    ///
    /// # Real-time
    /// Safe.
    pub fn next_wish(&mut self) -> Option<Wish> {
        self.wishes.pop().ok()
    }

    /// What the player could not do as asked, so far.
    ///
    /// # Real-time
    /// Safe.
    pub fn counts(&self) -> PlayerCounts {
        self.counters.read()
    }

    fn deliver(&mut self, delivery: Delivery) -> Result<()> {
        self.notes.push(delivery).map_err(|_| Error::NoteRingFull {
            capacity: NOTE_RING_CAPACITY,
        })
    }

    fn check_slot(&self, slot: usize) -> Result<()> {
        if slot < self.num_sounds {
            return Ok(());
        }
        Err(Error::request(
            "sound slot",
            slot,
            format!("the player has slots 0 to {}", self.num_sounds - 1),
        ))
    }

    fn bins_for(&mut self, note: &Note) -> Arc<NoiseBins> {
        let edges_hz = &note.layout().noise_band_edges_hz;
        if let Some(bins) = self.bins.iter().find(|bins| bins.fit(edges_hz)) {
            return Arc::clone(bins);
        }
        let bins = Arc::new(NoiseBins::new(edges_hz, self.sample_rate_hz));
        self.bins.push(Arc::clone(&bins));
        bins
    }
}

fn check(config: &PlayerConfig) -> Result<()> {
    check_sample_rate(config.sample_rate_hz)?;
    if !(1..=MAX_VOICES).contains(&config.max_voices) {
        return Err(Error::request(
            "number of voices",
            config.max_voices,
            format!("choose 1 to {MAX_VOICES}"),
        ));
    }
    if !(1..=MAX_SOUNDS).contains(&config.num_sounds) {
        return Err(Error::request(
            "number of sounds",
            config.num_sounds,
            format!("choose 1 to {MAX_SOUNDS}"),
        ));
    }
    Ok(())
}

/// The noise needs blocks of at least two ticks, which 16 kHz and more give.
///
/// # Errors
/// [`Error::Request`] outside 16000 to 384000 Hz.
pub fn check_sample_rate(sample_rate_hz: f64) -> Result<()> {
    if (16_000.0..=384_000.0).contains(&sample_rate_hz) {
        return Ok(());
    }
    Err(Error::request(
        "sample rate",
        sample_rate_hz,
        "choose 16000 to 384000 Hz",
    ))
}

// One table slot per key: a `Wish` addresses it by byte.
const _: () = assert!(NUM_KEYS <= 256 && MAX_SOUNDS <= 256);
