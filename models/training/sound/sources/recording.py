"""One audio file -> notes in the grid's terms: mono, at its rate, starting at the attack, released where the grid says.

Where a recording differs from a played note: it has silence around it, no known end of the key press, any rate and number
of channels, perhaps several notes. A sustained note is made to last until the grid's release by splices in its middle;
one that the file cuts off gets a release of `RELEASE_S`. A decaying note is taken as it is.
"""

from dataclasses import dataclass
from math import gcd

import numpy as np
import scipy.signal
import soundfile

from ..grid import Grid, key_to_hz
from ..pitch import Heard, hear
from ..variants import KEPT_START_S, SPLICE_S, fit_hold
from .found import Found

MAX_FILE_S = 600.0
MAX_PARTS = 128
GAP_S = 0.25
"""Silence that parts two notes of one file."""
MIN_NOTE_S = 0.15
ENVELOPE_S = 0.005
AUDIBLE_DB = -50.0
"""Re the file's loudest 5 ms: below is silence."""
ATTACK_DB = -40.0
ROOM_BEFORE_S = 0.004
RELEASE_S = 0.35
"""Time in which a note that was cut off falls by 60 dB."""
DECAY_DB_PER_S = -6.0
MIN_HOLD_S = KEPT_START_S + 2 * SPLICE_S
CLIPPED_RUN = 4
_GRID = Grid()
_RATE_HZ = _GRID.sample_rate_hz
_TOTAL_FRAMES = round(_GRID.duration_s * _RATE_HZ)


class Unusable(Exception):
    """The message says why a file gives no notes."""


@dataclass(frozen=True)
class Part:
    """One note of a file, from its attack to its end; [frames] at the grid's rate."""

    samples: np.ndarray
    heard: Heard
    clipped: bool


def read(found: Found) -> list[Part]:
    """The notes of a file, in order. A file with a loop or of an instrument's mapping is one note by definition."""
    samples, clipped = _read_mono(found)
    if found.loop or found.key_from == "mapping":
        parts = [(0, len(samples))]
    else:
        parts = _parts(samples)
    if not parts:
        raise Unusable("silent")
    return [_part(samples[start:end], clipped) for start, end in parts]


def held_as_the_grid(samples: np.ndarray, key: int) -> np.ndarray:
    """A note from its attack on, as if its key had been pressed for as long as the grid's."""
    hold_frames = round(_GRID.release_start_s * _RATE_HZ)
    level_db, step = _envelope_db(samples, 0.05)
    peak_db = level_db.max()
    end = int(np.flatnonzero(level_db > peak_db - 60)[-1] + 1) * step
    inner = slice(round(0.3 / 0.05), max(round(0.3 / 0.05) + 3, round(0.8 * end / step)))
    steady = level_db[inner]
    slope = float(np.polyfit(np.arange(len(steady)) * 0.05, steady, 1)[0]) if len(steady) >= 3 else DECAY_DB_PER_S - 1
    if slope < DECAY_DB_PER_S:
        if len(samples) < hold_frames and level_db[-1] > peak_db - 40:
            raise Unusable("cut off while it was still sounding")
        return _released(samples, hold_frames)
    released = int(np.flatnonzero(level_db > np.median(steady) - 6)[-1] + 1) * step
    released = min(released, len(samples))
    if released < MIN_HOLD_S * _RATE_HZ:
        raise Unusable(f"too short to be held ({released / _RATE_HZ:.1f} s of {MIN_HOLD_S:.2f} s)")
    fitted = fit_hold(samples, released, hold_frames, _RATE_HZ, float(key_to_hz(key)))
    return _released(fitted, hold_frames)


def _released(samples: np.ndarray, hold_frames: int) -> np.ndarray:
    """As long as the grid; what does not fall by 12 dB within 0.3 s of the release by itself is made to."""
    samples = np.pad(samples[:_TOTAL_FRAMES], (0, max(0, _TOTAL_FRAMES - len(samples))))
    before, after = (float(np.mean(np.square(samples[hold_frames + a : hold_frames + b]))) for a, b in ((-4800, 0), (12_000, 16_800)))
    if after > before * 10**-1.2:
        seconds = np.maximum(np.arange(_TOTAL_FRAMES) - hold_frames, 0) / _RATE_HZ
        samples = samples * 10 ** (-60 * seconds / RELEASE_S / 20)
    return samples.astype(np.float32)


def _read_mono(found: Found) -> tuple[np.ndarray, bool]:
    """Samples of the louder channel at the grid's rate, and whether they were clipped."""
    try:
        with soundfile.SoundFile(found.path) as file:
            rate_hz = file.samplerate
            if file.frames > MAX_FILE_S * rate_hz:
                raise Unusable(f"longer than {MAX_FILE_S / 60:.0f} minutes; cut it into notes")
            file.seek(min(found.start_frame, file.frames))
            wanted = -1 if found.end_frame is None else max(found.end_frame - found.start_frame, 0)
            samples = file.read(wanted, dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, RuntimeError) as error:
        raise Unusable(f"cannot be read: {str(error).splitlines()[0]}") from error
    if len(samples) == 0:
        raise Unusable("empty")
    if not np.isfinite(samples).all():
        raise Unusable("holds numbers that are not finite")
    mono = samples[:, int(np.argmax(np.square(samples).mean(axis=0)))]
    clipped = is_clipped(mono)
    if found.loop:
        mono = _looped(mono, found.loop[0] - found.start_frame, found.loop[1] - found.start_frame, round(_GRID.release_start_s * rate_hz))
    if rate_hz != _RATE_HZ:
        common = gcd(rate_hz, _RATE_HZ)
        mono = scipy.signal.resample_poly(mono, _RATE_HZ // common, rate_hz // common).astype(np.float32)
    return mono, clipped


def is_clipped(samples: np.ndarray) -> bool:
    """Whether a run of samples stays at the largest value: a flat top, at whatever level it was written."""
    loudest = float(np.abs(samples).max(initial=0.0))
    if loudest < 0.1:
        return False
    flat = np.concatenate([[0], (np.abs(samples) >= loudest * 0.9999).astype(int), [0]])
    edges = np.flatnonzero(np.diff(flat))
    return bool(len(edges)) and int((edges[1::2] - edges[::2]).max()) >= CLIPPED_RUN


def _looped(samples: np.ndarray, start: int, end: int, hold_frames: int) -> np.ndarray:
    """Plays the loop round until the hold has passed, then ends: a sampler's note with its key held."""
    if not 0 <= start < end <= len(samples) or end >= hold_frames:
        return samples
    times = -(-(hold_frames - start) // (end - start)) + 1
    return np.concatenate([samples[:start], np.tile(samples[start:end], times)])[: hold_frames + round(0.2 * (hold_frames / 3))]


def _envelope_db(samples: np.ndarray, step_s: float) -> tuple[np.ndarray, int]:
    """Level of each step in dB re full scale, and the step in frames."""
    step = round(step_s * _RATE_HZ)
    whole = np.pad(samples, (0, -len(samples) % step)).reshape(-1, step)
    return 10 * np.log10(np.maximum(np.square(whole, dtype=np.float64).mean(axis=1), 1e-20)), step


def _parts(samples: np.ndarray) -> list[tuple[int, int]]:
    """First and last frame of each stretch of sound between silences of `GAP_S`."""
    level_db, step = _envelope_db(samples, ENVELOPE_S)
    if level_db.max() < -70:
        return []
    sounding = np.flatnonzero(level_db > level_db.max() + AUDIBLE_DB)
    breaks = np.flatnonzero(np.diff(sounding) > GAP_S / ENVELOPE_S)
    starts, ends = np.concatenate([[0], breaks + 1]), np.concatenate([breaks, [len(sounding) - 1]])
    parts = [(int(sounding[a]) * step, min(int(sounding[b] + 1) * step, len(samples))) for a, b in zip(starts, ends)]
    long_enough = [part for part in parts if part[1] - part[0] >= MIN_NOTE_S * _RATE_HZ]
    if len(long_enough) > MAX_PARTS:
        raise Unusable(f"more than {MAX_PARTS} sounds with silence between them; cut it into notes")
    return long_enough


def _part(samples: np.ndarray, clipped: bool) -> Part:
    """From just before the attack on."""
    level_db, step = _envelope_db(samples, ENVELOPE_S)
    first = int(np.flatnonzero(level_db > level_db.max() + ATTACK_DB)[0]) * step if len(level_db) else 0
    samples = samples[max(first - round(ROOM_BEFORE_S * _RATE_HZ), 0) :]
    return Part(samples, hear(samples, _RATE_HZ), clipped)
