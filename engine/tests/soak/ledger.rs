//! Explains every count of the player from what was sent and what was baked. Used by the soak.
//!
//! Before each act it says what the counters may rise by; after it, that they did. A range is left open only where the
//! worker and the test race: a note that is baked and not yet taken.

use engine::{
    Event, KeyMode, NUM_CHANNELS, NUM_KEYS, Player, PlayerCounts, Wish, layer_of_velocity,
};

use super::scene::{Act, NUM_SLOTS};

/// Silent keys that a player remembers, each with four corners.
const MOST_FROM_WAITING: u64 = 64 * 4;

/// What the table holds for a key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KeyState {
    /// Its note of the present sound.
    Fresh,
    /// Not that, but others of the slot.
    Missing,
    /// One of the two.
    Unknown,
    /// Nothing of the slot.
    Silent,
}

/// From, up to and including.
type Range = (u64, u64);

/// By how much counters may rise.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    missing: Range,
    silent: Range,
    /// Stolen and skipped together.
    lost: Range,
    refused: u64,
}

/// How things stand before an act.
pub struct Circumstances<'a> {
    /// The player.
    pub player: &'a Player,
    /// Voices that it was made for.
    pub most_voices: usize,
    /// Whether no voice can be fading and every voice was heard.
    pub is_calm: bool,
    /// What the table holds.
    pub key_state: &'a mut dyn FnMut(Wish) -> KeyState,
}

/// What was explained so far.
#[derive(Default)]
pub struct Ledger {
    counts: PlayerCounts,
    slots: [u8; NUM_CHANNELS],
    may_wait: bool,
    /// Sums over all players.
    pub totals: PlayerCounts,
    /// Acts, and how many of them left a range open.
    pub num_acts: u64,
    /// See `num_acts`.
    pub num_open: u64,
}

impl Ledger {
    /// Another player took over: its counters begin at 0.
    pub fn new_player(&mut self) {
        self.counts = PlayerCounts::default();
        self.slots = [0; NUM_CHANNELS];
        self.may_wait = false;
    }

    /// What the counters may rise by.
    pub fn expect(&self, act: &Act, now: &mut Circumstances<'_>) -> Expected {
        let Act::Event(event) = act else {
            return refused(!is_sane(act));
        };
        if !is_valid(event) {
            return refused(true);
        }
        match *event {
            Event::NoteOn {
                channel,
                key,
                velocity,
                ..
            } if velocity > 0.0 => self.strike(channel, key, velocity, now),
            Event::NoteOn { .. } | Event::NoteOff { .. } | Event::Choke { .. } => self.let_go(now),
            _ => Expected::default(),
        }
    }

    /// Frames can be rendered: only silent keys that start at last may count.
    pub fn expect_rendering(&self) -> Expected {
        let most = if self.may_wait { MOST_FROM_WAITING } else { 0 };
        Expected {
            missing: (0, most),
            silent: (0, most),
            lost: (0, most),
            refused: 0,
        }
    }

    /// Notes what an act changes here, and says what is not explained.
    pub fn settle(
        &mut self,
        act: Option<&Act>,
        expected: Expected,
        counts: PlayerCounts,
    ) -> Option<String> {
        let rise = |now: u64, before: u64| now.wrapping_sub(before);
        let risen = PlayerCounts {
            missing_keys: rise(counts.missing_keys, self.counts.missing_keys),
            silent_notes: rise(counts.silent_notes, self.counts.silent_notes),
            stolen_voices: rise(counts.stolen_voices, self.counts.stolen_voices),
            skipped_notes: rise(counts.skipped_notes, self.counts.skipped_notes),
            refused_events: rise(counts.refused_events, self.counts.refused_events),
        };
        self.counts = counts;
        self.sum(&risen);
        if let Some(act) = act {
            self.num_acts += 1;
            self.num_open += u64::from(expected.missing.0 < expected.missing.1);
            self.follow(act, &expected);
        }
        let is_in = |(from, to): Range, found: u64| (from..=to).contains(&found);
        let is_explained = is_in(expected.missing, risen.missing_keys)
            && is_in(expected.silent, risen.silent_notes)
            && is_in(expected.lost, risen.stolen_voices + risen.skipped_notes)
            && expected.refused == risen.refused_events;
        (!is_explained).then(|| format!("{act:?} counted {risen:?}, explained is {expected:?}"))
    }

    fn sum(&mut self, risen: &PlayerCounts) {
        let totals = &mut self.totals;
        totals.missing_keys += risen.missing_keys;
        totals.silent_notes += risen.silent_notes;
        totals.stolen_voices += risen.stolen_voices;
        totals.skipped_notes += risen.skipped_notes;
        totals.refused_events += risen.refused_events;
    }

    fn follow(&mut self, act: &Act, expected: &Expected) {
        self.may_wait |= expected.silent.1 > 0;
        match act {
            Act::Event(Event::Sound { channel, slot }) if expected.refused == 0 => {
                self.slots[usize::from(*channel)] = *slot;
            }
            Act::Event(Event::Reset) => {
                self.slots = [0; NUM_CHANNELS];
                self.may_wait = false;
            }
            Act::Event(Event::AllNotesOff) => self.may_wait = false,
            _ => {}
        }
    }

    fn strike(&self, channel: u8, key: u8, velocity: f32, now: &mut Circumstances<'_>) -> Expected {
        let parameters = *now.player.parameters();
        let transposed = i32::from(key) + parameters.transpose_semitones;
        let key = transposed.clamp(0, NUM_KEYS as i32 - 1) as u8;
        let layer = layer_of_velocity(velocity.min(1.0)) as u8;
        let own = [self.slots[usize::from(channel)]];
        let slots = parameters
            .corners
            .as_ref()
            .map_or(&own[..], |slots| &slots[..]);
        let mut expected = Expected::default();
        for &slot in slots {
            let state = (now.key_state)(Wish { slot, layer, key });
            let surely = u64::from(matches!(state, KeyState::Missing | KeyState::Silent));
            expected.missing.0 += surely;
            expected.missing.1 += u64::from(state != KeyState::Fresh);
            let silent = u64::from(state == KeyState::Silent);
            expected.silent = (expected.silent.0 + silent, expected.silent.1 + silent);
        }
        let finds_none = expected.silent.0 == slots.len() as u64;
        let most = parameters.max_voices.min(now.most_voices);
        let is_full = now.player.num_sounding() >= most && !finds_none;
        let must = is_full && now.is_calm && parameters.key_mode == KeyMode::Poly;
        expected.lost = (u64::from(must), u64::from(is_full));
        expected
    }

    /// A key let go may bring back one that was held before it, where one voice plays all keys.
    fn let_go(&self, now: &Circumstances<'_>) -> Expected {
        if now.player.parameters().key_mode == KeyMode::Poly {
            return Expected::default();
        }
        Expected {
            missing: (0, 4),
            silent: (0, 4),
            lost: (0, 1),
            refused: 0,
        }
    }
}

fn refused(is_refused: bool) -> Expected {
    Expected {
        refused: u64::from(is_refused),
        ..Expected::default()
    }
}

/// What [`engine::PlayerParameters`] says of values that are not numbers and of slots that do not exist.
fn is_sane(act: &Act) -> bool {
    let Act::Set(parameters) = act else {
        return true;
    };
    let corners = parameters.corners.unwrap_or_default();
    let envelope = &parameters.envelope;
    let times = [envelope.attack_ms, envelope.decay_ms, envelope.release_ms];
    !parameters.morph_x.is_nan()
        && corners.iter().all(|&slot| slot < NUM_SLOTS)
        && times.iter().all(|time_ms| time_ms.is_finite())
}

/// What [`Event`] says of ranges.
fn is_valid(event: &Event) -> bool {
    let is_channel = |channel: u8| usize::from(channel) < NUM_CHANNELS;
    let is_key = |key: u8| usize::from(key) < NUM_KEYS;
    match *event {
        Event::NoteOn {
            channel,
            key,
            velocity,
            ..
        } => is_channel(channel) && is_key(key) && velocity.is_finite(),
        Event::NoteOff { channel, key, .. } | Event::Choke { channel, key } => {
            is_channel(channel) && is_key(key)
        }
        Event::Sound { channel, slot } => is_channel(channel) && slot < NUM_SLOTS,
        Event::Controller {
            channel,
            number,
            value,
        } => is_channel(channel) && number < 128 && value.is_finite(),
        Event::Bend { channel, semitones } => is_channel(channel) && semitones.is_finite(),
        Event::Volume { channel, gain_db } => is_channel(channel) && !gain_db.is_nan(),
        Event::Width(width) => width.is_finite(),
        _ => true,
    }
}

#[test]
fn a_count_that_nothing_explains_rings() {
    let _alone = crate::alone();
    let mut ledger = Ledger::default();
    let act = Act::Event(Event::AllNotesOff);
    let counts = |missing_keys, stolen_voices| PlayerCounts {
        missing_keys,
        stolen_voices,
        ..PlayerCounts::default()
    };
    let nothing = Expected::default();
    assert!(ledger.settle(Some(&act), nothing, counts(0, 0)).is_none());
    assert!(ledger.settle(Some(&act), nothing, counts(1, 0)).is_some());
    assert!(
        ledger
            .settle(None, ledger.expect_rendering(), counts(1, 1))
            .is_some()
    );
    let wanted = Expected {
        missing: (1, 1),
        ..nothing
    };
    assert!(ledger.settle(Some(&act), wanted, counts(1, 1)).is_some());
    assert!(ledger.settle(Some(&act), wanted, counts(2, 1)).is_none());
}
