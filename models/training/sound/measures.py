"""What a listener would say of many notes at once, as numbers: arrays [n, rows, columns] in, one number per note out.

Computed from the grid, for real and generated notes alike. The four attributes that condition the network are the
first; the others find directions in the style space, name sounds and stand in the report. Units in each docstring.
"""

import numpy as np

from .grid import Grid, key_to_hz

ATTRIBUTES = ["brightness", "attack", "noisiness", "decay"]
_GRID = Grid()
_TIMES = np.asarray(_GRID.column_times_s)
_WIDTHS = np.gradient(_TIMES)
_FIRST = np.asarray(_GRID.row_first_harmonic)
_LAST = np.asarray(_GRID.row_last_harmonic)
_SINGLE = int(np.sum(_FIRST == _LAST))
DECAY_RANGE_DB_S = (-40.0, 20.0)
VIBRATO_RATES_HZ = np.arange(3.0, 9.0, 0.2)
CHUNK = 256
"""Notes measured at a time: memory for 100 MB of intermediate numbers."""


def columns_between(start_s: float, end_s: float) -> np.ndarray:
    """[columns] whether a column's centre lies there."""
    return (_TIMES >= start_s) & (_TIMES < end_s)


def harmonics_per_row(key: np.ndarray) -> np.ndarray:
    """[n, rows] how many of a row's harmonics lie below the highest frequency."""
    highest = (_GRID.max_frequency_hz / key_to_hz(key, _GRID.tuning_hz)).astype(int)
    return np.clip(np.minimum(_LAST, highest[:, None]) - _FIRST + 1, 0, None)


def row_frequencies_hz(key: np.ndarray) -> np.ndarray:
    """[n, rows] of the middle of what a row holds."""
    last = _FIRST + np.maximum(harmonics_per_row(key), 1) - 1
    return np.sqrt(_FIRST * last) * key_to_hz(key, _GRID.tuning_hz)[:, None]


def partial_power(level_db: np.ndarray, key: np.ndarray) -> np.ndarray:
    """[n, rows, columns] mean square of a row's harmonics together, the loudest cell's partial at 0.5."""
    audible = level_db > _GRID.level_range_db[0] + 0.5
    return 0.5 * 10 ** (level_db / 10) * audible * harmonics_per_row(key)[:, :, None]


def brightness(power: np.ndarray, key: np.ndarray) -> np.ndarray:
    """log2 Hz: amplitude-weighted mean frequency over 0.05..1 s."""
    amplitude = np.sqrt(power[:, :, columns_between(0.05, 1.0)].mean(axis=2))
    return np.log2((amplitude * row_frequencies_hz(key)).sum(axis=1) / np.maximum(amplitude.sum(axis=1), 1e-12))


def attack(power: np.ndarray) -> np.ndarray:
    """log10 s until the partials first reach half the power of their loudest column in the first second, between columns."""
    early = power.sum(axis=1)[:, _TIMES < 1.0]
    half = 0.5 * early.max(axis=1, keepdims=True)
    first = np.argmax(early >= half, axis=1)
    row = np.arange(len(early))
    before, time_before = np.where(first > 0, early[row, first - 1], 0.0), np.where(first > 0, _TIMES[first - 1], 0.0)
    share = (half[:, 0] - before) / np.maximum(early[row, first] - before, 1e-12)
    return np.log10(np.maximum(time_before + share * (_TIMES[first] - time_before), 1e-3))


def noisiness(noise_db: np.ndarray, power: np.ndarray) -> np.ndarray:
    """dB of the noise against the partials over 0.05..1.5 s."""
    part = columns_between(0.05, 1.5)
    noise = (10 ** (noise_db[:, :, part] / 10)).sum(axis=1).mean(axis=1)
    return 10 * np.log10(noise / np.maximum(power[:, :, part].sum(axis=1).mean(axis=1), 1e-12))


def decay(power: np.ndarray) -> np.ndarray:
    """dB/s: slope of the partials' total level from 0.3 to 2.5 s, at least -40 (below that the floor is reached)."""
    part = columns_between(0.3, 2.5)
    total = 10 * np.log10(np.maximum(power[:, :, part].sum(axis=1), 1e-8))
    times = _TIMES[part] - _TIMES[part].mean()
    return np.clip((total * times).sum(axis=1) / (times**2).sum(), *DECAY_RANGE_DB_S)


def attributes(level_db: np.ndarray, noise_db: np.ndarray, key: np.ndarray) -> np.ndarray:
    """[n, 4] in the order of ATTRIBUTES."""
    parts = []
    for i in range(0, len(key), CHUNK):
        chunk = slice(i, i + CHUNK)
        power = partial_power(level_db[chunk].astype(np.float32), key[chunk])
        values = [brightness(power, key[chunk]), attack(power), noisiness(noise_db[chunk].astype(np.float32), power), decay(power)]
        parts.append(np.stack(values, axis=1))
    return np.concatenate(parts)


def timbre(level_db: np.ndarray, deviation_cents: np.ndarray, noise_db: np.ndarray, key: np.ndarray) -> dict[str, np.ndarray]:
    """The other descriptors, each [n]: what directions in style space are named after.

    warmth: dB of harmonics 2..5 against 8..20 · hollowness: dB of odd harmonics 3..9 against even ones 2..8 · body: dB of
    harmonics 1 and 2 against all · movement: log2 of 1 cent and the swing of the pitch that the lowest eight rows share ·
    breath: dB of the noise above 2 kHz against the partials.
    """
    parts = [_timbre(level_db[i : i + CHUNK], deviation_cents[i : i + CHUNK], noise_db[i : i + CHUNK], key[i : i + CHUNK]) for i in range(0, len(key), CHUNK)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _timbre(level_db: np.ndarray, deviation_cents: np.ndarray, noise_db: np.ndarray, key: np.ndarray) -> dict[str, np.ndarray]:
    held = columns_between(0.2, 2.5)
    power = partial_power(level_db, key)[:, :, held].mean(axis=2)
    total = np.maximum(power.sum(axis=1), 1e-9)
    band = lambda *numbers: power[:, [n - 1 for n in numbers]].sum(axis=1) + 1e-6 * total  # noqa: E731
    high = np.asarray(_GRID.noise_band_edges_hz[:-1]) >= 2000.0
    noise = (10 ** (noise_db[:, high][:, :, held] / 10)).sum(axis=1).mean(axis=1)
    return {
        "warmth": 10 * np.log10(band(2, 3, 4, 5) / band(*range(8, 21))),
        "hollowness": 10 * np.log10(band(3, 5, 7, 9) / band(2, 4, 6, 8)),
        "body": 10 * np.log10(band(1, 2) / total),
        "movement": np.log2(1.0 + swing_cents(level_db, deviation_cents)),
        "breath": 10 * np.log10(noise / total),
    }


def common_deviation(level_db: np.ndarray, deviation_cents: np.ndarray) -> np.ndarray:
    """[n, columns] cents that the eight lowest rows share, weighted by power."""
    weight = 10 ** (level_db[:, :8] / 10)
    return (weight * deviation_cents[:, :8]).sum(axis=1) / weight.sum(axis=1)


def swing_cents(level_db: np.ndarray, deviation_cents: np.ndarray) -> np.ndarray:
    """[n] root mean square of the common deviation from 1 to 2.9 s about its straight line."""
    held = columns_between(1.0, 2.9)
    cents, times = common_deviation(level_db, deviation_cents)[:, held], _TIMES[held]
    basis = np.linalg.qr(np.stack([np.ones_like(times), times], axis=1))[0]
    return np.sqrt(np.mean((cents - cents @ basis @ basis.T) ** 2, axis=1))
