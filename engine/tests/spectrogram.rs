//! The picture's levels against sounds whose levels are known.

use engine::spectrogram::{Axes, levels_db};

const AXES: Axes = Axes {
    num_columns: 20,
    num_rows: 300,
    min_hz: 30.0,
    max_hz: 20_000.0,
};

fn row_of(frequency_hz: f64) -> usize {
    (AXES.height(frequency_hz) * AXES.num_rows as f64) as usize
}

#[test]
fn a_sine_stands_at_its_level_in_its_row_and_nowhere_else() {
    for frequency_hz in [60.0, 180.0, 440.0, 720.0, 5000.0] {
        let samples: Vec<f32> = (0..96_000)
            .map(|frame| {
                let turns = frequency_hz * f64::from(frame) / 48_000.0;
                (0.1 * (std::f64::consts::TAU * turns).sin()) as f32
            })
            .collect();
        let levels = levels_db(&samples, 48_000, &AXES).unwrap();
        let column = &levels[10 * AXES.num_rows..11 * AXES.num_rows];
        let loudest = (0..AXES.num_rows)
            .max_by(|&a, &b| column[a].total_cmp(&column[b]))
            .unwrap();
        assert!(
            loudest.abs_diff(row_of(frequency_hz)) <= 1,
            "{frequency_hz} Hz: row {loudest}"
        );
        // A Hann window shows a sine between two bins 1.4 dB low at worst.
        assert!(
            (-21.5..-19.9).contains(&column[loudest]),
            "{frequency_hz} Hz: {} dB",
            column[loudest]
        );
        assert!(column[row_of(frequency_hz * 2.0)] < -80.0);
    }
}

#[test]
fn silence_is_at_the_floor_and_an_impossible_picture_is_refused() {
    let levels = levels_db(&[0.0; 4800], 48_000, &AXES).unwrap();
    assert!(
        levels
            .iter()
            .all(|&level_db| (level_db + 160.0).abs() < 0.01)
    );
    assert!(
        levels_db(
            &[],
            48_000,
            &Axes {
                num_rows: 0,
                ..AXES
            }
        )
        .is_err()
    );
}
