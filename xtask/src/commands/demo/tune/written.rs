//! The notes as they would stand on paper.

/// Chords as (beats, keys from low to high). Each voice stays or moves by a step, once by a third; no parallel fifths or
/// octaves (a test counts them).
#[rustfmt::skip]
pub(super) const CHORDS: [(u32, [u8; 4]); 19] = [
    (4, [57, 62, 64, 66]), // D add 9
    (4, [57, 62, 66, 69]), // B minor 7 (B in the bass)
    (4, [59, 62, 67, 69]), // G add 9
    (2, [57, 62, 64, 69]), // A sus 4
    (2, [57, 61, 64, 69]), // A
    (4, [57, 62, 66, 69]), // D over F sharp
    (4, [59, 62, 66, 69]), // B minor 7
    (4, [59, 62, 64, 67]), // E minor 7
    (2, [57, 62, 64, 69]), // A sus 4
    (2, [57, 61, 64, 69]), // A
    (4, [57, 62, 66, 71]), // B minor 7
    (4, [57, 61, 66, 69]), // F sharp minor
    (4, [59, 62, 67, 69]), // G add 9
    (4, [57, 62, 66, 69]), // D over F sharp
    (2, [59, 62, 64, 67]), // E minor 7
    (2, [57, 61, 64, 67]), // A 7
    (4, [57, 62, 64, 66]), // D add 9
    (4, [58, 62, 64, 67]), // G minor 6 over D: the one borrowed colour
    (4, [57, 62, 66, 69]), // D
];

/// Bass as (quarter beats, key).
#[rustfmt::skip]
pub(super) const BASS: [(u32, u8); 24] = [
    (16, 38), (14, 35), (2, 33), (16, 31), (12, 33), (4, 40), (16, 42), (14, 35), (2, 38), (16, 40),
    (12, 33), (4, 33), (16, 35), (14, 30), (2, 30), (16, 31), (12, 42), (4, 42), (8, 40), (8, 33),
    (16, 38), (12, 38), (4, 38), (16, 38),
];

/// Flute from bar 5 as (quarter beats, key).
#[rustfmt::skip]
pub(super) const MELODY: [(u32, u8); 36] = [
    (4, 69), (4, 74), (8, 78), // the motif
    (6, 76), (2, 74), (8, 71), (4, 74), (6, 79), (2, 78), (4, 76), (8, 74), (4, 73), (4, 69),
    (4, 71), (4, 74), (4, 78), (4, 83), // B: it climbs
    (8, 81), (4, 78), (4, 76), (6, 79), (2, 81), (4, 83), (4, 86), (4, 86), (2, 85), (10, 81),
    (4, 79), (4, 76), (4, 74), (4, 73), (4, 69), (4, 74), (8, 78), // the motif again
    (6, 76), (10, 70),
];
/// The flute's last note, over the last chord.
pub(super) const LAST_NOTE: (u32, u8) = (16, 69);
pub(super) const MELODY_START_BAR: u32 = 4;

/// Cello from bar 9 as (quarter beats, key).
#[rustfmt::skip]
pub(super) const CELLO: [(u32, u8); 15] = [
    (8, 62), (8, 61), (8, 57), (8, 61), (8, 59), (8, 62), (8, 54), (8, 57), (8, 55), (8, 52),
    (8, 54), (8, 57), (8, 58), (8, 55), (16, 54),
];
pub(super) const CELLO_START_BAR: u32 = 8;

/// Steps through a chord and its octave above, one per half beat.
pub(super) const ARPEGGIO: [usize; 8] = [0, 2, 3, 4, 5, 4, 3, 2];
pub(super) const ARPEGGIO_B: [usize; 8] = [0, 3, 2, 5, 4, 6, 5, 3];
pub(super) const ARPEGGIO_START_BAR: u32 = 2;
pub(super) const ARPEGGIO_END_BAR: u32 = 15;
/// The bar that dies away.
pub(super) const LAST_BAR: u32 = 15;
/// Bars of the middle part.
pub(super) const PART_B: std::ops::Range<u32> = 8..13;
