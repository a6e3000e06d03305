"""GANSynth's picture and the sound it stands for: log-mel power and instantaneous frequency -> 64,000 samples at 16 kHz.

The mel matrix is Magenta's own, with its aliasing: lower and upper band edges are views of one list, so widening one band moves the
centres of its neighbours. A clean rebuild differs in 853 columns and decodes to another signal.
"""

from functools import cache

import numpy as np

SAMPLE_RATE_HZ = 16_000
FFT_LENGTH = 2048
HOP_LENGTH = 512
NUM_FRAMES = 128
NUM_BINS = 1024
NUM_SAMPLES = 64_000
LEADING_SAMPLES = 3072
"""Zeros in front of the first window, dropped again when decoding."""
WINDOW_GAIN = 1.5
"""Sum of squared Hann windows at a hop of a quarter."""
MEL_BREAK_HZ, MEL_SCALE = 700.0, 1127.0
NARROWEST_BAND_BINS = 1.5
POWER_FLOOR = 1e-6


@cache
def linear_to_mel() -> np.ndarray:
    """L, `[bins, mel bands]`: triangles on the mel scale from 0 to 8000 Hz. Its rows are 1024 frequencies from 0 to 8000 Hz inclusive,
    applied to the FFT's bins 1..1024: almost, but not quite, where those bins are."""
    half_hz = SAMPLE_RATE_HZ / 2
    edges_mel = np.linspace(0.0, _mel(half_hz), NUM_BINS + 2)
    bin_hz = half_hz / NUM_BINS
    lower, centre, upper = edges_mel[:-2], edges_mel[1:-1], edges_mel[2:]
    for band in range(NUM_BINS):  # in this order and in place: the views overlap, and that is the format
        if _hz(upper[band]) - _hz(lower[band]) < NARROWEST_BAND_BINS * bin_hz:
            half = 0.5 * NARROWEST_BAND_BINS * bin_hz / (_hz(centre[band]) + MEL_BREAK_HZ)
            widening = MEL_SCALE * np.log(half + np.sqrt(1 + half**2))
            lower[band], upper[band] = centre[band] - widening, centre[band] + widening
    frequency = np.linspace(0.0, half_hz, NUM_BINS)[1:, None]
    lower_hz, centre_hz, upper_hz = _hz(lower), _hz(centre), _hz(upper)
    rising, falling = (frequency - lower_hz) / (centre_hz - lower_hz), (upper_hz - frequency) / (upper_hz - centre_hz)
    return np.pad(np.maximum(0.0, np.minimum(rising, falling)), [(1, 0), (0, 0)])


@cache
def mel_to_linear() -> np.ndarray:
    """M, `[mel bands, bins]`: the transpose, scaled so that a flat spectrum stays flat."""
    forward = linear_to_mel()
    sums = (forward @ forward.T).sum(axis=0)
    return forward.T * np.divide(1.0, sums, out=np.zeros_like(sums), where=sums > 0)


def format_facts() -> dict:
    """The manifest's `mel_if`."""
    return {"sample_rate_hz": SAMPLE_RATE_HZ, "fft_length": FFT_LENGTH, "hop_length": HOP_LENGTH, "num_frames": NUM_FRAMES,
            "num_bins": NUM_BINS, "num_samples": NUM_SAMPLES, "leading_samples": LEADING_SAMPLES}  # fmt: skip


def decode(mel: np.ndarray) -> np.ndarray:
    """`[n, 128, 1024, 2]` (log-mel power, frequency in units of pi per hop) -> samples `[n, 64000]`."""
    mel = mel.astype(np.float64)
    magnitude = np.sqrt(np.exp(mel[..., 0]) @ mel_to_linear() + POWER_FLOOR)
    phase = np.cumsum(mel[..., 1] * np.pi, axis=1) @ mel_to_linear()
    spectrum = np.pad(magnitude * np.exp(1j * phase), [(0, 0), (0, 0), (1, 0)])
    frames = np.fft.irfft(spectrum, FFT_LENGTH) * _window() / WINDOW_GAIN
    samples = np.zeros((len(mel), (NUM_FRAMES - 1) * HOP_LENGTH + FFT_LENGTH))
    for index in range(NUM_FRAMES):
        samples[:, index * HOP_LENGTH : index * HOP_LENGTH + FFT_LENGTH] += frames[:, index]
    return samples[:, LEADING_SAMPLES : LEADING_SAMPLES + NUM_SAMPLES]


def _window() -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FFT_LENGTH) / FFT_LENGTH)


def _mel(hz):
    return MEL_SCALE * np.log(1 + hz / MEL_BREAK_HZ)


def _hz(mel):
    return MEL_BREAK_HZ * (np.exp(mel / MEL_SCALE) - 1)
