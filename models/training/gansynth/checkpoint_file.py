"""TensorFlow's checkpoint files (version 2), read without TensorFlow.

`X.index` is a LevelDB table from variable name to a `BundleEntryProto` (type, shape, shard, offset, size, checksum);
`X.data-00000-of-00001` holds the numbers. Formats: LevelDB `doc/table_format.md`, TensorFlow `tensor_bundle.proto`.
Every number that is read is checked against its checksum. Nothing is ever executed or written.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import InputError

from .crc32c import crc32c, masked

TABLE_MAGIC = bytes.fromhex("57fb808b247547db")
FOOTER_LENGTH = 48
BLOCK_TRAILER_LENGTH = 5
"""One byte of compression type, four of checksum."""
LARGEST_INDEX_BYTES = 64 * 2**20
LARGEST_VARIABLE_BYTES = 2**31
TYPES = {1: np.dtype("<f4"), 2: np.dtype("<f8"), 3: np.dtype("<i4"), 9: np.dtype("<i8")}
"""DT_FLOAT, DT_DOUBLE, DT_INT32, DT_INT64. A generator holds nothing else."""


@dataclass(frozen=True)
class Entry:
    """Where a variable lies."""

    dtype: np.dtype | None
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    checksum: int


class CheckpointFile:
    """The variables of one checkpoint, by name; each is read when asked for."""

    def __init__(self, prefix: Path):
        """`prefix`: the path without `.index`, as TensorFlow names a checkpoint."""
        self.prefix = prefix
        index = prefix.with_name(prefix.name + ".index")
        if not index.is_file():
            raise InputError(f"{index}: missing; a checkpoint is an .index file with .data files beside it")
        if index.stat().st_size > LARGEST_INDEX_BYTES:
            raise InputError(f"{index}: {index.stat().st_size} bytes is no index of variables")
        table = index.read_bytes()
        try:
            entries = dict(_table_items(table))
            header = _fields(entries.pop(b""))
            self.entries = {name.decode(): _entry(value) for name, value in entries.items()}
        except (IndexError, KeyError, ValueError, UnicodeDecodeError) as error:
            raise InputError(f"{index}: damaged or not an index of variables ({error})") from error
        self.num_shards = header.get(1, [1])[0]
        if header.get(2, [0])[0] != 0:
            raise InputError(f"{index}: written on a big-endian machine, which is not supported")

    def read(self, name: str) -> np.ndarray:
        """The variable's numbers in its shape."""
        entry = self.entries.get(name)
        if entry is None:
            raise InputError(f"{self.prefix}: has no variable {name}")
        path = self.prefix.with_name(f"{self.prefix.name}.data-{entry.shard:05d}-of-{self.num_shards:05d}")
        if entry.dtype is None:
            raise InputError(f"{self.prefix}: {name} is not a variable of numbers")
        count = int(np.prod(entry.shape, dtype=np.int64))
        if entry.size != count * entry.dtype.itemsize or entry.size > LARGEST_VARIABLE_BYTES:
            raise InputError(f"{self.prefix}: {name} has {entry.size} bytes, its shape {entry.shape} needs {count * entry.dtype.itemsize}")
        if not path.is_file():
            raise InputError(f"{path}: missing")
        with path.open("rb") as file:
            file.seek(entry.offset)
            data = file.read(entry.size)
        if len(data) != entry.size:
            raise InputError(f"{path}: ends within {name}; copy the whole file")
        if masked(crc32c(data)) != entry.checksum:
            raise InputError(f"{path}: {name} does not match its checksum; the file is damaged")
        return np.frombuffer(data, dtype=entry.dtype).reshape(entry.shape)


def _table_items(table: bytes) -> Iterator[tuple[bytes, bytes]]:
    if len(table) < FOOTER_LENGTH or table[-8:] != TABLE_MAGIC:
        raise ValueError("no table's last bytes")
    footer = table[-FOOTER_LENGTH:]
    _, place = _handle(footer, 0)
    index, _ = _handle(footer, place)
    for _, value in _block_items(_block(table, *index)):
        handle, _ = _handle(value, 0)
        yield from _block_items(_block(table, *handle))


def _block(table: bytes, offset: int, size: int) -> bytes:
    end = offset + size
    if end + BLOCK_TRAILER_LENGTH > len(table):
        raise ValueError("a block lies outside the file")
    if table[end] != 0:
        raise ValueError("a block is compressed")
    stored = int.from_bytes(table[end + 1 : end + BLOCK_TRAILER_LENGTH], "little")
    if masked(crc32c(table[offset : end + 1])) != stored:
        raise ValueError("a block does not match its checksum")
    return table[offset:end]


def _block_items(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Keys are stored as what differs from the key before."""
    num_restarts = int.from_bytes(block[-4:], "little")
    end = len(block) - 4 * (num_restarts + 1)
    place, key = 0, b""
    while place < end:
        shared, place = _varint(block, place)
        unshared, place = _varint(block, place)
        value_length, place = _varint(block, place)
        key = key[:shared] + block[place : place + unshared]
        place += unshared
        yield key, block[place : place + value_length]
        place += value_length


def _handle(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    offset, place = _varint(data, place)
    size, place = _varint(data, place)
    return (offset, size), place


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")


def _fields(message: bytes) -> dict[int, list]:
    """A protocol buffer's fields by number: whole numbers, or bytes."""
    fields: dict[int, list] = {}
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(message, place)
        elif kind == 2:
            length, place = _varint(message, place)
            value, place = message[place : place + length], place + length
        elif kind == 5:
            value, place = int.from_bytes(message[place : place + 4], "little"), place + 4
        else:
            raise ValueError(f"field {number} is of kind {kind}")
        fields.setdefault(number, []).append(value)
    return fields


def _entry(message: bytes) -> Entry:
    fields = _fields(message)
    shape = _fields(fields.get(2, [b""])[0])
    sizes = tuple(_fields(dimension).get(1, [0])[0] for dimension in shape.get(2, []))
    number = {index: fields.get(index, [0])[0] for index in (1, 3, 4, 5, 6)}
    return Entry(TYPES.get(number[1]), sizes, number[3], number[4], number[5], number[6])
