"""A grid -> samples, straight: the twin of `engine::decode`, kept for parity and for evaluation (CONTRACT.md 3).

Written for clarity in float64, one numpy statement per rule; about 100 times slower than the engine.
"""

import numpy as np

from pipeline.seeded import uniform

from .grid import Grid, key_to_hz

TICK_FRAMES = 64
MAX_PARTIALS = 256
TUNING_ROWS, TUNING_START_S = 16, 0.1
SHORT_COLUMN_S = 0.010


def decode_straight(grid: Grid, level_db: np.ndarray, deviation_cents: np.ndarray, noise_db: np.ndarray, key: float, seed: int, sample_rate_hz: int) -> np.ndarray:
    """[frames] float64, the whole note at gain 1, mono, without envelope."""
    f0_hz = float(key_to_hz(key, grid.tuning_hz))
    deviation = deviation_cents - tuning_line(grid, level_db, deviation_cents)
    num_frames = round(grid.duration_s * sample_rate_hz)
    partials = _partials(grid, smooth_levels(grid, level_db), deviation, f0_hz, seed, sample_rate_hz, num_frames)
    return partials + _noise(grid, noise_db, seed, sample_rate_hz, num_frames)


def tuning_line(grid: Grid, level_db: np.ndarray, deviation_cents: np.ndarray) -> np.ndarray:
    """Rule 1: [columns], the cents to take off each column."""
    times = np.asarray(grid.column_times_s)
    number_squared = (np.asarray(grid.row_first_harmonic) * np.asarray(grid.row_last_harmonic))[:TUNING_ROWS, None]
    weight = 10 ** (level_db[:TUNING_ROWS] / 10) * number_squared
    common = (weight * deviation_cents[:TUNING_ROWS]).sum(axis=0) / weight.sum(axis=0)
    held = (times >= TUNING_START_S) & (times <= grid.release_start_s)
    root = np.sqrt(np.sqrt(weight.sum(axis=0)) * np.gradient(times))[held]
    columns = np.stack([np.ones(held.sum()), times[held]], axis=1)
    start, slope = np.linalg.lstsq(columns * root[:, None], common[held] * root, rcond=None)[0]
    return start + slope * np.clip(times, TUNING_START_S, grid.release_start_s)


def smooth_levels(grid: Grid, level_db: np.ndarray) -> np.ndarray:
    """Rule 3's average: [rows, columns] with each short column a quarter, a half, a quarter of itself and its neighbours."""
    step = np.diff(grid.column_times_s)
    short = 1 + np.flatnonzero((step[:-1] < SHORT_COLUMN_S) & (step[1:] < SHORT_COLUMN_S))
    smooth = np.array(level_db)
    smooth[:, short] = level_db[:, short] / 2 + (level_db[:, short - 1] + level_db[:, short + 1]) / 4
    return smooth


def _over_time(grid: Grid, maps: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Rule 3: [rows, columns] -> [rows, times]."""
    return np.stack([np.interp(times_s, grid.column_times_s, row) for row in maps])


def _over_harmonics(grid: Grid, maps: np.ndarray, f0_hz: float, harmonics: np.ndarray) -> np.ndarray:
    """Rule 2: [rows, times] -> [harmonics, times], among the valid rows."""
    valid = np.asarray(grid.row_first_harmonic) * f0_hz <= grid.max_frequency_hz
    centres = np.log(grid.row_centres()[valid])
    return np.stack([np.interp(np.log(harmonics), centres, column) for column in maps[valid].T], axis=1)


def _partials(grid: Grid, level_db, deviation, f0_hz: float, seed: int, rate: int, num_frames: int) -> np.ndarray:
    harmonics = np.arange(1, min(MAX_PARTIALS, int(grid.max_frequency_hz / f0_hz)) + 1)
    num_ticks = -(-num_frames // TICK_FRAMES)
    times = np.arange(num_ticks + 1) * TICK_FRAMES / rate
    level = _over_harmonics(grid, _over_time(grid, level_db, times), f0_hz, harmonics)
    cents = _over_harmonics(grid, _over_time(grid, deviation, times), f0_hz, harmonics)
    floor = 10 ** (grid.level_range_db[0] / 20)
    amplitude = np.maximum(0, 10 ** (level / 20) - floor)
    amplitude[:, 0] = 0
    amplitude[harmonics * f0_hz >= 0.49 * rate] = 0
    turns_per_frame = harmonics[:, None] * f0_hz * 2 ** (cents[:, :-1] / 1200) / rate
    start = uniform(seed, 0, harmonics)[:, None] + np.concatenate(
        [np.zeros((len(harmonics), 1)), np.cumsum(turns_per_frame * TICK_FRAMES, axis=1)[:, :-1]], axis=1
    )
    frame = np.arange(TICK_FRAMES)
    out = np.zeros((num_ticks, TICK_FRAMES))
    for k in range(len(harmonics)):
        a0, a1 = amplitude[k, :-1, None], amplitude[k, 1:, None]
        phase = start[k, :, None] + turns_per_frame[k, :, None] * frame
        out += (a0 + (a1 - a0) * frame / TICK_FRAMES) * np.sin(2 * np.pi * (phase % 1))
    return out.reshape(-1)[:num_frames]


def noise_length(rate: int) -> int:
    """Rule 7's N."""
    return 2 ** round(np.log2(512 * rate / 48_000))


def band_shares(grid: Grid, rate: int) -> np.ndarray:
    """[bins, bands]: the share of a band's width that lies inside a bin; bin 0 and the last stay empty."""
    length = noise_length(rate)
    edges = np.asarray(grid.noise_band_edges_hz)
    middle = np.arange(length // 2)[:, None] * rate / length
    low, high = middle - rate / length / 2, middle + rate / length / 2
    inside = np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1])
    shares = np.maximum(inside, 0) / np.diff(edges)
    shares[0] = 0
    return shares


def _noise(grid: Grid, noise_db, seed: int, rate: int, num_frames: int) -> np.ndarray:
    length = noise_length(rate)
    hop, bins = length // 2, np.arange(length // 2)
    num_blocks = num_frames // hop + 2
    times = np.arange(num_blocks) * hop / rate
    floor = 10 ** (grid.noise_range_db[0] / 10)
    power = np.maximum(0, 10 ** (_over_time(grid, noise_db, times) / 10) - floor)
    gain = np.sqrt(3 * band_shares(grid, rate) @ power)
    window = np.sin(np.pi / 2 * np.sin(np.pi * (np.arange(length) + 0.5) / length) ** 2)
    out = np.zeros((num_blocks + 1) * hop)
    for m in range(num_blocks):
        index = m * hop + bins
        u, v = (2 * uniform(seed, stream, index) - 1 for stream in (2, 3))
        spectrum = np.zeros(hop + 1, dtype=complex)
        spectrum[:hop] = gain[:, m] * (u - 1j * v) * length / 2
        out[m * hop : m * hop + length] += np.fft.irfft(spectrum, length) * window
    return out[hop : hop + num_frames]
