"""What a listener would say of a note, as numbers: computed from its grid, for real and generated notes alike.

The four attributes that condition the network come first; the corpus mean at each key and their correlation are taken
out later (`conditions.Whitening`). All functions take one note; shapes as in CONTRACT.md.
"""

import numpy as np

from .analysis import NoteGrid
from .grid import Grid, key_to_hz

ATTRIBUTES = ["brightness", "attack", "noisiness", "decay"]
_GRID = Grid()
_TIMES = np.asarray(_GRID.column_times_s)
_HARMONICS_PER_ROW = np.asarray(_GRID.row_last_harmonic) - np.asarray(_GRID.row_first_harmonic) + 1
_CENTRES = _GRID.row_centres()


def partial_power(level_db: np.ndarray) -> np.ndarray:
    """Mean square of each row's harmonics together, [rows, columns], loudest cell's partial at 0.5."""
    audible = level_db > _GRID.level_range_db[0] + 0.5
    return 0.5 * 10 ** (level_db / 10) * audible * _HARMONICS_PER_ROW[:, None]


def held_columns(start_s: float, end_s: float) -> np.ndarray:
    return (_TIMES >= start_s) & (_TIMES < end_s)


def raw_attributes(note: NoteGrid, key: float) -> np.ndarray:
    """[4]: octaves of the spectral centroid, log10 attack seconds, dB of noise against partials, dB/s of the decay."""
    return np.array([brightness(note.level_db, key), attack(note.level_db), noisiness(note), decay(note.level_db)], dtype=np.float32)


def brightness(level_db: np.ndarray, key: float) -> float:
    """log2 of the amplitude-weighted mean frequency in Hz over 0.05..1 s."""
    power = partial_power(level_db)[:, held_columns(0.05, 1.0)].mean(axis=1)
    frequency_hz = _CENTRES * float(key_to_hz(key, _GRID.tuning_hz))
    return float(np.log2((np.sqrt(power) * frequency_hz).sum() / max(np.sqrt(power).sum(), 1e-12)))


def attack(level_db: np.ndarray) -> float:
    """log10 of the seconds until the partials first reach half the power of their loudest column in the first second."""
    total = partial_power(level_db).sum(axis=0)
    early = total[_TIMES < 1.0]
    return float(np.log10(_TIMES[int(np.argmax(early >= 0.5 * early.max()))]))


def noisiness(note: NoteGrid) -> float:
    """dB of the noise against the partials over 0.05..1.5 s."""
    part = held_columns(0.05, 1.5)
    noise = (10 ** (note.noise_db[:, part] / 10)).sum(axis=0).mean()
    return float(10 * np.log10(noise / max(partial_power(note.level_db)[:, part].sum(axis=0).mean(), 1e-12)))


def decay(level_db: np.ndarray) -> float:
    """Slope of the partials' total level in dB/s from 0.3 to 2.5 s, at least -40 (below that the floor is reached)."""
    part = held_columns(0.3, 2.5)
    total = 10 * np.log10(np.maximum(partial_power(level_db)[:, part].sum(axis=0), 1e-8))
    slope = np.polyfit(_TIMES[part], total, 1)[0]
    return float(np.clip(slope, -40, 20))
