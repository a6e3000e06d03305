"""Descriptors on notes whose truth is known."""

import numpy as np
import pytest

from sound import measures
from sound.grid import Grid

GRID = Grid()
TIMES = np.asarray(GRID.column_times_s)


def partials(levels_db: dict[int, float]) -> np.ndarray:
    """One steady note [1, rows, columns] with the given harmonics."""
    level = np.full((1, GRID.num_rows, GRID.num_columns), -80.0)
    for harmonic, level_db in levels_db.items():
        level[0, harmonic - 1] = level_db
    return level


def measure(level: np.ndarray, key: float = 69, noise_db: float = -115.0) -> dict[str, float]:
    noise = np.full((1, GRID.num_bands, GRID.num_columns), noise_db)
    return dict(zip(measures.ATTRIBUTES, measures.attributes(level, noise, np.array([key]))[0]))


def test_brightness_of_one_harmonic_is_its_own_frequency():
    assert measure(partials({2: 0.0}))["brightness"] == pytest.approx(np.log2(880), abs=1e-3)


def test_a_group_row_counts_only_the_harmonics_below_20_khz():
    key = 48  # 130.8 Hz: 152 harmonics, so the group that holds harmonic 152 is cut
    counts = measures.harmonics_per_row(np.array([key]))[0]
    assert counts.sum() == int(20_000 / (440 * 2 ** ((key - 69) / 12)))


@pytest.mark.parametrize("rise_s", [0.05, 0.1, 0.15, 0.3])
def test_attack_time_lies_between_columns(rise_s):
    level = partials({1: 0.0})
    level[0, 0] = 10 * np.log10(np.clip(TIMES / rise_s, 1e-8, 1))  # power rises on a straight line
    loudest = np.clip(TIMES[TIMES < 1] / rise_s, 0, 1).max()
    assert 10 ** measure(level)["attack"] == pytest.approx(0.5 * rise_s * loudest, rel=0.05)


def test_decay_is_the_slope():
    level = partials({1: 0.0})
    level[0, 0] = -12.0 * TIMES
    assert measure(level)["decay"] == pytest.approx(-12.0, abs=0.01)


def test_noisiness_is_the_ratio_of_powers():
    band_db = 10 * np.log10(0.5 / GRID.num_bands)  # all bands together as much as one partial
    assert measure(partials({1: 0.0}), noise_db=band_db)["noisiness"] == pytest.approx(0.0, abs=0.01)
