"""The numbers that Rust and Python share (CONTRACT.md)."""

import numpy as np

from pipeline.seeded import hashed, mix, normal, sound_point, uniform
from sound.grid import Grid
from sound.normalize import denormalize, normalize


def plain_mix(x: int) -> int:
    """The contract's mix in Python's own integers."""
    x ^= x >> 16
    x = x * 0x7FEB352D % 2**32
    x ^= x >> 15
    x = x * 0x846CA68B % 2**32
    return x ^ (x >> 16)


def test_the_hash_is_the_contracts_formula():
    for seed, stream, index in [(0, 0, 0), (1, 2, 3), (2**32 - 1, 17, 2**31), (48213, 5, 99_999)]:
        start = plain_mix((seed + 0x9E3779B9 * (stream + 1)) % 2**32)
        assert int(hashed(seed, stream, index)) == plain_mix((start + index) % 2**32)
    assert int(mix(np.uint32(1))) == plain_mix(1)


def test_uniform_numbers_are_uniform_and_normal_numbers_normal():
    index = np.arange(100_000)
    assert abs(uniform(1, 0, index).mean() - 0.5) < 0.005
    values = normal(1, 16, index)
    assert abs(values.mean()) < 0.02 and abs(values.std() - 1) < 0.02 and abs((values**4).mean() - 3) < 0.1


def test_a_sound_stays_inside_its_truncation_and_differs_by_seed():
    latent, attributes = sound_point(7, 96, 4, truncation=1.0)
    assert np.abs(latent).max() <= 1.0 and np.abs(attributes).max() <= 1.5
    assert 0 < np.abs(sound_point(7, 96, 4, truncation=0.02)[0]).max() < 0.02  # redrawn however long it takes, never clipped
    assert not np.allclose(latent, sound_point(8, 96, 4, truncation=1.0)[0])


def test_units_survive_a_round_trip():
    grid, random = Grid(), np.random.default_rng(0)
    maps = random.uniform(-80, 0, (2, 4)), random.uniform(-50, 50, (2, 4)), random.uniform(-115, -10, (2, 4))
    for before, after in zip(maps, denormalize(grid, *normalize(grid, *maps))):
        np.testing.assert_allclose(after, before, atol=1e-9)


def test_rows_and_columns_cover_the_note_without_gaps():
    grid = Grid()
    assert grid.row_first_harmonic[1:] == [last + 1 for last in grid.row_last_harmonic[:-1]]
    assert grid.num_rows == 64 and grid.num_columns == 128 and grid.num_bands == 64
    times = np.asarray(grid.column_times_s)
    assert np.all(np.diff(times) > 0) and abs(times[-1] + 0.02 - grid.duration_s) < 1e-6
