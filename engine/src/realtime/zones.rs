//! Which channels are fingers of which zone (MPE, MIDI Polyphonic Expression 1.1). Audio thread.
//!
//! A zone is a master channel (the first or the last) and the members beside it; what the master does holds for all of them.

use super::channel::NUM_CHANNELS;

/// Master channel of the lower zone.
pub(super) const LOWER_MASTER: usize = 0;
/// Master channel of the upper zone.
pub(super) const UPPER_MASTER: usize = NUM_CHANNELS - 1;
/// Members of a zone that has all channels.
const ALL_MEMBERS: usize = NUM_CHANNELS - 1;
/// Bend range of a member channel until it is told otherwise, semitones.
pub(super) const MEMBER_BEND_RANGE: f32 = 48.0;

/// Count of members of both zones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Zones {
    lower: usize,
    upper: usize,
    /// Whether a configuration message set them.
    configured: bool,
}

impl Zones {
    /// Takes an MPE configuration message; the newer zone takes members from the older one.
    pub(super) fn configure(&mut self, master: usize, members: u8) {
        let members = usize::from(members).min(ALL_MEMBERS);
        self.configured = true;
        let room = NUM_CHANNELS - 2;
        if master == LOWER_MASTER {
            self.lower = members;
            self.upper = self.upper.min(room.saturating_sub(members));
        } else if master == UPPER_MASTER {
            self.upper = members;
            self.lower = self.lower.min(room.saturating_sub(members));
        }
    }

    /// Turns one zone of all channels on or off, where no message has configured any.
    pub(super) fn set_default(&mut self, mpe: bool) {
        if !self.configured {
            self.lower = if mpe { ALL_MEMBERS } else { 0 };
        }
    }

    /// The master of a member channel.
    pub(super) fn master_of(&self, channel: usize) -> Option<usize> {
        if (1..=self.lower).contains(&channel) {
            Some(LOWER_MASTER)
        } else if channel < UPPER_MASTER && channel + self.upper >= UPPER_MASTER {
            Some(UPPER_MASTER)
        } else {
            None
        }
    }

    /// Whether what happens on `channel` holds for `other`.
    pub(super) fn rules(&self, channel: usize, other: usize) -> bool {
        channel == other || self.master_of(other) == Some(channel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_grow_from_both_ends_and_the_newer_takes_from_the_older() {
        let mut zones = Zones::default();
        assert_eq!(zones.master_of(1), None);
        zones.configure(0, 10);
        assert_eq!((zones.master_of(10), zones.master_of(11)), (Some(0), None));
        assert_eq!(zones.master_of(0), None);
        zones.configure(15, 6);
        assert_eq!(
            (zones.master_of(8), zones.master_of(9)),
            (Some(0), Some(15))
        );
        assert_eq!(zones.master_of(14), Some(15));
        zones.configure(0, 0);
        assert_eq!((zones.master_of(1), zones.master_of(9)), (None, Some(15)));
        zones.set_default(true);
        assert_eq!(zones.master_of(1), None, "a message has spoken");
    }
}
