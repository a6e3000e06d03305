"""The contract's seeded numbers (CONTRACT.md 3.6 and 5), the same in Rust and here. uint32 arithmetic, wrapping."""

import itertools

import numpy as np


def mix(x: np.ndarray) -> np.ndarray:
    x = np.asarray(x, dtype=np.uint32).copy()
    x ^= x >> np.uint32(16)
    x = (x.astype(np.uint64) * 0x7FEB352D).astype(np.uint32)
    x ^= x >> np.uint32(15)
    x = (x.astype(np.uint64) * 0x846CA68B).astype(np.uint32)
    return x ^ (x >> np.uint32(16))


def hashed(seed: int, stream: int, index) -> np.ndarray:
    """h(seed, stream, index) of the contract, uint32."""
    start = mix(np.uint32((seed + 0x9E3779B9 * (stream + 1)) % 2**32))
    return mix((np.asarray(index, dtype=np.uint64) + np.uint64(start)).astype(np.uint32))


def uniform(seed: int, stream: int, index) -> np.ndarray:
    """[0, 1), float64."""
    return hashed(seed, stream, index) / 2.0**32


def normal(seed: int, stream: int, index) -> np.ndarray:
    """Box-Muller."""
    index = np.asarray(index, dtype=np.uint64)
    a, b = uniform(seed, stream, 2 * index), uniform(seed, stream, 2 * index + 1)
    return np.sqrt(-2 * np.log(1 - a)) * np.cos(2 * np.pi * b)


def sound_point(seed: int, latent_length: int, num_attributes: int, truncation: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    """Latent and attributes of a sound from its seed (CONTRACT.md 5)."""
    index = np.arange(latent_length)
    latent = normal(seed, 16, index)
    assert truncation > 0
    for stream in itertools.count(17):
        outside = np.abs(latent) > truncation
        if not outside.any():
            break
        latent = np.where(outside, normal(seed, stream, index), latent)
    attributes = np.clip(0.7 * normal(seed, 15, np.arange(num_attributes)), -1.5, 1.5)
    return latent.astype(np.float32), attributes.astype(np.float32)
