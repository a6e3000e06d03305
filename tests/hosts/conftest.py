"""Where the built bundles are, and how to hear what a host rendered."""

import os
from pathlib import Path

import numpy
import pytest

RATE_HZ = 48_000
BLOCK = 512
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The built VST3 bundle: `UNDERSTORY_BUNDLES`, else `target/bundled`."""
    folder = Path(os.environ.get("UNDERSTORY_BUNDLES") or ROOT / "target" / "bundled")
    bundle = folder / "Understory.vst3"
    assert bundle.is_dir(), f"{bundle} is missing; run `cargo xtask bundle`"
    return bundle


def f0_hz(samples: numpy.ndarray, rate_hz: int = RATE_HZ) -> float:
    """Fundamental frequency of a mono piece: the highest peak of its autocorrelation between 50 and 1000 Hz, refined by a parabola."""
    assert samples.ndim == 1
    spectrum = numpy.fft.rfft(samples - samples.mean(), 2 * len(samples))
    correlation = numpy.fft.irfft(numpy.abs(spectrum) ** 2)[: len(samples)]
    shortest, longest = rate_hz // 1000, rate_hz // 50
    lag = shortest + int(numpy.argmax(correlation[shortest:longest]))
    before, here, after = correlation[lag - 1 : lag + 2]
    return rate_hz / (lag + 0.5 * (before - after) / (before - 2 * here + after))


def cents_from(key: int, hz: float) -> float:
    """Distance from a key of equal temperament, A4 = 440 Hz."""
    return 1200 * numpy.log2(hz / (440 * 2 ** ((key - 69) / 12)))


def spoken(length_s: float) -> numpy.ndarray:
    """Two channels of noise in the band of speech that swells four times a second, from 2 s to 4 s."""
    rng = numpy.random.default_rng(7)
    noise = rng.standard_normal(int(length_s * RATE_HZ))
    spectrum = numpy.fft.rfft(noise)
    hz = numpy.fft.rfftfreq(len(noise), 1 / RATE_HZ)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    band = numpy.fft.irfft(spectrum, len(noise))
    time_s = numpy.arange(len(noise)) / RATE_HZ
    swell = 0.6 - 0.4 * numpy.cos(2 * numpy.pi * 4 * time_s)
    voice = numpy.where((time_s > 2) & (time_s < 4), 0.1 * swell * band / band.std(), 0)
    return numpy.stack([voice, voice]).astype(numpy.float32)


def level_db(audio: numpy.ndarray, from_s: float, to_s: float) -> float:
    """Power of a piece, dB below full scale; silence is -120."""
    return 10 * numpy.log10(numpy.mean(audio[:, int(from_s * RATE_HZ) : int(to_s * RATE_HZ)] ** 2) + 1e-12)
