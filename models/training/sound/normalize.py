"""Physical units (dB, cents) <-> the network's units. Both ways in one place, for numpy arrays and tensors alike."""

from .grid import Grid

DEVIATION_UNIT_CENTS = 25.0


def _to_unit(values, low: float, high: float):
    return (values - low) * (2 / (high - low)) - 1


def _from_unit(values, low: float, high: float):
    return (values + 1) * ((high - low) / 2) + low


def normalize(grid: Grid, level_db, deviation_cents, noise_db):
    """Level and noise to [-1, 1], deviation to about [-2, 2]."""
    level = _to_unit(level_db, *grid.level_range_db)
    return level, deviation_cents / DEVIATION_UNIT_CENTS, _to_unit(noise_db, *grid.noise_range_db)


def denormalize(grid: Grid, level, deviation, noise):
    """The inverse of `normalize`."""
    level_db = _from_unit(level, *grid.level_range_db)
    return level_db, deviation * DEVIATION_UNIT_CENTS, _from_unit(noise, *grid.noise_range_db)
