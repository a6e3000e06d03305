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

from pipeline.errors import InputError

from .variants import Performance

BLOCK_FRAMES = 64
FLUSH_FRAMES = 750 * BLOCK_FRAMES
DRUM_BANK = 128
VIBRATO_TO_PITCH, VIBRATO_DELAY, VIBRATO_FREQUENCY, FINE_TUNE = 6, 23, 24, 52
"""SoundFont 2.04, section 8.1.2: cents; timecents re 1 s; cents re 8.176 Hz; cents."""
LFO_BASE_HZ = 8.176
DEFAULT_DELAY_TIMECENTS = 12_000
"""The font's own delay, where it names none, is 2^-10 s; what is set here is added to it."""


@cache
def _fluidsynth() -> ModuleType:
    """Imported at first use: a corpus of tones or of recordings needs no FluidSynth."""
    try:
        import fluidsynth
    except ImportError as error:
        raise InputError("FluidSynth's library is missing; run `cargo xtask setup --corpus`") from error
    # The package wraps only the 16-bit call; quiet tails need more.
    fluidsynth._fl.fluid_synth_write_float.argtypes = [ctypes.c_void_p, ctypes.c_int] + 2 * [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    fluidsynth._fl.fluid_synth_set_gen.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_float]
    return fluidsynth


@dataclass(frozen=True)
class Request:
    """One note to play."""

    key: int
    velocity: float
    performance: Performance = Performance()


@dataclass(frozen=True)
class RenderedNote:
    key: int
    velocity: float
    samples: np.ndarray
    """[frames] float32, the left channel (the mid of decorrelated stereo pairs would cancel)."""
    released_frame: int
    performance: Performance = Performance()


def _render(synth, num_frames: int) -> np.ndarray:
    assert num_frames % BLOCK_FRAMES == 0
    stereo = np.zeros((2, num_frames), dtype=np.float32)
    left, right = (stereo[c].ctypes.data_as(ctypes.c_void_p) for c in range(2))
    _fluidsynth()._fl.fluid_synth_write_float(synth.synth, num_frames, left, 0, 1, right, 0, 1)
    return stereo[0]


def presets_of(path: str) -> list[tuple[int, int, str]]:
    """Bank, number and name of every melodic preset of a font."""
    synth = _fluidsynth().Synth()
    font = synth.sfload(path)
    if font < 0:
        synth.delete()
        raise InputError(f"{path}: not a SoundFont that FluidSynth can read")
    named = [(bank, number, synth.sfpreset_name(font, bank, number)) for bank in range(DRUM_BANK) for number in range(128)]
    synth.delete()
    return [preset for preset in named if preset[2] is not None]


class Preset:
    """One preset of one SoundFont file, ready to play notes."""

    def __init__(self, path: str, bank: int, program: int, sample_rate_hz: int):
        options = {
            "synth.reverb.active": 0, "synth.chorus.active": 0, "synth.threadsafe-api": 0, "synth.cpu-cores": 1,
            "synth.polyphony": 64, "synth.dynamic-sample-loading": 1,  # an SF3 would be decoded whole for each preset
        }  # fmt: skip
        self._synth = _fluidsynth().Synth(gain=0.5, samplerate=float(sample_rate_hz), channels=16, **options)
        self._rate_hz = sample_rate_hz
        font = self._synth.sfload(path)
        if font < 0:
            raise InputError(f"{path}: not a SoundFont that FluidSynth can read")
        self.name = self._synth.sfpreset_name(font, bank, program)
        if self.name is None:
            self.close()
            raise KeyError(f"{path}: no preset {bank}:{program}")
        for channel in (0, 1):
            self._synth.program_select(channel, font, bank, program)

    def notes(self, requests: list[Request], hold_frames: int, total_frames: int) -> Iterator[RenderedNote]:
        """Renders `requests` in the given order; a performance with a hold of its own is that much longer than `total_frames`."""
        for request in requests:
            performance = request.performance
            held_frames = whole_blocks(performance.hold_s * self._rate_hz) if performance.hold_s else hold_frames
            channels = self._shape(performance)
            for channel in channels:
                self._synth.noteon(channel, request.key, max(1, round(request.velocity * 127)))
            held = _render(self._synth, held_frames)
            for channel in channels:
                self._synth.noteoff(channel, request.key)
            released = _render(self._synth, total_frames - hold_frames)
            for channel in channels:
                self._synth.all_sounds_off(channel)
            _render(self._synth, FLUSH_FRAMES)
            yield RenderedNote(request.key, request.velocity, np.concatenate([held, released]), held_frames, performance)

    def _shape(self, performance: Performance) -> tuple[int, ...]:
        """Sets pitch and vibrato of the channels a performance needs, and names them."""
        vibrato = performance.vibrato_cents > 0
        generators = {
            VIBRATO_TO_PITCH: performance.vibrato_cents,
            VIBRATO_FREQUENCY: 1200 * np.log2(performance.vibrato_hz / LFO_BASE_HZ) if vibrato else 0.0,
            VIBRATO_DELAY: DEFAULT_DELAY_TIMECENTS + 1200 * np.log2(performance.vibrato_delay_s) if vibrato else 0.0,
        }
        for generator, value in generators.items():
            self._set(0, generator, value)
        self._set(0, FINE_TUNE, -performance.detune_cents)
        self._set(1, FINE_TUNE, performance.detune_cents)
        return (0, 1) if performance.detune_cents else (0,)

    def _set(self, channel: int, generator: int, value: float) -> None:
        _fluidsynth()._fl.fluid_synth_set_gen(self._synth.synth, channel, generator, value)

    def close(self) -> None:
        self._synth.delete()


def whole_blocks(frames: float) -> int:
    """The nearest number of frames below that FluidSynth renders repeatably."""
    return round(frames) // BLOCK_FRAMES * BLOCK_FRAMES
