//! Latent arithmetic on the shipped model: a sum moves what is heard the way its terms differ.

use std::path::Path;

use models::{DEFAULT_TRUNCATION, SoundGenerator, SoundPoint, newest_sound_model};

const KEY: f32 = 60.0;
const NUM_SEEDS: u32 = 36;
/// Sounds at either end of a ranking that are subtracted from each other.
const NUM_ENDS: usize = 4;
/// Chance alone would move half of the sums the right way; 4 standard errors above it for 64 sums.
const WANTED_SHARE: f64 = 0.75;

fn shipped_model() -> SoundGenerator {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../models/shipped");
    SoundGenerator::load(newest_sound_model(&folder).unwrap()).unwrap()
}

/// What is measured on one note's level map `[rows, columns]`, dB.
type Descriptor = fn(&[f32], usize) -> f64;

/// log2 of the amplitude-weighted mean row: higher is brighter.
fn brightness(level_db: &[f32], num_columns: usize) -> f64 {
    let (mut weighted, mut total) = (0.0, 0.0);
    for (row, levels) in level_db.chunks(num_columns).enumerate() {
        let amplitude: f64 = levels
            .iter()
            .map(|&level| 10f64.powf(f64::from(level) / 20.0))
            .sum();
        weighted += amplitude * (row + 1) as f64;
        total += amplitude;
    }
    (weighted / total).log2()
}

/// dB of the second quarter of the columns' loudest partial over the last quarter's: higher dies away sooner.
fn fall_db(level_db: &[f32], num_columns: usize) -> f64 {
    let loudest = |first: usize, last: usize| {
        level_db
            .chunks(num_columns)
            .flat_map(|levels| &levels[first..last])
            .fold(f32::MIN, |most, &level| most.max(level))
    };
    let quarter = num_columns / 4;
    f64::from(loudest(quarter, 2 * quarter) - loudest(5 * quarter / 2, 3 * quarter))
}

#[test]
fn adding_the_difference_of_two_sounds_moves_a_third_the_same_way() {
    let mut generator = shipped_model();
    let num_columns = generator.manifest().grid.num_columns();
    let sounds: Vec<SoundPoint> = (1..=NUM_SEEDS)
        .map(|seed| SoundPoint::from_seed(seed, DEFAULT_TRUNCATION, generator.manifest()).unwrap())
        .collect();
    let descriptors: [(&str, Descriptor); 2] = [("brightness", brightness), ("fall", fall_db)];
    for (name, descriptor) in descriptors {
        let mut measure = |sound: &SoundPoint| {
            let note = generator.run_one(&sound.request(KEY, 0.7)).unwrap();
            descriptor(&note.level_db, num_columns)
        };
        let mut ranked: Vec<(f64, &SoundPoint)> =
            sounds.iter().map(|sound| (measure(sound), sound)).collect();
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0));
        let middle = ranked.len() / 2;
        let (mut moved, mut tried) = (0, 0);
        for low in &ranked[..NUM_ENDS] {
            for high in &ranked[ranked.len() - NUM_ENDS..] {
                for third in &ranked[middle - 2..middle + 2] {
                    let terms = [
                        (1.0, high.1.clone()),
                        (-1.0, low.1.clone()),
                        (1.0, third.1.clone()),
                    ];
                    let sum = SoundPoint::sum(&terms).unwrap();
                    moved += usize::from(measure(&sum) > third.0);
                    tried += 1;
                }
            }
        }
        let share = moved as f64 / f64::from(tried);
        assert!(
            share >= WANTED_SHARE,
            "{name}: {moved} of {tried} sums moved up"
        );
    }
}
