//! A composed bed: sections, chords, hits and notes at their seconds. Pure data; it knows no sound and no sample rate.

use super::key::Key;

/// The five parts of a bed, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BedPart {
    /// Long chords.
    Pad,
    /// The bass.
    Low,
    /// Repeated figures that carry the time.
    Pulse,
    /// The tune.
    Motif,
    /// The high line of the lift, and the swells before hits.
    Lift,
}

impl BedPart {
    /// All parts, in the order of their numbers.
    pub const ALL: [BedPart; 5] = [
        BedPart::Pad,
        BedPart::Low,
        BedPart::Pulse,
        BedPart::Motif,
        BedPart::Lift,
    ];

    /// What the user writes and reads.
    pub fn name(self) -> &'static str {
        match self {
            BedPart::Pad => "pad",
            BedPart::Low => "low",
            BedPart::Pulse => "pulse",
            BedPart::Motif => "motif",
            BedPart::Lift => "lift",
        }
    }

    /// Its number, 0 to 4.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Whether the part goes first when a voice is to be understood: everything but the ground.
    pub fn is_foreground(self) -> bool {
        matches!(self, BedPart::Pulse | BedPart::Motif | BedPart::Lift)
    }
}

/// What a section is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SectionKind {
    /// Sets the scene.
    Intro,
    /// The main thought.
    A,
    /// Its contrast.
    B,
    /// The height.
    Lift,
    /// Winds down, and holds the last chord.
    Outro,
}

impl SectionKind {
    /// What the user reads.
    pub fn name(self) -> &'static str {
        match self {
            SectionKind::Intro => "intro",
            SectionKind::A => "A",
            SectionKind::B => "B",
            SectionKind::Lift => "lift",
            SectionKind::Outro => "outro",
        }
    }
}

/// A stretch of one tempo and one thought.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// What it is for.
    pub kind: SectionKind,
    /// Where it begins, seconds.
    pub start_s: f64,
    /// Where it ends, seconds.
    pub end_s: f64,
    /// Beats of each bar; all but the last are whole bars of the metre.
    pub bars: Vec<f64>,
    /// Beats a minute.
    pub tempo_bpm: f64,
    /// 0..1 at its start and at its end.
    pub energy: (f64, f64),
    /// Index of the hit that its start marks.
    pub hit: Option<usize>,
    /// True for the last chord of a bed that ends.
    pub is_ending: bool,
}

impl Section {
    /// Beats of the whole section.
    pub fn beats(&self) -> f64 {
        self.bars.iter().sum()
    }

    /// Seconds of a place in it, in beats from its start.
    pub fn time_s(&self, beat: f64) -> f64 {
        let share = beat / self.beats();
        // The end is the next section's start to the last bit, not a rounding beside it.
        if share >= 1.0 {
            return self.end_s + (share - 1.0) * (self.end_s - self.start_s);
        }
        self.start_s + share * (self.end_s - self.start_s)
    }

    /// Seconds of a beat.
    pub fn beat_s(&self) -> f64 {
        (self.end_s - self.start_s) / self.beats()
    }

    /// Energy at a place, in beats from its start.
    pub fn energy_at(&self, beat: f64) -> f64 {
        let share = (beat / self.beats()).clamp(0.0, 1.0);
        self.energy.0 + share * (self.energy.1 - self.energy.0)
    }
}

/// A chord where it sounds.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedChord {
    /// Index of its section.
    pub section: usize,
    /// Beats from the section's start.
    pub start_beat: f64,
    /// Beats it lasts.
    pub beats: f64,
    /// Scale degree of its root, 0 (tonic) to 6.
    pub degree: i32,
    /// Its notes as scale degrees, 0 to 6, root first.
    pub degrees: Vec<i32>,
    /// MIDI keys of bass and pad, ascending.
    pub keys: Vec<u8>,
    /// As a musician writes it, such as `vi7` or `IV/1`.
    pub symbol: String,
}

/// A hit and where the music marks it.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedHit {
    /// Its name, may be empty.
    pub name: String,
    /// Where it was asked for, seconds.
    pub wanted_s: f64,
    /// Where it falls, seconds.
    pub placed_s: f64,
    /// What would bring a missed hit onto its place, in plain words.
    pub remedy: Option<String>,
}

/// A note of one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BedNote {
    /// Who plays it.
    pub part: BedPart,
    /// Line within the part, counted from the lowest; 0 for parts of one line.
    pub line: u8,
    /// Key down, seconds.
    pub start_s: f64,
    /// Key up, seconds.
    pub end_s: f64,
    /// MIDI key.
    pub key: u8,
    /// 0..1.
    pub velocity: f32,
    /// Time to full level, ms.
    pub attack_ms: f32,
    /// Time from key up to silence, ms.
    pub release_ms: f32,
    /// Index of its section.
    pub section: usize,
    /// Seed of the voice that plays it.
    pub seed: u32,
}

/// A finished composition.
#[derive(Clone, Debug, PartialEq)]
pub struct Bed {
    /// Exact length, seconds.
    pub length_s: f64,
    /// Its seven notes.
    pub key: Key,
    /// Beats of a bar.
    pub beats_per_bar: u32,
    /// Tempo that sections lean away from by at most 6 %.
    pub tempo_bpm: f64,
    /// Whether its end runs into its start.
    pub is_loop: bool,
    /// In order, from 0 to the end without a gap.
    pub sections: Vec<Section>,
    /// In order.
    pub chords: Vec<PlacedChord>,
    /// In the order they were asked for.
    pub hits: Vec<PlacedHit>,
    /// By start, then part, line and key.
    pub notes: Vec<BedNote>,
}

impl Bed {
    /// The notes of one part.
    pub fn part(&self, part: BedPart) -> impl Iterator<Item = &BedNote> {
        self.notes.iter().filter(move |note| note.part == part)
    }
}
