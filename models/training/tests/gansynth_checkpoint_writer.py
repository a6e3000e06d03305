"""Writes TensorFlow checkpoints for tests: other sizes, stages and faults than the one that TensorFlow itself made."""

from pathlib import Path

import numpy as np

from gansynth.checkpoint_file import TABLE_MAGIC
from gansynth.crc32c import crc32c, masked

TYPE_NUMBERS = {"float32": 1, "float64": 2, "int32": 3, "int64": 9}


def write_checkpoint(prefix: Path, variables: dict[str, np.ndarray]) -> None:
    """One data file and one index with a single block."""
    data, items = b"", [(b"", _field(1, 1) + _field(3, _field(1, 1)))]
    for name in sorted(variables):
        array = np.asarray(variables[name])
        raw = array.tobytes()
        shape = b"".join(_field(2, _field(1, size)) for size in array.shape)
        checksum = bytes([6 << 3 | 5]) + masked(crc32c(raw)).to_bytes(4, "little")
        items.append((name.encode(), _field(1, TYPE_NUMBERS[str(array.dtype)]) + _field(2, shape) + _field(4, len(data)) + _field(5, len(raw)) + checksum))
        data += raw
    prefix.parent.mkdir(parents=True, exist_ok=True)
    prefix.with_name(prefix.name + ".data-00000-of-00001").write_bytes(data)
    block = _block(items)
    index = _block([(b"~", _varint(0) + _varint(len(block) - 5))])
    footer = (_varint(0) * 2 + _varint(len(block)) + _varint(len(index) - 5)).ljust(40, b"\0") + TABLE_MAGIC
    prefix.with_name(prefix.name + ".index").write_bytes(block + index + footer)


def _block(items: list[tuple[bytes, bytes]]) -> bytes:
    body = b"".join(_varint(0) + _varint(len(key)) + _varint(len(value)) + key + value for key, value in items)
    body += (0).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"\0"
    return body + masked(crc32c(body)).to_bytes(4, "little")


def _field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    return _varint(number << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])
