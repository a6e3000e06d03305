//! The composer: settings in, a bed out. A pure function of its settings; worker, editor or command line, never the audio
//! thread. It makes no sound.
//!
//! Order of decisions: form, fitting to the hits, chords, voice leading, then the five parts. Each decision has dice of its
//! own and looks only backwards in time, so that moving a marker leaves everything before its section as it was.

mod bed;
mod dice;
pub mod export;
mod fit;
mod form;
mod harmony;
mod instruments;
mod key;
mod lift;
mod low;
mod mood;
mod motif;
mod pad;
mod pulse;
mod settings;
mod sheet;
mod tables;
mod voicing;

pub use bed::{Bed, BedNote, BedPart, PlacedChord, PlacedHit, Section, SectionKind};
pub use fit::MAX_LEAN;
pub use instruments::{TaggedSound, choose_sounds};
pub use key::{Key, Mode};
pub use mood::{MOODS, Mood, NamedMood};
pub use settings::{
    BedSettings, EnergyPoint, Hit, MAX_HITS, MAX_LENGTH_S, MAX_TEMPO_BPM, MIN_LENGTH_S,
    MIN_TEMPO_BPM, Metre, SpeechRange,
};
pub use tables::{NUM_STEPS, Tables, Transitions};

use dice::Dice;
use fit::Pace;
use form::Form;
use harmony::{ChordSlot, Goal, Harmony};
use motif::{Motif, MotifSetting};
use pulse::PulseSetting;
use sheet::Sheet;
use voicing::{ToVoice, Voicing};

use crate::error::Result;

/// Tempo of no energy and of full energy, beats a minute (Gabrielsson and Lindström 2010: tempo is energy's first cue).
const TEMPO_BPM: (f64, f64) = (56.0, 126.0);
/// One standard deviation of the tempo around that.
const TEMPO_SPREAD_BPM: f64 = 5.0;
/// The pad's top line at no energy and at full energy.
const TOP_KEYS: (f64, f64) = (67.0, 76.0);
/// Densities of no energy and of full energy.
const DENSITY: (f64, f64) = (0.3, 0.85);
/// Beds this thin have three lines of pad, others four.
const THIN: f64 = 0.38;

/// Composes a bed.
///
/// # Errors
/// `Error::Request` for settings that cannot be met; see [`BedSettings::check`].
pub fn compose(settings: &BedSettings) -> Result<Bed> {
    settings.check()?;
    let dice = Dice::new(settings.seed);
    let key = settings.key.unwrap_or_else(|| Key {
        tonic: dice.topic("tonic").below(12) as u8,
        mode: settings.mood.mode(),
    });
    let metre = settings.metre.unwrap_or_else(|| metre(settings, dice));
    let tempo_bpm = settings.tempo_bpm.unwrap_or_else(|| tempo(settings, dice));
    let pace = Pace {
        beat_s: 60.0 / tempo_bpm,
        metre,
    };
    let form = Form::new(settings, pace.phrase_s(), &dice);
    let fitted = fit::fit(settings, pace, &form);
    let writing = Writing {
        settings,
        key,
        pace,
        density: settings
            .density
            .unwrap_or(DENSITY.0 + settings.mood.energy * (DENSITY.1 - DENSITY.0)),
        dice,
        harmony: Harmony::new(settings, key, &dice),
        sections: &fitted.sections,
    };
    let (chords, notes) = writing.all();
    Ok(Bed {
        length_s: settings.length_s,
        key,
        beats_per_bar: metre.beats_per_bar,
        tempo_bpm,
        is_loop: settings.is_loop,
        sections: fitted.sections,
        chords,
        hits: fitted.hits,
        notes,
    })
}

fn metre(settings: &BedSettings, dice: Dice) -> Metre {
    let three = Metre {
        beats_per_bar: 3,
        steps_per_beat: 4,
    };
    let six_eight = Metre {
        beats_per_bar: 2,
        steps_per_beat: 6,
    };
    // Waltz and sway belong to gentle moods; drive goes in four.
    let gentle = 1.0 - settings.mood.energy;
    let weights = [4.0, gentle, 0.8 * gentle];
    [Metre::COMMON, three, six_eight][dice.topic("metre").weighted(&weights)]
}

fn tempo(settings: &BedSettings, dice: Dice) -> f64 {
    let middle = TEMPO_BPM.0 + settings.mood.energy * (TEMPO_BPM.1 - TEMPO_BPM.0);
    let tempo_bpm = middle + TEMPO_SPREAD_BPM * dice.topic("tempo").normal();
    // Half beats a minute are as fine as anyone counts.
    (2.0 * tempo_bpm).round() / 2.0
}

/// Everything the parts are written from.
struct Writing<'a> {
    settings: &'a BedSettings,
    key: Key,
    pace: Pace,
    density: f64,
    dice: Dice,
    harmony: Harmony<'a>,
    sections: &'a [Section],
}

/// What a section hands on to the next.
#[derive(Default)]
struct Carried {
    voicing: Option<Voicing>,
    /// Bass and high line.
    high: Option<(i32, i32)>,
}

impl Writing<'_> {
    fn all(&self) -> (Vec<PlacedChord>, Vec<BedNote>) {
        let pace = self.pace;
        let motif = Motif::new(
            &self.settings.tables,
            pace.metre,
            pace.beat_s,
            self.density,
            &self.dice,
        );
        let mut carried = Carried::default();
        let mut chords = Vec::new();
        let mut notes = Vec::new();
        for index in 0..self.sections.len() {
            let slots = self.slots(index);
            let voicings = self.voicings(index, &slots, carried.voicing.as_ref());
            notes.extend(self.section(index, &slots, &voicings, &motif, &mut carried));
            chords.extend(self.placed(index, &slots, &voicings));
            carried.voicing = voicings.last().cloned();
        }
        if !self.settings.is_loop {
            let ending = self.sections.iter().position(|section| section.is_ending);
            let ending = ending.map(|index| (index, &self.sections[index]));
            sheet::end_inside(&mut notes, self.settings.length_s, ending);
        }
        notes.sort_by(|one, other| {
            let place = |note: &BedNote| (note.part, note.line, note.key);
            one.start_s
                .total_cmp(&other.start_s)
                .then(place(one).cmp(&place(other)))
        });
        (chords, notes)
    }

    fn slots(&self, index: usize) -> Vec<ChordSlot> {
        self.harmony
            .section(&self.sections[index], self.goal(index))
    }

    /// What the section after this one asks for. A loop's last section leads back to its first.
    fn goal(&self, index: usize) -> Goal {
        match self.sections.get(index + 1) {
            Some(next) if next.is_ending => Goal::Close,
            Some(next) if next.hit.is_some() => Goal::Half,
            Some(next) if next.kind == SectionKind::Lift => Goal::Half,
            Some(_) => Goal::Open,
            None if self.settings.is_loop => Goal::Close,
            None => Goal::Open,
        }
    }

    fn voicings(
        &self,
        index: usize,
        slots: &[ChordSlot],
        before: Option<&Voicing>,
    ) -> Vec<Voicing> {
        let section = &self.sections[index];
        let num_lines = if self.density < THIN { 3 } else { 4 };
        let wanted: Vec<ToVoice<'_>> = slots
            .iter()
            .map(|slot| ToVoice {
                chord: &slot.chord,
                top_key: TOP_KEYS.0
                    + section.energy_at(slot.start_beat) * (TOP_KEYS.1 - TOP_KEYS.0),
            })
            .collect();
        voicing::lead(self.key, num_lines, before, &wanted)
    }

    fn section(
        &self,
        index: usize,
        slots: &[ChordSlot],
        voicings: &[Voicing],
        motif: &Motif,
        carried: &mut Carried,
    ) -> Vec<BedNote> {
        let section = &self.sections[index];
        let next = self.sections.get(index + 1);
        let leads_to_hit = next.is_some_and(|next| next.hit.is_some());
        let mut sheet = Sheet::new(section, index, &self.dice);
        pad::write(&mut sheet, self.key, slots, voicings, &self.dice);
        low::write(&mut sheet, slots, voicings);
        let pulse = PulseSetting {
            key: self.key,
            steps_per_beat: self.pace.metre.steps_per_beat,
            beats_per_bar: self.pace.metre.beats_per_bar,
            density: self.density,
            leads_to_hit,
            dice: &self.dice,
        };
        pulse::write(&mut sheet, slots, &pulse);
        let tune = MotifSetting {
            key: self.key,
            density: self.density,
            speech: &self.settings.speech,
            leads_to_hit,
        };
        motif.write(&mut sheet, slots, &tune);
        carried.high = lift::write_line(&mut sheet, self.key, slots, voicings, carried.high);
        if section.hit.is_some() {
            lift::write_hit(&mut sheet, self.key, slots);
        }
        if leads_to_hit {
            let coming = self.slots(index + 1);
            if let Some(coming) = coming.first() {
                lift::write_swell(&mut sheet, self.key, &coming.chord);
            }
        }
        sheet.notes
    }

    fn placed(&self, index: usize, slots: &[ChordSlot], voicings: &[Voicing]) -> Vec<PlacedChord> {
        slots
            .iter()
            .zip(voicings)
            .map(|(slot, voicing)| PlacedChord {
                section: index,
                start_beat: slot.start_beat,
                beats: slot.beats,
                degree: slot.chord.degree,
                degrees: slot.chord.degrees.clone(),
                keys: std::iter::once(voicing.bass)
                    .chain(voicing.pad.iter().copied())
                    .filter_map(|key| u8::try_from(key).ok())
                    .collect(),
                symbol: slot.chord.symbol(self.key),
            })
            .collect()
    }
}
