"""Fundamental frequency of samples by YIN (de Cheveigné and Kawahara 2002), for checking decoded notes."""

import numpy as np

THRESHOLD = 0.15


def f0_hz(samples: np.ndarray, sample_rate_hz: int, lowest_hz: float = 20.0, highest_hz: float = 4500.0) -> float:
    """Of the middle of `samples`; the first dip of the normalised difference below the threshold, refined by a parabola."""
    longest = int(sample_rate_hz / lowest_hz)
    window = min(len(samples) - longest, 4 * longest)
    start = (len(samples) - window - longest) // 2
    part = np.asarray(samples[start : start + window + longest], dtype=np.float64)
    difference = _difference(part, window, longest)
    normal = difference[1:] * np.arange(1, longest) / np.maximum(np.cumsum(difference[1:]), 1e-20)
    shortest = max(2, int(sample_rate_hz / highest_hz))
    below = np.flatnonzero(normal[shortest:] < THRESHOLD)
    lag = shortest + (int(below[0]) if len(below) else int(np.argmin(normal[shortest:])))
    while lag + 1 < len(normal) and normal[lag + 1] < normal[lag]:
        lag += 1
    return sample_rate_hz / (_refine(normal, lag) + 1)


def _difference(part: np.ndarray, window: int, longest: int) -> np.ndarray:
    """Squared difference of the first `window` samples and themselves `lag` later, for lag 0 .. longest - 1."""
    energy = np.concatenate([[0], np.cumsum(part**2)])
    later = energy[window : window + longest] - energy[:longest]
    size = 1 << (len(part) + window - 1).bit_length()
    cross = np.fft.irfft(np.fft.rfft(part, size) * np.conj(np.fft.rfft(part[:window], size)), size)[:longest]
    return later + energy[window] - 2 * cross


def _refine(values: np.ndarray, index: int) -> float:
    if not 0 < index < len(values) - 1:
        return float(index)
    a, b, c = values[index - 1 : index + 2]
    return index + 0.5 * (a - c) / (a - 2 * b + c) if a - 2 * b + c > 0 else float(index)
