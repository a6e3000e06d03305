//! Controller numbers of the MIDI 1.0 specification, those that a score understands.

pub(super) const DATA_ENTRY: u8 = 6;
pub(super) const VOLUME: u8 = 7;
pub(super) const PAN: u8 = 10;
pub(super) const EXPRESSION: u8 = 11;
pub(super) const DATA_ENTRY_FINE: u8 = 38;
pub(super) const SUSTAIN: u8 = 64;
pub(super) const NRPN_FINE: u8 = 98;
pub(super) const NRPN_COARSE: u8 = 99;
pub(super) const RPN_FINE: u8 = 100;
pub(super) const RPN_COARSE: u8 = 101;
pub(super) const ALL_SOUND_OFF: u8 = 120;
pub(super) const RESET: u8 = 121;
pub(super) const ALL_NOTES_OFF: u8 = 123;
/// 123 to 127 all silence the channel's notes.
pub(super) const POLY_ON: u8 = 127;
