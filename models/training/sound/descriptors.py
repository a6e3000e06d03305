"""What a listener would say of a note, as numbers: computed from its grid, for real and generated notes alike.

The four attributes that condition the network come first; the corpus mean at each key and their correlation are taken
out later (`conditions.Whitening`). All functions take one note; shapes as in CONTRACT.md.
"""

from functools import lru_cache

import numpy as np

from .analysis import NoteGrid
from .grid import Grid, key_to_hz

ATTRIBUTES = ["brightness", "attack", "noisiness", "decay"]
_GRID = Grid()
_TIMES = np.asarray(_GRID.column_times_s)
_FIRST = np.asarray(_GRID.row_first_harmonic)
_LAST = np.asarray(_GRID.row_last_harmonic)
LOWEST_VIBRATO_HZ, HIGHEST_VIBRATO_HZ = 3.0, 9.0


@lru_cache(maxsize=256)
def harmonics_per_row(key: float) -> np.ndarray:
    """How many of each row's harmonics lie below the highest frequency at a key, [rows]."""
    highest = int(_GRID.max_frequency_hz / float(key_to_hz(key, _GRID.tuning_hz)))
    return np.maximum(np.minimum(_LAST, highest) - _FIRST + 1, 0)


def row_centres(key: float) -> np.ndarray:
    """Harmonic number in the middle of what a row holds at a key, [rows]."""
    return np.sqrt(_FIRST * (_FIRST + np.maximum(harmonics_per_row(key), 1) - 1.0))


def partial_power(level_db: np.ndarray, key: float) -> np.ndarray:
    """Mean square of each row's harmonics together, [rows, columns], loudest cell's partial at 0.5."""
    audible = level_db > _GRID.level_range_db[0] + 0.5
    return 0.5 * 10 ** (level_db / 10) * audible * harmonics_per_row(key)[:, None]


def held_columns(start_s: float, end_s: float) -> np.ndarray:
    return (_TIMES >= start_s) & (_TIMES < end_s)


def raw_attributes(note: NoteGrid, key: float) -> np.ndarray:
    """[4]: octaves of the spectral centroid, log10 attack seconds, dB of noise against partials, dB/s of the decay."""
    power = partial_power(note.level_db, key)
    values = [brightness(note.level_db, key), _attack(power), _noisiness(note.noise_db, power), _decay(power)]
    return np.array(values, dtype=np.float32)


def brightness(level_db: np.ndarray, key: float) -> float:
    """log2 of the amplitude-weighted mean frequency in Hz over 0.05..1 s."""
    power = partial_power(level_db, key)[:, held_columns(0.05, 1.0)].mean(axis=1)
    frequency_hz = row_centres(key) * float(key_to_hz(key, _GRID.tuning_hz))
    return float(np.log2((np.sqrt(power) * frequency_hz).sum() / max(np.sqrt(power).sum(), 1e-12)))


def attack(level_db: np.ndarray, key: float) -> float:
    """log10 of the seconds until the partials first reach half the power of their loudest column in the first second."""
    return _attack(partial_power(level_db, key))


def _attack(power: np.ndarray) -> float:
    early = power.sum(axis=0)[_TIMES < 1.0]
    return float(np.log10(_TIMES[int(np.argmax(early >= 0.5 * early.max()))]))


def noisiness(note: NoteGrid, key: float) -> float:
    """dB of the noise against the partials over 0.05..1.5 s."""
    return _noisiness(note.noise_db, partial_power(note.level_db, key))


def _noisiness(noise_db: np.ndarray, power: np.ndarray) -> float:
    part = held_columns(0.05, 1.5)
    noise = (10 ** (noise_db[:, part] / 10)).sum(axis=0).mean()
    return float(10 * np.log10(noise / max(power[:, part].sum(axis=0).mean(), 1e-12)))


def decay(level_db: np.ndarray, key: float) -> float:
    """Slope of the partials' total level in dB/s from 0.3 to 2.5 s, at least -40 (below that the floor is reached)."""
    return _decay(partial_power(level_db, key))


def _decay(power: np.ndarray) -> float:
    part = held_columns(0.3, 2.5)
    total = 10 * np.log10(np.maximum(power[:, part].sum(axis=0), 1e-8))
    slope = np.polyfit(_TIMES[part], total, 1)[0]
    return float(np.clip(slope, -40, 20))


def common_deviation(level_db: np.ndarray, deviation_cents: np.ndarray) -> np.ndarray:
    """Deviation that the eight lowest rows share, weighted by power, in cents per column."""
    weight = 10 ** (level_db[:8] / 10)
    return (weight * deviation_cents[:8]).sum(axis=0) / weight.sum(axis=0)


def vibrato(level_db: np.ndarray, deviation_cents: np.ndarray) -> tuple[float, float]:
    """Rate in Hz and depth in cents (of a sine: its amplitude) of the strongest regular movement of the pitch from 1 to 2.9 s.

    The columns there are 40 ms apart, and each averages over its width: a vibrato of 5.5 Hz reads 8 % too shallow.
    """
    held = held_columns(1.0, 2.9)
    times = _TIMES[held]
    cents = common_deviation(level_db, deviation_cents)[held]
    cents = cents - np.polyval(np.polyfit(times, cents, 1), times)
    window = np.hanning(len(times))
    rates_hz = np.arange(LOWEST_VIBRATO_HZ, HIGHEST_VIBRATO_HZ, 0.1)
    spectrum = np.abs(np.exp(-2j * np.pi * np.outer(rates_hz, times)) @ (cents * window)) * 2 / window.sum()
    strongest = int(np.argmax(spectrum))
    return float(rates_hz[strongest]), float(spectrum[strongest])
