"""Other ways to play the same notes, so that a network hears more than one render of each: pure functions of samples and grids.

`stacked`: two of the same, a few cents apart. `vibrato`: the pitch moves, as a player's or an LFO's would. `long`: held for
6 to 12 s, of which the grid keeps the start, the end of the hold and the release. `swept`: a resonant low-pass filter moves
through the note (in the grid, where a filter is an addition of dB). `transposed`: a recording played faster or slower by a
semitone or two, to stand in for the keys beside it (sources/recorded_notes.py).
"""

from dataclasses import dataclass, replace

import numpy as np

from .analysis import NoteGrid, gate
from .grid import Grid, key_to_hz

SPLICE_S = 0.25
KEPT_START_S = 0.75


@dataclass(frozen=True)
class Performance:
    """How one note is played; drawn from the source, the key and the velocity, so that it never depends on the order of work."""

    kind: str = "plain"
    detune_cents: float = 0.0
    vibrato_hz: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_delay_s: float = 0.0
    hold_s: float = 0.0
    """0: as long as the grid holds."""
    sweep_start_octaves: float = 0.0
    """Cut-off frequency above the fundamental, at the note's start and when the sweep has ended."""
    sweep_end_octaves: float = 0.0
    sweep_s: float = 0.0
    resonance: float = 0.0
    """Q of the filter."""


def draw(kind: str, seed: list[int]) -> Performance:
    """A performance of a kind; the same for the same seed."""
    random = np.random.default_rng(seed)
    match kind:
        case "stacked":
            return Performance(kind, detune_cents=random.uniform(2, 9))
        case "vibrato":
            depth = random.uniform(12, 40)
            return Performance(kind, vibrato_hz=random.uniform(4.3, 6.8), vibrato_cents=depth, vibrato_delay_s=random.uniform(0.15, 0.8))
        case "long":
            return Performance(kind, hold_s=random.uniform(6, 12))
        case "swept":
            start, end = random.permutation([random.uniform(0.5, 2.0), random.uniform(3.0, 6.0)])
            return Performance(kind, sweep_start_octaves=start, sweep_end_octaves=end, sweep_s=random.uniform(0.6, 3.5), resonance=random.uniform(0.6, 2.5))
    return Performance(kind)


def fit_hold(samples: np.ndarray, released_frame: int, hold_frames: int, rate_hz: int, f0_hz: float) -> np.ndarray:
    """Moves the release of a note to `hold_frames`: the middle of the hold is left out, or the end of it repeated.

    Kept are the start (`KEPT_START_S`) and all from the last of the hold on. Splices are cross-fades of `SPLICE_S` at the
    lag within one period that fits best, so that partials do not cancel.
    """
    splice, start = round(SPLICE_S * rate_hz), round(KEPT_START_S * rate_hz)
    while released_frame < hold_frames:
        room = released_frame - splice - start
        if room < splice:
            return samples  # too short to be held: it stays as it is
        step = min(room, hold_frames - released_frame)
        samples = _join(samples, released_frame - splice, released_frame - splice - step, splice, rate_hz, f0_hz)
        released_frame += step
    if released_frame > hold_frames:
        samples = _join(samples, start, start + released_frame - hold_frames, splice, rate_hz, f0_hz)
    return samples


def _join(samples: np.ndarray, leave: int, enter: int, splice: int, rate_hz: int, f0_hz: float) -> np.ndarray:
    """`samples` until `leave`, then from about `enter` on, cross-faded with equal gain over `splice` frames."""
    period = int(np.ceil(rate_hz / f0_hz))
    reference = samples[leave : leave + splice]
    lags = [lag for lag in range(-period // 2, period // 2 + 1) if 0 <= enter + lag and enter + lag + splice <= len(samples)]
    if not lags:
        return samples
    best = max(lags, key=lambda lag: float(reference @ samples[enter + lag : enter + lag + splice]))
    fade = 0.5 - 0.5 * np.cos(np.pi * np.arange(splice) / splice)
    middle = reference * (1 - fade) + samples[enter + best : enter + best + splice] * fade
    return np.concatenate([samples[:leave], middle.astype(np.float32), samples[enter + best + splice :]])


def sweep(layout: Grid, note: NoteGrid, key: int, performance: Performance) -> NoteGrid:
    """The note through a two-pole low-pass filter whose cut-off frequency moves evenly in octaves."""
    times_s = np.asarray(layout.column_times_s)
    progress = np.minimum(times_s / performance.sweep_s, 1)
    start, end = performance.sweep_start_octaves, performance.sweep_end_octaves
    cutoff_hz = float(key_to_hz(key)) * 2 ** (start + (end - start) * progress)
    edges_hz = np.asarray(layout.noise_band_edges_hz)
    row_gain_db = _low_pass_db(layout.row_centres() * float(key_to_hz(key)), cutoff_hz, performance.resonance)
    band_gain_db = _low_pass_db((edges_hz[1:] + edges_hz[:-1]) / 2, cutoff_hz, performance.resonance)
    floor_db, _ = layout.level_range_db
    level = np.where(note.level_db <= floor_db, -np.inf, note.level_db + row_gain_db)
    loudest_db = float(level.max())
    level = np.maximum(level - loudest_db, floor_db).astype(np.float32)
    noise = np.clip(note.noise_db + band_gain_db - loudest_db, *layout.noise_range_db).astype(np.float32)
    return replace(note, level_db=level, noise_db=noise, deviation_cents=note.deviation_cents * gate(level), peak_db=note.peak_db + loudest_db)


def _low_pass_db(frequency_hz: np.ndarray, cutoff_hz: np.ndarray, resonance: float) -> np.ndarray:
    """[frequencies, columns]: 20 log10 |1 / (1 - r² + i r / Q)|, r = frequency / cut-off."""
    ratio = frequency_hz[:, None] / cutoff_hz[None, :]
    return -10 * np.log10((1 - ratio**2) ** 2 + (ratio / resonance) ** 2)
