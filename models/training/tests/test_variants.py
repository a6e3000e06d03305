"""Other ways to play a note, against what they must do to it."""

import numpy as np
import pytest

from sound import descriptors
from sound.analysis import Analyzer
from sound.corpus_row import Candidate, admit
from sound.grid import Grid, key_to_hz
from sound.soundfont import Request
from sound.tones import Tone
from sound.variants import Performance, draw, fit_hold, sweep

GRID = Grid()
RATE_HZ = GRID.sample_rate_hz
HOLD_FRAMES, TOTAL_FRAMES = 144_000, 196_608


def played(performance: Performance, key: int = 60, program: int = 0) -> np.ndarray:
    return next(Tone(program, RATE_HZ).notes([Request(key, 0.8, performance)], HOLD_FRAMES, TOTAL_FRAMES)).samples


@pytest.mark.parametrize("key", [40, 60, 79])
@pytest.mark.parametrize(("rate_hz", "depth_cents"), [(4.5, 15.0), (6.5, 35.0)])
def test_a_planted_vibrato_is_measured_in_rate_and_within_a_quarter_in_depth(key, rate_hz, depth_cents):
    made = played(Performance("vibrato", vibrato_hz=rate_hz, vibrato_cents=depth_cents, vibrato_delay_s=0.3), key)
    grid = Analyzer(GRID, key).analyze(made)
    found_hz, found_cents = descriptors.vibrato(grid.level_db, grid.deviation_cents)
    assert found_hz == pytest.approx(rate_hz, abs=0.15)
    # Averaging over 40 ms columns and over the window takes away from a fast movement; never adds.
    assert 0.75 * depth_cents < found_cents < 1.02 * depth_cents


def test_a_note_without_vibrato_measures_none():
    grid = Analyzer(GRID, 60).analyze(played(Performance()))
    assert descriptors.vibrato(grid.level_db, grid.deviation_cents)[1] < 0.3


def test_a_stacked_note_beats_at_the_difference_of_its_two_pitches():
    cents = 2.5
    grid = Analyzer(GRID, 69).analyze(played(Performance("stacked", detune_cents=cents), key=69))
    held = descriptors.held_columns(0.5, 2.9)
    times = np.asarray(GRID.column_times_s)[held]
    harmonic = 4
    amplitude = 10 ** (grid.level_db[harmonic - 1, held] / 20)
    rates_hz = np.arange(1.0, 12.0, 0.02)
    spectrum = np.abs(np.exp(-2j * np.pi * np.outer(rates_hz, times)) @ ((amplitude**2 - (amplitude**2).mean()) * np.hanning(len(times))))
    expected_hz = harmonic * 440 * (2 ** (cents / 1200) - 2 ** (-cents / 1200))
    assert rates_hz[spectrum.argmax()] == pytest.approx(expected_hz, abs=0.1)


def test_a_swept_note_is_filtered_as_the_formula_says():
    plain = Analyzer(GRID, 48).analyze(played(Performance(), key=48))
    performance = Performance("swept", sweep_start_octaves=1.0, sweep_end_octaves=4.0, sweep_s=2.0, resonance=0.7071)
    swept = sweep(GRID, plain, 48, performance)
    assert swept.level_db.max() == 0.0
    column, harmonic = int(np.argmin(np.abs(np.asarray(GRID.column_times_s) - 1.0))), 8
    progress = GRID.column_times_s[column] / 2.0
    ratio = harmonic / 2 ** (1.0 + 3.0 * progress)
    expected_db = -10 * np.log10(1 + ratio**4)  # a Butterworth of second order
    moved = (swept.level_db - plain.level_db)[:, column]
    first = 1 / 2 ** (1.0 + 3.0 * progress)
    assert moved[harmonic - 1] - moved[0] == pytest.approx(expected_db + 10 * np.log10(1 + first**4), abs=0.01)


@pytest.mark.parametrize("held_s", [1.3, 6.0, 11.0])
def test_a_note_of_any_hold_is_released_where_the_grid_says_without_a_dip(held_s):
    time_s = np.arange(round((held_s + 1.2) * RATE_HZ)) / RATE_HZ
    f0_hz = float(key_to_hz(50))
    released_s = np.maximum(time_s - held_s, 0)
    samples = (sum(np.sin(2 * np.pi * k * f0_hz * time_s + k) / k for k in range(1, 12)) * 10 ** (-60 * released_s / 20)).astype(np.float32)
    fitted = fit_hold(samples, round(held_s * RATE_HZ), HOLD_FRAMES, RATE_HZ, f0_hz)
    level = 20 * np.log10(np.sqrt(np.convolve(fitted**2, np.ones(4800) / 4800, mode="valid")[::480]) + 1e-9)
    held = slice(0, 290)
    assert np.ptp(level[held]) < 1.5
    fall = level[320:390]
    assert np.polyfit(np.arange(70) / 100, fall, 1)[0] == pytest.approx(-60, abs=3)


def test_a_performance_is_the_same_for_the_same_seed_and_another_for_another():
    assert draw("vibrato", [1, 2, 3]) == draw("vibrato", [1, 2, 3]) != draw("vibrato", [1, 2, 4])


@pytest.mark.parametrize(
    ("samples", "why"),
    [
        (np.zeros(TOTAL_FRAMES), "silent"),
        (np.full(TOTAL_FRAMES, np.nan), "not finite"),
        (np.random.default_rng(0).standard_normal(TOTAL_FRAMES) * 0.1, "not harmonic"),
        (np.sin(2 * np.pi * 440 * 2 ** (60 / 1200) * np.arange(TOTAL_FRAMES) / RATE_HZ), "out of tune"),
        (sum(np.sin(2 * np.pi * k * 440 * np.arange(TOTAL_FRAMES) / RATE_HZ + k) / k for k in range(2, 12, 2)), "an octave high"),
    ],
)
def test_a_note_that_cannot_be_learnt_from_is_left_out_with_the_reason(samples, why):
    assert admit(Candidate(69, 0.7, samples.astype(np.float32), "p", "f", 1.0), "s", "CC0") == why


def test_group_rows_count_no_harmonic_above_20_khz():
    for key in (24, 48, 60, 83, 96):
        expected = int(20_000 / (440 * 2 ** ((key - 69) / 12)))
        assert descriptors.harmonics_per_row(key).sum() == min(expected, GRID.row_last_harmonic[-1])


def test_the_power_of_a_flat_spectrum_is_that_of_its_harmonics_alone():
    key, level = 60, np.zeros((64, 128), dtype=np.float32)
    level[~GRID.valid_rows(key)] = -80
    assert descriptors.partial_power(level, key).sum(axis=0)[0] == pytest.approx(int(20_000 / float(key_to_hz(key))) / 2)
