//! Beds as composed: length, hits, harmony, form and what moving a marker changes, over hundreds of random requests.

#[path = "bed/checker.rs"]
mod checker;

use engine::score::compose::{
    Bed, BedPart, BedSettings, Hit, Key, MAX_LEAN, MOODS, Metre, Mode, Mood, compose,
};

/// Numbers for requests: splitmix64 (Steele et al. 2014), nothing of the composer's own.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.next()
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() * count as f64) as usize
    }
}

fn hit(time_s: f64) -> Hit {
    Hit {
        time_s,
        name: String::new(),
        origin: String::new(),
    }
}

/// Any length from 3 s to 20 min, mood, key, tempo, metre and 0 to 12 hits on frames of 25 a second.
fn random_settings(index: u64) -> BedSettings {
    let mut numbers = Numbers(0xBED + index);
    // As many short ones as long ones.
    let length_s = (numbers.between(3_f64.ln(), 1200_f64.ln()).exp() * 1e3).round() / 1e3;
    let mood = if numbers.next() < 0.7 {
        MOODS[numbers.below(MOODS.len())].mood
    } else {
        Mood::new(numbers.between(-1.0, 1.0), numbers.next()).unwrap()
    };
    let mut settings = BedSettings::new(numbers.below(1 << 20) as u32, length_s, mood);
    if numbers.next() < 0.4 {
        settings.key = Some(Key {
            tonic: numbers.below(12) as u8,
            mode: Mode::ALL[numbers.below(8)],
        });
    }
    if numbers.next() < 0.4 {
        settings.tempo_bpm = Some(numbers.between(40.0, 180.0).round());
    }
    if numbers.next() < 0.3 {
        let metres = ["3/4", "4/4", "5/4", "6/8", "7/4", "12/8"];
        settings.metre = Some(Metre::from_text(metres[numbers.below(6)]).unwrap());
    }
    if numbers.next() < 0.3 {
        settings.density = Some(numbers.next());
    }
    let mut frames: Vec<u64> = (0..numbers.below(13))
        .map(|_| (numbers.next() * (length_s - 0.1) * 25.0) as u64)
        .collect();
    frames.sort_unstable();
    frames.dedup();
    settings.hits = frames
        .iter()
        .map(|&frame| hit(frame as f64 / 25.0))
        .collect();
    settings
}

#[test]
fn the_checker_hears_wrong_notes_crossed_voices_and_parallel_octaves() {
    let bed = compose(&BedSettings::new(1, 60.0, Mood::from_name("warm").unwrap())).unwrap();
    assert!(checker::faults(&bed).is_empty());
    let mut wrong = bed.clone();
    let tonic = wrong.key.tonic;
    wrong.notes[3].key = 60 + tonic + 1;
    assert!(!bed.key.mode.is_minor() && checker::faults(&wrong)[0].contains("is not in"));
    let mut crossed = bed.clone();
    for note in &mut crossed.notes {
        if note.part == BedPart::Pad && note.line == 0 {
            note.key += 24;
        }
    }
    assert!(
        checker::faults(&crossed)
            .iter()
            .any(|fault| fault.contains("cross"))
    );
    // The top line doubles the bass three octaves up.
    let mut parallel = bed.clone();
    let top = bed
        .notes
        .iter()
        .filter(|note| note.part == BedPart::Pad)
        .map(|note| note.line)
        .max();
    let bass: Vec<_> = bed.part(BedPart::Low).copied().collect();
    parallel
        .notes
        .retain(|note| note.part != BedPart::Pad || Some(note.line) != top);
    parallel
        .notes
        .extend(bass.iter().map(|note| engine::score::compose::BedNote {
            part: BedPart::Pad,
            line: top.unwrap(),
            key: note.key + 48,
            ..*note
        }));
    assert!(
        checker::faults(&parallel)
            .iter()
            .any(|fault| fault.contains("parallel"))
    );
}

#[test]
fn the_last_chord_is_struck_once_and_left_to_ring() {
    for index in 0..40 {
        let bed = compose(&random_settings(index)).unwrap();
        let ending = bed.sections.len() - 1;
        let mut struck: Vec<_> = bed
            .notes
            .iter()
            .filter(|note| note.section == ending)
            .map(|note| (note.part, note.line))
            .collect();
        let num_notes = struck.len();
        struck.sort_unstable();
        struck.dedup();
        assert_eq!(struck.len(), num_notes, "request {index}");
        assert!(num_notes >= 4, "request {index}: {num_notes}");
    }
}

const NUM_REQUESTS: u64 = 200;
const HALF_FRAME_S: f64 = 0.5 / 25.0;

#[test]
fn two_hundred_random_beds_are_as_long_as_asked_and_keep_the_rules_of_harmony() {
    for index in 0..NUM_REQUESTS {
        let settings = random_settings(index);
        let bed = compose(&settings).unwrap();
        let faults = checker::faults(&bed);
        assert!(faults.is_empty(), "request {index}: {faults:#?}");
        assert_eq!(bed.sections[0].start_s, 0.0, "request {index}");
        assert_eq!(bed.sections.last().unwrap().end_s, settings.length_s);
        for pair in bed.sections.windows(2) {
            assert_eq!(pair[0].end_s, pair[1].start_s, "request {index}");
        }
        for note in &bed.notes {
            let silent_s = note.end_s + 1e-3 * f64::from(note.release_ms);
            assert!(note.start_s >= 0.0 && note.start_s < note.end_s);
            assert!(silent_s <= settings.length_s, "request {index}: {note:?}");
        }
    }
}

#[test]
fn at_least_95_percent_of_random_hits_fall_on_their_frame_and_the_rest_are_reported() {
    let (mut num_hits, mut num_met) = (0, 0);
    for index in 0..NUM_REQUESTS {
        let settings = random_settings(index);
        let bed = compose(&settings).unwrap();
        assert_eq!(bed.hits.len(), settings.hits.len());
        for (hit, wanted) in bed.hits.iter().zip(&settings.hits) {
            assert_eq!(hit.wanted_s, wanted.time_s);
            let miss_s = (hit.placed_s - hit.wanted_s).abs();
            num_hits += 1;
            num_met += usize::from(miss_s <= HALF_FRAME_S);
            assert!(
                miss_s <= HALF_FRAME_S || hit.remedy.is_some(),
                "request {index}"
            );
            let starts_there = bed
                .sections
                .iter()
                .any(|section| section.hit.is_some() && section.start_s == hit.placed_s);
            assert!(
                starts_there,
                "request {index}: nothing begins on the hit {hit:?}"
            );
            let sounds = bed.notes.iter().any(|note| note.start_s == hit.placed_s);
            assert!(sounds, "request {index}: nothing sounds on the hit {hit:?}");
        }
    }
    println!("{num_met} of {num_hits} hits met");
    assert!(num_met * 100 >= num_hits * 95, "{num_met} of {num_hits}");
}

#[test]
fn sections_lean_from_the_tempo_by_six_percent_at_most() {
    for index in 0..NUM_REQUESTS {
        let settings = random_settings(index);
        let bed = compose(&settings).unwrap();
        for (place, section) in bed.sections.iter().enumerate() {
            // The breath before a first hit has no beats of its own.
            let is_pick_up = place == 0 && section.beats() < 1.0;
            let lean = bed.tempo_bpm / section.tempo_bpm - 1.0;
            assert!(
                lean.abs() <= MAX_LEAN + 1e-9 || is_pick_up,
                "request {index}: {section:?}"
            );
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_bed_and_another_seed_another() {
    for index in 0..NUM_REQUESTS {
        let settings = random_settings(index);
        let mut other = settings.clone();
        other.seed += 1;
        let bed = compose(&settings).unwrap();
        assert_eq!(bed, compose(&settings).unwrap());
        assert_ne!(bed.notes, compose(&other).unwrap().notes, "request {index}");
    }
}

#[test]
fn a_bed_ends_on_the_tonic_after_a_chord_that_leads_there() {
    for index in 0..NUM_REQUESTS {
        let bed = compose(&random_settings(index)).unwrap();
        let last = bed.chords.last().unwrap();
        assert_eq!(last.degree, 0, "request {index}");
        assert!(bed.sections[last.section].is_ending);
        if let Some(before) = bed
            .chords
            .len()
            .checked_sub(2)
            .map(|place| &bed.chords[place])
            && bed.sections[before.section].beats() >= 1.0
        {
            // V, IV, II and VII lead home, each in the modes where it can (Persichetti 1961, ch. 2); in locrian, whose
            // tonic has no fifth, nothing else is left but the tonic itself.
            let leads = [4, 3, 1, 6].contains(&before.degree);
            assert!(leads, "request {index}: {} before the end", before.symbol);
        }
    }
}

fn three_hits() -> BedSettings {
    let mut settings = BedSettings::new(5, 100.0, Mood::from_name("hopeful").unwrap());
    settings.hits = vec![hit(31.0), hit(58.4), hit(80.0)];
    settings
}

/// Where the section begins that leads into the moved hit.
fn lead_in_s(bed: &Bed, hit_s: f64) -> f64 {
    let place = bed
        .sections
        .iter()
        .position(|section| section.end_s == hit_s)
        .unwrap();
    bed.sections[place].start_s
}

#[test]
fn moving_a_marker_changes_nothing_before_the_section_that_leads_into_it() {
    let settings = three_hits();
    let bed = compose(&settings).unwrap();
    for (place, way_s) in [(1, 0.4), (1, -2.0), (2, 1.2), (2, -0.04), (1, 6.0)] {
        let mut moved = settings.clone();
        moved.hits[place].time_s += way_s;
        let refitted = compose(&moved).unwrap();
        let changes_s = lead_in_s(&bed, settings.hits[place].time_s)
            .min(lead_in_s(&refitted, moved.hits[place].time_s));
        let before = |bed: &Bed| -> Vec<_> {
            bed.notes
                .iter()
                .filter(|note| note.start_s < changes_s && note.end_s < changes_s)
                .copied()
                .collect()
        };
        assert_eq!(
            before(&bed),
            before(&refitted),
            "hit {place} moved by {way_s} s"
        );
        assert!(changes_s >= settings.hits[place - 1].time_s);
    }
}

#[test]
fn moving_a_marker_by_some_frames_keeps_the_notes_and_only_stretches_them() {
    let settings = three_hits();
    let bed = compose(&settings).unwrap();
    let mut moved = settings.clone();
    moved.hits[2].time_s += 0.2;
    let refitted = compose(&moved).unwrap();
    let keys = |bed: &Bed| -> Vec<(usize, u8)> {
        bed.notes
            .iter()
            .filter(|note| note.section + 1 < bed.sections.len())
            .filter(|note| bed.sections[note.section].end_s <= bed.hits[2].placed_s)
            .map(|note| (note.section, note.key))
            .collect()
    };
    let (mut one, mut other) = (keys(&bed), keys(&refitted));
    one.sort_unstable();
    other.sort_unstable();
    assert_eq!(one, other);
}

#[test]
fn a_loop_leads_from_its_last_chord_to_its_first() {
    let mut settings = BedSettings::new(3, 64.0, Mood::from_name("warm").unwrap());
    settings.is_loop = true;
    let bed = compose(&settings).unwrap();
    assert_eq!(bed.sections.last().unwrap().end_s, 64.0);
    assert!(bed.sections.iter().all(|section| !section.is_ending));
    assert_eq!(bed.chords[0].degree, 0);
    assert!([4, 3, 1, 6].contains(&bed.chords.last().unwrap().degree));
}

#[test]
fn every_named_mood_has_its_own_music() {
    let beds: Vec<Bed> = MOODS
        .iter()
        .map(|named| compose(&BedSettings::new(1, 60.0, named.mood)).unwrap())
        .collect();
    for (place, bed) in beds.iter().enumerate() {
        assert!(checker::faults(bed).is_empty(), "{}", MOODS[place].name);
        for other in &beds[..place] {
            assert_ne!(bed.notes, other.notes);
        }
    }
    assert!(MOODS.len() >= 12);
}

#[test]
fn a_request_that_cannot_be_met_is_refused_with_the_value() {
    let calm = Mood::from_name("calm").unwrap();
    let refused = |change: &dyn Fn(&mut BedSettings)| {
        let mut settings = BedSettings::new(1, 30.0, calm);
        change(&mut settings);
        compose(&settings).unwrap_err().to_string()
    };
    assert!(refused(&|settings| settings.length_s = 0.0).contains("is 0;"));
    assert!(refused(&|settings| settings.length_s = 48.0 * 3600.0).contains("172800"));
    assert!(refused(&|settings| settings.length_s = f64::NAN).contains("NaN"));
    assert!(refused(&|settings| settings.tempo_bpm = Some(1000.0)).contains("1000"));
    assert!(refused(&|settings| settings.density = Some(-1.0)).contains("-1"));
    assert!(refused(&|settings| settings.hits = vec![hit(30.0)]).contains("30 s"));
    let late = refused(&|settings| {
        settings.hits = vec![Hit {
            time_s: 31.5,
            name: String::new(),
            origin: "line 4".to_owned(),
        }];
    });
    assert!(late.contains("31.5") && late.contains("line 4"), "{late}");
    let twice = refused(&|settings| settings.hits = vec![hit(4.0), hit(9.0), hit(4.001)]);
    assert!(twice.contains("4.001") && twice.contains("4 s"), "{twice}");
    assert!(
        Mood::from_name("grumpy")
            .unwrap_err()
            .to_string()
            .contains("hopeful")
    );
    assert!(Key::from_text("H").is_err() && Metre::from_text("4/5").is_err());
}
