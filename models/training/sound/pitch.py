"""Fundamental frequency of samples by YIN (de Cheveigné and Kawahara 2002), for checking decoded notes and hearing recorded ones."""

from dataclasses import dataclass

import numpy as np

THRESHOLD = 0.15


@dataclass(frozen=True)
class Heard:
    """A pitch, and how far it can be relied on."""

    f0_hz: float
    confidence: float
    """0..1: the share of the places listened to that agree within 50 cents, times how periodic they are."""
    spread_cents: float
    """From the lowest to the highest of those that are periodic at all: a melody or a glide shows here."""


def hear(samples: np.ndarray, sample_rate_hz: int, lowest_hz: float = 28.0, places: int = 7) -> Heard:
    """Listens at several places of a note, from 60 ms after its start to where it has faded by 30 dB."""
    length = 5 * int(sample_rate_hz / lowest_hz)
    loudness = np.sqrt(np.convolve(np.square(samples, dtype=np.float64), np.ones(480) / 480, mode="same"))
    audible = np.flatnonzero(loudness > loudness.max(initial=0.0) * 10 ** (-30 / 20))
    if len(samples) < length or not len(audible):
        return Heard(0.0, 0.0, 0.0)
    last = max(min(int(audible[-1]), int(3.0 * sample_rate_hz)) - length, 0)
    starts = np.unique(np.linspace(min(int(0.06 * sample_rate_hz), last), last, places).astype(int))
    dips = [dip(samples[start : start + length], sample_rate_hz, lowest_hz) for start in starts]
    cents = 1200 * np.log2([f0 for f0, _ in dips])
    periodic = np.array([depth for _, depth in dips]) > 0.5
    middle = float(np.median(cents[periodic] if periodic.any() else cents))
    agreeing = np.abs(cents - middle) < 50
    confidence = agreeing.mean() * float(np.mean([depth for (_, depth), agrees in zip(dips, agreeing) if agrees] or [0.0]))
    return Heard(2 ** (middle / 1200), float(confidence), float(np.ptp(cents[periodic])) if periodic.any() else 0.0)


def f0_hz(samples: np.ndarray, sample_rate_hz: int, lowest_hz: float = 20.0, highest_hz: float = 4500.0) -> float:
    """Of the middle of `samples`."""
    return dip(samples, sample_rate_hz, lowest_hz, highest_hz)[0]


def dip(samples: np.ndarray, sample_rate_hz: int, lowest_hz: float, highest_hz: float = 4500.0) -> tuple[float, float]:
    """Frequency of the first dip of the normalised difference below the threshold, refined by a parabola; and 1 - its value there (1: periodic)."""
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
    return sample_rate_hz / (_refine(normal, lag) + 1), float(np.clip(1 - normal[lag], 0, 1))


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
