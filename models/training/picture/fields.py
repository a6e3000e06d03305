"""Smooth fields out of a noise map: what families paint with and what the trunk is given beside the noise itself."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .geometry import MEDIUM_PER_UNIT

LARGE_SIGMA, HUGE_SIGMA = 0.9, 1.6
"""Units: how far the large and huge fields smooth the coarse noise."""
STREAK_SIGMA = 1.0
"""Units: how long streaks are."""


def blurred(maps: Tensor, sigma_rows: float, sigma_columns: float) -> Tensor:
    """[n, c, h, w] Gaussian blur in places of the map, the edge repeated, scaled so that white noise keeps its variance."""
    for dimension, sigma in ((2, sigma_rows), (3, sigma_columns)):
        if sigma > 0:
            reach = max(1, round(2.5 * sigma))
            offsets = torch.arange(-reach, reach + 1, dtype=maps.dtype, device=maps.device)
            kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
            kernel = (kernel / kernel.square().sum().sqrt()).reshape((1, 1, -1, 1) if dimension == 2 else (1, 1, 1, -1))
            margin = (0, 0, reach, reach) if dimension == 2 else (reach, reach, 0, 0)
            channels = maps.shape[1]
            maps = F.conv2d(F.pad(maps, margin, mode="replicate"), kernel.expand(channels, -1, -1, -1), groups=channels)
    return maps


def large(noise: Tensor) -> Tensor:
    return blurred(noise, LARGE_SIGMA, LARGE_SIGMA)


def huge(noise: Tensor) -> Tensor:
    return blurred(noise, HUGE_SIGMA, HUGE_SIGMA)


def vertical(medium: Tensor) -> Tensor:
    """The medium noise drawn out upwards and downwards."""
    return blurred(medium, STREAK_SIGMA * MEDIUM_PER_UNIT, 0.0)


def horizontal(medium: Tensor) -> Tensor:
    """The medium noise drawn out to the sides."""
    return blurred(medium, 0.0, STREAK_SIGMA * MEDIUM_PER_UNIT)
