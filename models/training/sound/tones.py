"""Notes in closed form: a corpus whose truth is known, for tests and for the tiny twin of each configuration.

A source with the path `tones:` uses this module instead of a file. A program number picks a timbre: slope of the harmonics, decay, odd-only or not, breath. No files, no system packages.
"""

from collections.abc import Iterator

import numpy as np

from .grid import key_to_hz
from .soundfont import RenderedNote, Request
from .variants import Performance


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

    def notes(self, requests: list[Request], hold_frames: int, total_frames: int) -> Iterator[RenderedNote]:
        """`requests` in the given order, each with noise of its own that depends on key and velocity alone."""
        for request in requests:
            made = self._note(request, hold_frames, total_frames)
            yield RenderedNote(request.key, request.velocity, made, hold_frames, request.performance)

    def _note(self, request: Request, hold_frames: int, total_frames: int) -> np.ndarray:
        time_s = np.arange(total_frames) / self.sample_rate_hz
        released_s = np.maximum(time_s - hold_frames / self.sample_rate_hz, 0)
        envelope = np.minimum(time_s / 0.02, 1) * 10 ** (-(self.decay_db_per_s * time_s + 120 * released_s) / 20)
        f0_hz = float(key_to_hz(request.key))
        harmonic = np.arange(1, min(64, int(18_000 / f0_hz)) + 1)
        amplitude = 0.1 * 10 ** (self.level_db(harmonic, request.velocity) / 20)
        random = np.random.default_rng([request.key, round(request.velocity * 127)])
        samples = 0.1 * 10 ** (self.breath_db / 20) * random.standard_normal(total_frames)
        for cents in {-request.performance.detune_cents, request.performance.detune_cents}:
            turns = _turns(f0_hz * 2 ** (cents / 1200), time_s, request.performance)
            first = np.exp(2j * np.pi * turns)
            phasor = np.ones_like(first)
            for loudness in amplitude:  # each harmonic's phasor from the one below: ten times as fast as a sine for each
                phasor *= first
                samples += (loudness * np.exp(2j * np.pi * random.random()) * phasor).imag
        return (samples * envelope).astype(np.float32)

    def close(self) -> None:
        """Nothing is open."""


def _turns(f0_hz: float, time_s: np.ndarray, performance: Performance) -> np.ndarray:
    """Phase of the fundamental; a vibrato is a sine that begins after its delay."""
    if performance.vibrato_cents == 0:
        return f0_hz * time_s
    moving_s = np.maximum(time_s - performance.vibrato_delay_s, 0)
    cents = performance.vibrato_cents * np.sin(2 * np.pi * performance.vibrato_hz * moving_s)
    return np.cumsum(f0_hz * 2 ** (cents / 1200)) * time_s[1]
