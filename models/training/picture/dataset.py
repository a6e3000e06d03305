"""Batches of training pictures by seed and step: noise windows, conditions and, for own families, the pictures made of them.

A training picture is a crop of `size` cells out of a window two units wider than the crop, anywhere in a picture of
eight to sixteen units height, so that the networks meet every shape and both inside and border of the grid.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from pipeline.errors import RequestError

from .colour import mix
from .config import Config
from .families import FAMILIES
from .geometry import (
    CELLS_PER_UNIT,
    DETAIL_CHANNELS,
    DETAIL_PER_UNIT,
    FEATURES_PER_UNIT,
    HALO_DETAIL,
    HALO_FEATURES,
    MEDIUM_CHANNELS,
    MEDIUM_PER_UNIT,
    NOISE_CHANNELS,
    SHORT_UNITS,
)  # fmt: skip
from .network import Generator, pad_features
from .palettes import random_palettes
from .world import World

MARGIN_UNITS = 2
HIGHEST_UNITS = 16.0
SHORT_SHARE = 0.6
"""So many training pictures are eight units high, the rest anything up to HIGHEST_UNITS."""
FLIP_STREAM = 2**20
CELLS_PER_FEATURE = CELLS_PER_UNIT // FEATURES_PER_UNIT


@dataclass(frozen=True)
class Batch:
    """latent [n, z], style [n, s], palette [n, 5, 3], the window's noise, medium, detail (with halo) and y [n, 8 rows];
    where its crop begins (features from the window's top and left, one place for the whole batch) and y of the crop's
    rows [n, h]; the picture [n, 3, h, w] in OKLab; and, from families, its weights and residual."""

    latent: Tensor
    style: Tensor
    palette: Tensor
    noise: Tensor
    medium: Tensor
    detail: Tensor
    y: Tensor
    top: int
    left: int
    crop_y: Tensor
    picture: Tensor
    weights: Tensor | None
    residual: Tensor | None


class Source(Protocol):
    """Where training pictures come from."""

    styles: list[str]

    def draw(self, size: int, step: int) -> Batch: ...


def cells_of(generator: Generator, batch: Batch, offset: Tensor | None = None) -> Tensor:
    """[n, 6, h, w] what the generator makes of a batch's crop."""
    offset = torch.zeros(len(batch.latent), generator.trunk.offset_length, device=batch.latent.device) if offset is None else offset
    features, modulation = generator.trunk(batch.latent, batch.style, batch.palette, offset, batch.noise, batch.medium, batch.y)
    side = batch.crop_y.shape[1] // CELLS_PER_FEATURE
    tile = pad_features(features)[:, :, batch.top : batch.top + side + 2 * HALO_FEATURES, batch.left : batch.left + side + 2 * HALO_FEATURES]
    reach = 2 * side + 2 * HALO_DETAIL
    detail = batch.detail[:, :, 2 * batch.top : 2 * batch.top + reach, 2 * batch.left : 2 * batch.left + reach]
    return generator.head(tile, modulation, detail)


@dataclass(frozen=True)
class Window:
    """Where a batch's window and crop lie; the picture's centre is `centre` units below the window's top."""

    units: int
    centre: Tensor
    half_height: Tensor
    top: int
    left: int
    size: int

    @staticmethod
    def draw(count: int, size: int, random: torch.Generator) -> "Window":
        units = size // CELLS_PER_UNIT + MARGIN_UNITS
        height = torch.where(
            torch.rand(count, generator=random) < SHORT_SHARE, SHORT_UNITS, SHORT_UNITS + (HIGHEST_UNITS - SHORT_UNITS) * torch.rand(count, generator=random)
        )
        rows = 2 * torch.ceil(height / 2)
        first = (torch.rand(count, generator=random) * (rows - units + 1)).floor()
        spare = MARGIN_UNITS * FEATURES_PER_UNIT + 1
        top, left = (int(torch.randint(spare, (), generator=random)) for _ in range(2))
        return Window(units, rows / 2 - first, height / 2, top, left, size)

    def y(self, v: Tensor) -> Tensor:
        """v [m] units from the window's top -> y [n, m]."""
        return (v - self.centre[:, None]) / self.half_height[:, None]

    def feature_y(self) -> Tensor:
        return self.y((torch.arange(self.units * FEATURES_PER_UNIT) + 0.5) / FEATURES_PER_UNIT)

    def crop_v(self) -> Tensor:
        return (self.top * CELLS_PER_FEATURE + torch.arange(self.size) + 0.5) / CELLS_PER_UNIT

    def crop_x(self) -> Tensor:
        return (self.left * CELLS_PER_FEATURE + torch.arange(self.size) + 0.5) / CELLS_PER_UNIT

    def noise(self, count: int, random: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        halo = 2 * HALO_DETAIL
        sides = (self.units, MEDIUM_PER_UNIT * self.units, DETAIL_PER_UNIT * self.units + halo)
        channels = (NOISE_CHANNELS, MEDIUM_CHANNELS, DETAIL_CHANNELS)
        return tuple(torch.randn(count, c, side, side, generator=random) for c, side in zip(channels, sides))


class FamilySource:
    """Pictures of the procedural families, made of the batch's own noise, on the generator's device."""

    def __init__(self, config: Config, device: torch.device | str = "cpu"):
        unknown = [name for name in config.data.styles if name not in FAMILIES]
        if unknown:
            raise RequestError(f"unknown family '{unknown[0]}'; known are {', '.join(FAMILIES)}")
        self.styles, self.device = config.data.styles, device
        self.shares = torch.tensor(config.data.shares or [1.0] * len(self.styles))
        self.size, self.seed, self.latent_length = config.data.size, config.seed, config.network.latent_length

    def draw(self, size: int, step: int) -> Batch:
        random = torch.Generator().manual_seed((self.seed << 32) + step)
        chosen = torch.multinomial(self.shares, size, replacement=True, generator=random)
        return self.paint(chosen, random)

    @torch.no_grad()
    def paint(self, chosen: Tensor, random: torch.Generator) -> Batch:
        """One picture of each chosen family."""
        count = len(chosen)
        window = Window.draw(count, self.size, random)
        latent, palette = torch.randn(count, self.latent_length, generator=random), random_palettes(count, random)
        parts = [*window.noise(count, random), window.crop_x().expand(count, -1), window.crop_v().expand(count, -1), window.y(window.crop_v())]
        places = torch.stack([window.centre, window.half_height], dim=1)
        world = World(*(part.to(self.device) for part in (*parts, places, latent)))
        weights = torch.empty(count, 5, self.size, self.size, device=self.device)
        residual = torch.empty(count, 1, self.size, self.size, device=self.device)
        for index in chosen.unique().tolist():
            mask = (chosen == index).to(self.device)
            weights[mask], residual[mask] = FAMILIES[self.styles[index]](world.subset(mask))
        style = torch.nn.functional.one_hot(chosen, len(self.styles)).float().to(self.device)
        palette = palette.to(self.device)
        return Batch(
            world.latent, style, palette, world.noise, world.medium, world.detail, window.feature_y().to(self.device), window.top, window.left,
            world.y, mix(weights, residual, palette), weights, residual,
        )  # fmt: skip
