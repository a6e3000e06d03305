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
