"""What a unit draws, it draws into the eight units around it too, and there it ends: so a map of such drawings has no seams. Functions only."""

import torch
import torch.nn.functional as F
from torch import Tensor

NEIGHBOURS = 9
"""A unit and those around it."""
REACH_UNITS = 1.5
"""From a unit's centre to the far edge of the eight units around it: there all that it draws has ended."""


def places_of_unit(per_unit: int) -> Tensor:
    """[3, per_unit^2] the places of a map inside a unit, row by row: x and v in units from the unit's centre, and 1."""
    middle = (torch.arange(per_unit) + 0.5) / per_unit - 0.5
    x, v = torch.meshgrid(middle, middle, indexing="xy")
    return torch.stack([x, v, torch.ones_like(x)]).flatten(1)


def centres_around(count: int) -> Tensor:
    """[9 * count, 2] centres of a unit and of those around it, each `count` times: x and v from that unit's own."""
    step = torch.arange(-1.0, 2.0)
    return torch.stack(torch.meshgrid(step, step, indexing="xy"), dim=-1).flatten(0, 1).repeat_interleave(count, dim=0)


def window(places: Tensor, centres: Tensor) -> Tensor:
    """[centres, places] 1 near a unit's centre, 0 at REACH_UNITS."""
    return (1 - ((places[None, :2] - centres[:, :, None]) / REACH_UNITS).pow(6)).clamp(min=0.0).prod(dim=1)


def by_unit(units: Tensor, count: int) -> Tensor:
    """[n, count * m, h, w] -> [n, h, w, 9 * count, m]: for every unit what it and those around it say; beyond the grid its edge
    is repeated."""
    return by_inner_unit(F.pad(units, (1, 1, 1, 1), mode="replicate"), count)


def by_inner_unit(padded: Tensor, count: int) -> Tensor:
    """[n, count * m, h + 2, w + 2] -> [n, h, w, 9 * count, m]: the same for units that are given with those around them."""
    n, channels, h, w = padded.shape[0], padded.shape[1], padded.shape[2] - 2, padded.shape[3] - 2
    spans = (slice(0, -2), slice(1, -1), slice(2, None))
    around = torch.stack([padded[:, :, down, right] for down in spans for right in spans], dim=1)
    return around.reshape(n, NEIGHBOURS, count, channels // count, h, w).permute(0, 4, 5, 1, 2, 3).flatten(3, 4)


def to_map(drawn: Tensor, per_unit: int) -> Tensor:
    """[n, h, w, c, per_unit^2] -> [n, c, per_unit h, per_unit w]."""
    return F.pixel_shuffle(drawn.permute(0, 3, 4, 1, 2).flatten(1, 2), per_unit)
