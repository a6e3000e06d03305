"""Renders single notes of a SoundFont with FluidSynth, dry and repeatable. Knows nothing of grids or training.

Repeatable means: one synth per preset, notes always in the same order, every request a multiple of FluidSynth's
64-frame block, and a fixed flush between notes (anything else shifts the modulators against the block grid).
"""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

import numpy as np

from .config import InputError

BLOCK_FRAMES = 64
FLUSH_FRAMES = 750 * BLOCK_FRAMES


@cache
def _fluidsynth() -> ModuleType:
    """Imported at first use: a corpus of tones or of recordings needs no FluidSynth."""
    try:
        import fluidsynth
    except ImportError as error:
        raise InputError("FluidSynth's library is missing; run `cargo xtask setup --corpus`") from error
    # The package wraps only the 16-bit call; quiet tails need more.
    fluidsynth._fl.fluid_synth_write_float.argtypes = [ctypes.c_void_p, ctypes.c_int] + 2 * [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    return fluidsynth


@dataclass(frozen=True)
class RenderedNote:
    key: int
    velocity: float
    samples: np.ndarray
    """[frames] float32, the left channel (the mid of decorrelated stereo pairs would cancel)."""


def _render(synth, num_frames: int) -> np.ndarray:
    assert num_frames % BLOCK_FRAMES == 0
    stereo = np.zeros((2, num_frames), dtype=np.float32)
    left, right = (stereo[c].ctypes.data_as(ctypes.c_void_p) for c in range(2))
    _fluidsynth()._fl.fluid_synth_write_float(synth.synth, num_frames, left, 0, 1, right, 0, 1)
    return stereo[0]


class Preset:
    """One preset of one SoundFont file, ready to play notes."""

    def __init__(self, path: str, bank: int, program: int, sample_rate_hz: int):
        options = {
            "synth.reverb.active": 0, "synth.chorus.active": 0, "synth.threadsafe-api": 0, "synth.cpu-cores": 1,
            "synth.polyphony": 64, "synth.dynamic-sample-loading": 1,  # an SF3 would be decoded whole for each preset
        }  # fmt: skip
        self._synth = _fluidsynth().Synth(gain=0.5, samplerate=float(sample_rate_hz), channels=16, **options)
        font = self._synth.sfload(path)
        if font < 0:
            raise InputError(f"{path}: not a SoundFont that FluidSynth can read")
        self.name = self._synth.sfpreset_name(font, bank, program)
        if self.name is None:
            self.close()
            raise KeyError(f"{path}: no preset {bank}:{program}")
        self._synth.program_select(0, font, bank, program)

    def notes(self, requests: list[tuple[int, float]], hold_frames: int, total_frames: int) -> Iterator[RenderedNote]:
        """Renders `requests` (key, velocity 0..1) in the given order."""
        for key, velocity in requests:
            self._synth.noteon(0, key, max(1, round(velocity * 127)))
            held = _render(self._synth, hold_frames)
            self._synth.noteoff(0, key)
            released = _render(self._synth, total_frames - hold_frames)
            self._synth.all_sounds_off(0)
            _render(self._synth, FLUSH_FRAMES)
            yield RenderedNote(key, velocity, np.concatenate([held, released]))

    def close(self) -> None:
        self._synth.delete()
