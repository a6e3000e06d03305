"""What a WAV file says about its own pitch and loop: the `smpl` chunk (RIFF, Multimedia Data Standards Update 1994). Reads no samples."""

import struct
from dataclasses import dataclass
from pathlib import Path

MAX_CHUNKS = 200


@dataclass(frozen=True)
class SampleChunk:
    key: int
    cents: float
    """The sample sounds so much above its key."""
    loop: tuple[int, int] | None
    """First frame and one past the last."""


def sample_chunk(path: Path) -> SampleChunk | None:
    """The chunk, or None where there is none or it makes no sense."""
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        for _ in range(MAX_CHUNKS):
            name_and_size = file.read(8)
            if len(name_and_size) < 8:
                return None
            size = struct.unpack("<I", name_and_size[4:])[0]
            if name_and_size[:4] == b"smpl":
                return _parse(file.read(min(size, 60)))
            file.seek(size + size % 2, 1)
    return None


def _parse(chunk: bytes) -> SampleChunk | None:
    if len(chunk) < 36:
        return None
    key, fraction, num_loops = struct.unpack("<II8xI", chunk[12:32])
    if not 0 < key < 128:  # 0 is what writers leave who never meant to say anything
        return None
    loop = None
    if num_loops and len(chunk) >= 60:
        start, last = struct.unpack("<II", chunk[44:52])
        loop = (start, last + 1) if last > start else None
    return SampleChunk(key, fraction / 2**32 * 100, loop)
