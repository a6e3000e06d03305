"""Plays a note faster or slower by a few cents (at most two semitones), so that a mistuned sample is analysed on its own harmonics.

Why: at the 20th harmonic of key 72 a window of 2,048 frames is less than 12 cents wide; a sample that is further off
loses the upper half of its spectrum. Resampling by Fourier transform, exact but for the ends, which are padded.
"""

from functools import cache

import numpy as np
import scipy.fft

PAD_FRAMES = 4_096
RATIO_TOLERANCE_CENTS = 0.05


def retune(samples: np.ndarray, cents: float) -> np.ndarray:
    """Lowers `samples` [frames] by `cents`; as many frames again, so the end is cut or filled with silence."""
    before, after = _lengths(len(samples), cents)
    spectrum = scipy.fft.rfft(np.pad(samples, (PAD_FRAMES, before - PAD_FRAMES - len(samples))))
    kept = min(before, after) // 2
    resized = np.zeros(after // 2 + 1, dtype=spectrum.dtype)
    resized[:kept] = spectrum[:kept]
    start = round(PAD_FRAMES * after / before)
    slower = scipy.fft.irfft(resized, after)[start : start + len(samples)] * (after / before)
    return np.pad(slower, (0, len(samples) - len(slower))).astype(np.float32)


def _lengths(num_frames: int, cents: float) -> tuple[int, int]:
    """Two lengths that transform quickly (a length with a large prime factor takes ten times as long) and are `cents` apart."""
    smallest = num_frames + 2 * PAD_FRAMES
    candidates = _quick_lengths(int(0.85 * smallest), int(1.35 * smallest))  # room for two semitones either way
    before = candidates[(candidates >= smallest) & (candidates < 1.12 * smallest)]
    wanted = before * 2 ** (cents / 1200)
    above = np.clip(np.searchsorted(candidates, wanted), 1, len(candidates) - 1)
    nearer = np.where(candidates[above] - wanted < wanted - candidates[above - 1], above, above - 1)
    error_cents = np.abs(1200 * np.log2(candidates[nearer] / wanted))
    good = np.flatnonzero(error_cents < RATIO_TOLERANCE_CENTS)
    best = int(good[0]) if len(good) else int(np.argmin(error_cents))
    return int(before[best]), int(candidates[nearer[best]])


@cache
def _quick_lengths(low: int, high: int) -> np.ndarray:
    lengths = [scipy.fft.next_fast_len(low)]
    while lengths[-1] < high:
        lengths.append(scipy.fft.next_fast_len(lengths[-1] + 1))
    return np.array([n for n in lengths if n % 2 == 0])
