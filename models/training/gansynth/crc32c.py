"""CRC-32C (Castagnoli), the checksum of LevelDB tables and TensorFlow checkpoints, for arrays of megabytes.

A byte at a time is too slow in Python, so the data is cut into lanes that numpy carries side by side; the lanes' sums are
joined by the linear map "append n zero bytes" (Mark Adler's crc32_combine).
"""

import numpy as np

POLYNOMIAL = 0x82F63B78
NUM_LANES = 1024
MASK_DELTA = 0xA282EAD8


def _table() -> np.ndarray:
    value = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        value = (value >> np.uint32(1)) ^ np.where(value & np.uint32(1), np.uint32(POLYNOMIAL), np.uint32(0))
    return value


TABLE = _table()


def crc32c(data: bytes) -> int:
    """The checksum of `data`, unmasked."""
    lane_length = len(data) // NUM_LANES
    state = 0xFFFFFFFF
    if lane_length:
        lanes = np.frombuffer(data, dtype=np.uint8, count=lane_length * NUM_LANES).reshape(NUM_LANES, lane_length)
        sums = np.zeros(NUM_LANES, dtype=np.uint32)
        for column in np.ascontiguousarray(lanes.T):
            sums = TABLE[(sums ^ column) & np.uint32(0xFF)] ^ (sums >> np.uint32(8))
        over_one_lane = _append_zeros(lane_length)
        for lane in sums.tolist():
            state = _apply(over_one_lane, state) ^ lane
    for byte in data[lane_length * NUM_LANES :]:
        state = int(TABLE[(state ^ byte) & 0xFF]) ^ (state >> 8)
    return state ^ 0xFFFFFFFF


def masked(checksum: int) -> int:
    """As tables and checkpoints store it: rotated and shifted, so that a checksum of data with checksums stays useful."""
    return (((checksum >> 15) | (checksum << 17)) + MASK_DELTA) & 0xFFFFFFFF


def _apply(columns: list[int], vector: int) -> int:
    total = 0
    for bit, column in enumerate(columns):
        if vector >> bit & 1:
            total ^= column
    return total


def _append_zeros(num_bytes: int) -> list[int]:
    """The map of the register over `num_bytes` zero bytes, as the images of its 32 bits."""
    step = [POLYNOMIAL] + [1 << (bit - 1) for bit in range(1, 32)]
    result = [1 << bit for bit in range(32)]
    num_bits = 8 * num_bytes
    while num_bits:
        if num_bits & 1:
            result = [_apply(step, column) for column in result]
        step = [_apply(step, column) for column in step]
        num_bits >>= 1
    return result
