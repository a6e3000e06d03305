"""Analysis and decoding against notes whose truth is known in closed form."""

import numpy as np
import pytest

from sound.analysis import Analyzer
from sound.decode import decode_straight
from sound.grid import Grid, key_to_hz
from sound.pitch import f0_hz
from sound.retune import retune
from sound.soundfont import Request
from sound.tones import Tone

GRID = Grid()
TIMES = np.asarray(GRID.column_times_s)
HELD = (TIMES > 0.3) & (TIMES < 2.8)
HOLD_FRAMES, TOTAL_FRAMES = 144_000, 196_608


def tone(program: int, key: int):
    made = Tone(program, GRID.sample_rate_hz)
    return made, next(made.notes([Request(key, 0.8)], HOLD_FRAMES, TOTAL_FRAMES))


@pytest.mark.parametrize("key", [28, 45, 60, 84])
def test_levels_of_a_steady_tone_are_its_harmonics_within_a_third_of_a_db(key):
    made, note = tone(0, key)
    grid = Analyzer(GRID, key).analyze(note.samples)
    count = min(16, int(18_000 / key_to_hz(key)))
    expected = made.level_db(np.arange(1, count + 1), 0.8)
    np.testing.assert_allclose(grid.level_db[:count, HELD].mean(axis=1), expected, atol=0.33)


@pytest.mark.parametrize("cents", [-20.0, 13.0])
def test_a_mistuned_note_is_measured_and_put_right(cents):
    time_s = np.arange(TOTAL_FRAMES) / 48_000
    samples = sum(np.sin(2 * np.pi * k * 261.6256 * 2 ** (cents / 1200) * time_s) / k for k in range(1, 20)).astype(np.float32)
    grid = Analyzer(GRID, 60).analyze(samples)
    assert grid.tuning_cents == pytest.approx(cents, abs=0.2)
    assert np.abs(grid.deviation_cents[:12, HELD]).max() < 0.5


def test_vibrato_is_followed():
    time_s = np.arange(TOTAL_FRAMES) / 48_000
    cents = 15 * np.sin(2 * np.pi * 2 * time_s)
    phase = np.cumsum(261.6256 * 2 ** (cents / 1200)) / 48_000
    samples = sum(np.sin(2 * np.pi * k * phase) / k for k in range(1, 20)).astype(np.float32)
    grid = Analyzer(GRID, 60).analyze(samples)
    expected = 15 * np.sin(2 * np.pi * 2 * TIMES[HELD])
    np.testing.assert_allclose(grid.deviation_cents[:8, HELD], np.tile(expected, (8, 1)), atol=2.0)


@pytest.mark.parametrize(("key", "cents"), [(36, -31.0), (60, 12.0), (84, 34.0), (95, -20.0)])
def test_a_mistuned_note_keeps_its_high_harmonics(key, cents):
    f0_hz_ = float(key_to_hz(key)) * 2 ** (cents / 1200)
    time_s = np.arange(TOTAL_FRAMES) / 48_000
    count = min(40, int(17_000 / f0_hz_))
    samples = sum(np.sin(2 * np.pi * k * f0_hz_ * time_s) / k for k in range(1, count + 1)).astype(np.float32)
    analyzer = Analyzer(GRID, key)
    found = analyzer.mistuning_cents(samples)
    assert found == pytest.approx(cents, abs=0.2)
    grid = analyzer.analyze(retune(samples, found))
    np.testing.assert_allclose(grid.level_db[:count, HELD].mean(axis=1), -20 * np.log10(np.arange(1, count + 1)), atol=0.3)


def test_retuning_keeps_length_level_and_the_start_where_it_was():
    time_s = np.arange(TOTAL_FRAMES) / 48_000
    samples = (np.sin(2 * np.pi * 440 * time_s) * (time_s > 0.05)).astype(np.float32)
    lower = retune(samples, 20.0)
    assert len(lower) == len(samples)
    assert f0_hz(lower[24_000:96_000], 48_000) == pytest.approx(440 * 2 ** (-20 / 1200), rel=2e-5)
    assert np.abs(lower[24_000:96_000]).max() == pytest.approx(1.0, abs=0.01)
    assert np.flatnonzero(np.abs(lower) > 0.1)[0] / 48_000 == pytest.approx(0.05 * 2 ** (20 / 1200), abs=1e-3)


def test_noise_between_the_partials_is_measured_within_two_db():
    random = np.random.default_rng(1)
    time_s = np.arange(TOTAL_FRAMES) / 48_000
    samples = np.sin(2 * np.pi * 440 * time_s) + 0.01 * random.standard_normal(TOTAL_FRAMES)
    grid = Analyzer(GRID, 69).analyze(samples.astype(np.float32))
    width = np.diff(GRID.noise_band_edges_hz)
    expected = 10 * np.log10(1e-4 * width / 24_000)
    measured = grid.noise_db[:, HELD].mean(axis=1)
    # From the third harmonic's band on: below, the sine's own skirt is in every bin of the narrow bands.
    above = np.asarray(GRID.noise_band_edges_hz[:-1]) > 1000
    np.testing.assert_allclose(measured[above], expected[above], atol=2.0)


@pytest.mark.parametrize("key", [36, 60, 84])
def test_a_decoded_note_analyses_to_the_grid_it_came_from(key):
    _, note = tone(1, key)
    first = Analyzer(GRID, key).analyze(note.samples)
    samples = decode_straight(GRID, first.level_db, first.deviation_cents, first.noise_db, key, 3, 48_000)
    second = Analyzer(GRID, key).analyze(samples.astype(np.float32))
    strong = first.level_db[:, HELD] > -50
    assert np.abs(second.level_db[:, HELD] - first.level_db[:, HELD])[strong].mean() < 0.5
    assert np.abs(second.deviation_cents[:, HELD] - first.deviation_cents[:, HELD])[strong].mean() < 0.5
    assert abs((second.noise_db[:, HELD] - first.noise_db[:, HELD]).mean()) < 1.0  # an error of a band's width or of 3 dB would show
    cents = 1200 * np.log2(f0_hz(samples[24_000:96_000], 48_000) / float(key_to_hz(key)))
    assert abs(cents) < 1.0


def test_silence_has_no_partials_and_no_infinities():
    grid = Analyzer(GRID, 60).analyze(np.zeros(TOTAL_FRAMES, dtype=np.float32))
    assert np.isfinite(grid.level_db).all() and np.isfinite(grid.noise_db).all()
    assert grid.peak_db < -150


def test_yin_hears_a_planted_error_of_three_cents():
    time_s = np.arange(48_000) / 48_000
    f0 = 220 * 2 ** (3 / 1200)
    samples = sum(np.sin(2 * np.pi * k * f0 * time_s) / k for k in range(1, 12))
    assert 1200 * np.log2(f0_hz(samples, 48_000) / 220) == pytest.approx(3.0, abs=0.1)
