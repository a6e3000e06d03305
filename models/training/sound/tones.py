"""Notes in closed form: a corpus whose truth is known, for tests and for the tiny twin of each configuration.

A program number picks a timbre: slope of the harmonics, decay, odd-only or not, breath. No files, no system packages.
"""

from collections.abc import Iterator

import numpy as np

from .grid import key_to_hz
from .soundfont import RenderedNote

PATH = "tones:"
"""As a font's `path` in a configuration: use this module instead of a file."""


class Tone:
    """A `Preset` without a SoundFont."""

    def __init__(self, program: int, sample_rate_hz: int):
        self.name = f"tone {program}"
        self.sample_rate_hz = sample_rate_hz
        self.slope_db_per_octave = -4.0 - 2.0 * (program % 4)
        self.decay_db_per_s = 12.0 * (program // 4 % 2)
        self.odd_only = program % 3 == 2
        self.breath_db = -50.0 - 5.0 * (program % 3)

    def level_db(self, harmonic: np.ndarray, velocity: float) -> np.ndarray:
        """Of each harmonic at note-on, dB re the first; softer notes are darker."""
        level = (self.slope_db_per_octave - 4 * (1 - velocity)) * np.log2(harmonic)
        return np.where(self.odd_only & (harmonic % 2 == 0), -200.0, level)

    def notes(self, requests: list[tuple[int, float]], hold_frames: int, total_frames: int) -> Iterator[RenderedNote]:
        time_s = np.arange(total_frames) / self.sample_rate_hz
        released_s = np.maximum(time_s - hold_frames / self.sample_rate_hz, 0)
        envelope = np.minimum(time_s / 0.02, 1) * 10 ** (-(self.decay_db_per_s * time_s + 120 * released_s) / 20)
        for key, velocity in requests:
            f0_hz = float(key_to_hz(key))
            harmonic = np.arange(1, min(64, int(18_000 / f0_hz)) + 1)
            amplitude = 0.1 * 10 ** (self.level_db(harmonic, velocity) / 20)
            random = np.random.default_rng([key, round(velocity * 127)])
            samples = sum(a * np.sin(2 * np.pi * (k * f0_hz * time_s + random.random())) for k, a in zip(harmonic, amplitude))
            breath = random.standard_normal(total_frames) * 0.1 * 10 ** (self.breath_db / 20)
            yield RenderedNote(key, velocity, ((samples + breath) * envelope).astype(np.float32))

    def close(self) -> None:
        """Nothing is open."""
