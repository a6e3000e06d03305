"""Mixing smooth maps, and reading them at any place, which growing them again and again cannot do. Functions only."""

import torch
import torch.nn.functional as F
from torch import Tensor


def middles(count: int, per_unit: int, like: Tensor) -> Tensor:
    """[count] the middles of a map's places along one side, in units from its edge."""
    return (torch.arange(count, dtype=torch.float32, device=like.device) + 0.5) / per_unit


def read(maps: Tensor, per_unit: int, x: Tensor, v: Tensor) -> Tensor:
    """maps [n, c, h, w] of `per_unit` places to a unit, at x and v [n, H, W] units from their left and top edge -> [n, c, H, W].

    By cubic convolution, families and network alike; beyond a map its edge.
    """
    rows, columns = maps.shape[2:]
    places = torch.stack([2 * per_unit * x / columns - 1, 2 * per_unit * v / rows - 1], dim=-1)
    return F.grid_sample(maps.float(), places, mode="bicubic", padding_mode="border", align_corners=False)


def mixed(maps: Tensor, shares: Tensor) -> Tensor:
    """maps [n, c, h, w], shares [n, k * c] -> [n, k, h, w] float32: sums of the maps, each in its share."""
    return (shares.float().unflatten(1, (-1, maps.shape[1])) @ maps.float().flatten(2)).unflatten(2, maps.shape[2:])
