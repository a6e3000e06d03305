"""Where things lie in a picture: units, cells and the noise at their places (PICTURE_CONTRACT.md 2 and 3).

A *unit* is one place of the coarse noise grid; a picture is eight units along its short side, whatever its size in
pixels. All coordinates are counted from the picture's centre, x to the right, v down, so that pictures of other shapes
share their middle.
"""

import math
from dataclasses import dataclass

import numpy as np

from pipeline.seeded import normal

SHORT_UNITS, MAX_LONG_UNITS = 8, 64
NOISE_CHANNELS, MEDIUM_CHANNELS, DETAIL_CHANNELS = 16, 4, 2
MEDIUM_PER_UNIT, FEATURES_PER_UNIT, DETAIL_PER_UNIT, CELLS_PER_UNIT = 4, 8, 16, 32
HALO_FEATURES, HALO_DETAIL = 2, 3
"""What the head needs around its tile, in places of the feature map and of the detail noise."""
NOISE_STREAM, MEDIUM_STREAM, DETAIL_STREAM = 8, 9, 10
INDEX_SIDE, INDEX_MIDDLE = 4096, 2048


@dataclass(frozen=True)
class Frame:
    """The shape of a picture in units."""

    width_units: float
    height_units: float

    @staticmethod
    def of_size(width: int, height: int) -> "Frame":
        unit_px = max(min(width, height) / SHORT_UNITS, max(width, height) / MAX_LONG_UNITS)
        return Frame(width / unit_px, height / unit_px)

    @property
    def columns(self) -> int:
        return _even_above(self.width_units)

    @property
    def rows(self) -> int:
        return _even_above(self.height_units)

    def feature_y(self) -> np.ndarray:
        """[8 rows] y of the centres of the feature rows, top to bottom: -1..1 over a picture of eight units or more."""
        v = (np.arange(self.rows * FEATURES_PER_UNIT) + 0.5) / FEATURES_PER_UNIT - self.rows / 2
        return (2 * v / max(self.height_units, SHORT_UNITS)).astype(np.float32)


def _even_above(units: float) -> int:
    """A whole even number of units, so that the picture's centre is the corner of four places."""
    return max(2, 2 * math.ceil(units / 2 - 1e-9))


def noise_map(seed: int, stream: int, channels: int, rows: range, columns: range) -> np.ndarray:
    """[channels, rows, columns] of normal numbers at places counted from the picture's centre (place -1 ends there)."""
    channel, row, column = np.meshgrid(np.arange(channels), np.asarray(rows), np.asarray(columns), indexing="ij")
    index = (channel * INDEX_SIDE + row + INDEX_MIDDLE) * INDEX_SIDE + column + INDEX_MIDDLE
    return normal(seed, stream, index).astype(np.float32)


def centred(count: int, margin: int = 0) -> range:
    """`count` places around the centre and `margin` more on both sides."""
    return range(-count // 2 - margin, count // 2 + margin)


def frame_noise(seed: int, frame: Frame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """noise, medium and detail of a whole picture; detail with the head's halo around it."""
    rows, columns = frame.rows, frame.columns
    scaled = [(rows * k, columns * k) for k in (1, MEDIUM_PER_UNIT, DETAIL_PER_UNIT)]
    return (
        noise_map(seed, NOISE_STREAM, NOISE_CHANNELS, centred(scaled[0][0]), centred(scaled[0][1])),
        noise_map(seed, MEDIUM_STREAM, MEDIUM_CHANNELS, centred(scaled[1][0]), centred(scaled[1][1])),
        noise_map(seed, DETAIL_STREAM, DETAIL_CHANNELS, centred(scaled[2][0], HALO_DETAIL), centred(scaled[2][1], HALO_DETAIL)),
    )
