"""The noise of a batch of pictures as smooth fields: what every family paints with. On the device of its tensors.

A family sees the very noise that the network is given, and reads it near the place it paints: what it draws is a
function that a convolutional network can learn. Places beyond the grid repeat its edge, as the network's padding does.
"""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from . import fields
from .geometry import DETAIL_PER_UNIT, HALO_DETAIL, MEDIUM_PER_UNIT, SHORT_UNITS
from .places import read


@dataclass
class World:
    """Noise as in PICTURE_CONTRACT.md 3 (detail with its halo); x [n, w] and v [n, h] in units from the grid's left and
    top edge; y [n, h] as the contract's; v_of_y [n, 2]: v = first + second * y; latent [n, z]."""

    noise: Tensor
    medium: Tensor
    detail: Tensor
    x: Tensor
    v: Tensor
    y: Tensor
    v_of_y: Tensor
    latent: Tensor

    def subset(self, chosen: Tensor) -> "World":
        parts = (self.noise, self.medium, self.detail, self.x, self.v, self.y, self.v_of_y, self.latent)
        return World(*(part[chosen] for part in parts))

    def knob(self, index: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        """[n, 1, 1] a number of the whole picture, uniform between `low` and `high`: its latent through the normal distribution."""
        share = 0.5 * (1 + torch.erf(self.latent[:, index] / 2**0.5))
        return (low + (high - low) * share)[:, None, None]

    @cached_property
    def place(self) -> tuple[Tensor, Tensor]:
        """x and v of every pixel, [n, h, w]."""
        shape = (len(self.x), self.v.shape[1], self.x.shape[1])
        return self.x[:, None].expand(shape), self.v[:, :, None].expand(shape)

    @cached_property
    def rows_y(self) -> Tensor:
        """y of every pixel, [n, h, 1]."""
        return self.y[:, :, None]

    @cached_property
    def rise(self) -> Tensor:
        """[n, h, 1] units from the picture's centre if it were eight units high: y alone, which is all that the network is told."""
        return 0.5 * SHORT_UNITS * self.rows_y

    def v_at(self, y: Tensor) -> Tensor:
        """The v where y has a value [n, 1, 1]."""
        return self.v_of_y[:, 0, None, None] + self.v_of_y[:, 1, None, None] * y

    @cached_property
    def large_noise(self) -> Tensor:
        return fields.large(self.noise)

    @cached_property
    def huge_noise(self) -> Tensor:
        return fields.huge(self.noise)

    @cached_property
    def vertical_noise(self) -> Tensor:
        return fields.vertical(self.medium)

    @cached_property
    def horizontal_noise(self) -> Tensor:
        return fields.horizontal(self.medium)

    @cached_property
    def wide_noise(self) -> Tensor:
        """Detail noise drawn out to the sides: ripples."""
        return fields.blurred(self.detail, 0.0, 0.6 * DETAIL_PER_UNIT)

    def large(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.large_noise, channels, 1, 0.0, x, v)

    def huge(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.huge_noise, channels, 1, 0.0, x, v)

    def coarse(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.noise, channels, 1, 0.0, x, v)

    def middle(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.medium, channels, MEDIUM_PER_UNIT, 0.0, x, v)

    def vertical(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.vertical_noise, channels, MEDIUM_PER_UNIT, 0.0, x, v)

    def horizontal(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.horizontal_noise, channels, MEDIUM_PER_UNIT, 0.0, x, v)

    def wide(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.wide_noise, channels, DETAIL_PER_UNIT, HALO_DETAIL, x, v)

    def fine(self, channels: list[int], x: Tensor | None = None, v: Tensor | None = None) -> Tensor:
        return self._sampled(self.detail, channels, DETAIL_PER_UNIT, HALO_DETAIL, x, v)

    def _sampled(self, maps: Tensor, channels: list[int], per_unit: int, halo: float, x: Tensor | None, v: Tensor | None) -> Tensor:
        """[n, channels, h, w] smooth values at x, v (every pixel's own place by default)."""
        x = self.place[0] if x is None else x
        v = self.place[1] if v is None else v
        x, v = torch.broadcast_tensors(x, v)
        return read(maps[:, channels], per_unit, x + halo / per_unit, v + halo / per_unit)
