"""Recordings whose truth is known, written as a user's folder would hold them: mixed formats, rates, channels, lengths, silence around."""

import json
import struct
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile

from sound.soundfont import Request
from sound.tones import Tone

SILENCE_S = 0.3


def tone(key: int, seconds: float, rate_hz: int, program: int = 0, cents: float = 0.0) -> np.ndarray:
    """[frames]: a note held for `seconds` with a release of its own, silence before and after."""
    made = next(Tone(program, 48_000).notes([Request(key, 0.8)], round(seconds * 48_000), round((seconds + 0.6) * 48_000))).samples
    silence = np.zeros(round(SILENCE_S * 48_000), dtype=np.float32)
    whole = np.concatenate([silence, made * (0.8 / np.abs(made).max()), silence])
    length = round(len(whole) * rate_hz / 48_000 / 2 ** (cents / 1200))
    return scipy.signal.resample(whole, length).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate_hz: int, channels: int = 1, **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = samples if channels == 1 else np.stack([samples] + [0.3 * samples] * (channels - 1), axis=1)
    soundfile.write(path, data, rate_hz, **options)
    return path


def add_sample_chunk(path: Path, key: int, loop: tuple[int, int] | None = None) -> None:
    """Appends a `smpl` chunk to a WAV file, as a sampler's editor writes it."""
    loops = struct.pack("<IIIIII", 0, 0, loop[0], loop[1] - 1, 0, 0) if loop else b""
    body = struct.pack("<IIIIIIIII", 0, 0, 0, key, 0, 0, 0, 1 if loop else 0, 0) + loops
    data = bytearray(path.read_bytes()) + b"smpl" + struct.pack("<I", len(body)) + body
    data[4:8] = struct.pack("<I", len(data) - 8)
    path.write_bytes(bytes(data))


def nsynth(folder: Path, notes: list[tuple[str, int, int]]) -> Path:
    """NSynth's layout with one file per (instrument, key, velocity)."""
    index = {}
    for instrument, key, velocity in notes:
        name = f"{instrument}-{key:03d}-{velocity:03d}"
        write(folder / "audio" / f"{name}.wav", tone(key, 3.0, 16_000)[4_800 : 4_800 + 64_000], 16_000)
        index[name] = {"pitch": key, "velocity": velocity, "instrument_str": instrument, "instrument_family_str": "string", "sample_rate": 16_000}
    (folder / "examples.json").write_text(json.dumps(index))
    return folder
