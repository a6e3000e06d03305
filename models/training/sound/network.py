"""The generator and the discriminator. Layers only: no files, no training loop, no decibels.

Maps are [n, rows, columns] in *normalised* units (normalize.py): level in [-1, 1], deviation in [-2, 2],
noise in [-1, 1]. What shaped the generator, beside the usual upsampling stack:

- rows are harmonics, but formants live in hertz: every level adds a bias from radial functions of its rows' absolute
  log frequency;
- a partial is a line: a branch that is constant in time enters before the head, and time is upsampled smoothly;
- partials move together: a branch that is constant over the rows enters beside it (movement.py);
- the noise map is smooth, with a grain on it: it leaves the trunk at half resolution;
- deviation means nothing where a partial is silent: it is gated by the level inside the network;
- a note costs milliseconds: convolutions run before growing where they can, the head is separable.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .conditions import NUM_ATTRIBUTES, NUM_KEY_FEATURES, key_features
from .config import NetworkConfig
from .grid import Grid
from .layers import NUM_RADIAL, Grain, RowFrequencies, StyledLevel, grow_columns, grow_rows
from .movement import Movement

ROW_FEATURES = 6
BASE_ROWS, BASE_COLUMNS = 4, 8
NOISE_TREMOLOS = 2
"""Movements of the noise map, each with a strength per band."""
GRAIN_GAIN = 0.3
"""A strength of 1 is 12 dB of level, 8 cents of deviation or 16 dB of noise; how much a row or band has of it is learnt."""
GATE_LOW, GATE_HIGH = -0.6, -0.5
"""Normalised level between which the deviation fades in: -64 and -60 dB (`analysis.gate`)."""


class Generator(nn.Module):
    """latent, key, velocity, attributes, style offset -> level, deviation, noise."""

    def __init__(self, config: NetworkConfig, grid: Grid):
        super().__init__()
        self.latent_length, self.style_length = config.latent_length, config.style_length
        num_conditions = NUM_KEY_FEATURES + 1 + NUM_ATTRIBUTES
        self.mapping = nn.Sequential(
            nn.Linear(config.latent_length + num_conditions, 128), nn.LeakyReLU(0.2),
            nn.Linear(128, config.style_length), nn.LeakyReLU(0.2),
        )  # fmt: skip
        widths = config.channels
        self.base = nn.Parameter(torch.randn(1, widths[0], BASE_ROWS, BASE_COLUMNS))
        self.levels = nn.ModuleList(
            StyledLevel(
                widths[max(i - 1, 0)], widths[i], config.style_length, BASE_ROWS << i, BASE_COLUMNS << i, noisy=i >= 2
            )  # fmt: skip
            for i in range(len(widths) - 1)
        )
        self.rows = RowFrequencies(grid)
        self._build_partials(config, grid)
        self._build_noise(config, grid)

    def _build_partials(self, config: NetworkConfig, grid: Grid) -> None:
        last = config.channels[-1]
        self.last = nn.Conv2d(config.channels[-2], 2 * last, 3, padding=1)
        self.row_style = nn.Linear(config.style_length, grid.num_rows * ROW_FEATURES)
        self.row_mix = nn.Sequential(
            nn.Conv1d(ROW_FEATURES + NUM_RADIAL, 2 * last, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv1d(2 * last, last + 3, 3, padding=1)
        )
        self.grains = nn.ModuleList(Grain(grid.num_rows, grid.num_columns, seed) for seed in (6, 7))
        self.movement = Movement(config.style_length, last + 2 + NOISE_TREMOLOS, grid)
        self.head = nn.Sequential(nn.Conv2d(last, last, (3, 5), padding=(1, 2), groups=last), nn.Conv2d(last, 2, 1))

    def _build_noise(self, config: NetworkConfig, grid: Grid) -> None:
        self.noise_level = StyledLevel(
            config.channels[2], config.noise_channels, config.style_length, BASE_ROWS << 2, BASE_COLUMNS << 2, noisy=False
        )
        self.noise_bands = nn.Linear(config.style_length, grid.num_bands // 2)
        self.noise_head = nn.Conv2d(config.noise_channels, 2, 3, padding=1)
        self.noise_grain = nn.Linear(config.style_length, grid.num_bands // 4)
        self.noise_tremolo = nn.Linear(config.style_length, NOISE_TREMOLOS * grid.num_bands // 4)
        self.grain = Grain(grid.num_bands, grid.num_columns, seed=8)

    def style(self, latent: Tensor, key: Tensor, velocity: Tensor, attributes: Tensor) -> Tensor:
        """[n, style_length] of a latent on its sphere."""
        return self.mapping(torch.cat([latent, key_features(key), velocity[:, None] * 2 - 1, attributes], dim=1))

    def forward(self, latent: Tensor, key: Tensor, velocity: Tensor, attributes: Tensor, style_offset: Tensor, fresh_noise: bool = False):
        latent = latent * torch.rsqrt(latent.square().mean(dim=1, keepdim=True) + 1e-8)  # its length cannot be used
        style = self.style(latent, key, velocity, attributes) + style_offset
        x = self.base.expand(latent.shape[0], -1, -1, -1)
        for i, level in enumerate(self.levels):
            x = level(x if i == 0 else grow_rows(grow_columns(x)), style, self.rows, key, latent, fresh_noise)
            if i == 2:
                noise_trunk = x
        movement = self.movement(style, latent, fresh_noise)
        level, deviation = self._partials(x, style, movement, key, latent, fresh_noise)
        return level, deviation, self._noise(noise_trunk, style, movement, key, latent, fresh_noise)

    def _partials(self, x: Tensor, style: Tensor, movement: Tensor, key: Tensor, latent: Tensor, fresh_noise: bool) -> tuple[Tensor, Tensor]:
        rows = self.row_style(style).reshape(style.shape[0], ROW_FEATURES, -1)
        rows = self.row_mix(torch.cat([rows, self.rows.features(key, rows.shape[2]).transpose(1, 2)], dim=1))
        x = _interleave_rows(grow_columns(self.last(x)))
        channels = x.shape[1]
        x = F.leaky_relu(x + rows[:, :channels, :, None] + movement[:, :channels, None].to(x.dtype), 0.2)
        maps, common = self.head(x).float(), movement[:, channels : channels + 2, None].float()
        bias, *strengths = rows[:, channels:].float().unbind(dim=1)
        noise = [GRAIN_GAIN * s[:, :, None] * g(latent, fresh_noise)[:, 0] for s, g in zip(strengths, self.grains)]
        level = torch.tanh(maps[:, 0] + bias[:, :, None] + common[:, 0] + noise[0])
        valid = self.rows.valid(key)[:, :, None]
        level = level * valid - (1 - valid)
        gate = ((level - GATE_LOW) / (GATE_HIGH - GATE_LOW)).clamp(0, 1)
        return level, 2 * torch.tanh((maps[:, 1] + common[:, 1] + noise[1]) / 2) * gate

    def _noise(self, trunk: Tensor, style: Tensor, movement: Tensor, key: Tensor, latent: Tensor, fresh_noise: bool) -> Tensor:
        x = grow_rows(grow_columns(self.noise_level(trunk, style, self.rows, key, latent, fresh_noise)))
        x = self.noise_head(x).float()
        level = F.interpolate(x[:, :1] + self.noise_bands(style).float()[:, None, :, None], scale_factor=2.0, mode="bilinear", align_corners=False)
        roughness = grow_rows(grow_columns(x[:, 1:]))[:, 0]
        strength = _smooth(self.noise_grain(style).float()[:, None])[:, 0, :, None]
        tremolo = _smooth(self.noise_tremolo(style).float().reshape(style.shape[0], NOISE_TREMOLOS, -1)).transpose(1, 2)
        level = level[:, 0] + tremolo @ movement[:, -NOISE_TREMOLOS:].float()
        return torch.tanh(level + GRAIN_GAIN * (strength + roughness) * self.grain(latent, fresh_noise)[:, 0])


def _interleave_rows(x: Tensor) -> Tensor:
    """[n, 2 c, rows, columns] -> [n, c, 2 rows, columns]: odd and even harmonics have weights of their own. In time this would flutter."""
    count, channels, rows, columns = x.shape
    return x.reshape(count, 2, channels // 2, rows, columns).permute(0, 2, 3, 1, 4).reshape(count, channels // 2, 2 * rows, columns)


def _smooth(bands: Tensor) -> Tensor:
    """[n, c, bands / 4] -> [n, c, bands]."""
    return F.interpolate(bands, scale_factor=4.0, mode="linear", align_corners=False)


class Discriminator(nn.Module):
    """Maps and their condition -> realness [n], attributes [n, a]."""

    def __init__(self, config: NetworkConfig, grid: Grid):
        super().__init__()
        widths = config.discriminator_channels
        num_maps = 9
        self.first = nn.Conv2d(4 * num_maps, widths[0], 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1) for a, b in zip(widths, widths[1:]))
        shrink = 2 ** len(widths)
        self.join = nn.Conv2d(widths[-1] + 1, widths[-1], 3, padding=1)
        self.flat = nn.Linear(widths[-1] * (grid.num_rows // shrink) * (grid.num_columns // shrink), 128)
        self.realness = nn.Linear(128, 1)
        self.project = nn.Linear(NUM_KEY_FEATURES + 1, 128)
        self.attributes = nn.Linear(128, NUM_ATTRIBUTES)
        self.rows = RowFrequencies(grid)

    def forward(self, level: Tensor, deviation: Tensor, noise: Tensor, key: Tensor, velocity: Tensor) -> tuple[Tensor, Tensor]:
        octave = self.rows.scaled_octave(key)[:, :, None].expand_as(level)
        maps = [level, deviation, noise, octave, _difference(level, 2), _difference(level, 1), _difference(noise, 2), _difference(deviation, 2), _difference(deviation, 1)]
        x = F.pixel_unshuffle(torch.stack(maps, dim=1), 2)
        x = F.leaky_relu(self.first(x), 0.2)
        for layer in self.down:
            x = F.leaky_relu(layer(x), 0.2)
        x = F.leaky_relu(self.join(torch.cat([x, _batch_deviation(x)], dim=1)), 0.2)
        x = F.leaky_relu(self.flat(x.flatten(1)), 0.2)
        condition = self.project(torch.cat([key_features(key), velocity[:, None] * 2 - 1], dim=1))
        return (self.realness(x)[:, 0] + (condition * x).mean(dim=1)).float(), self.attributes(x).float()


def _difference(maps: Tensor, dimension: int) -> Tensor:
    """Neighbour minus cell, four times enlarged (texture is small beside the map itself), 0 at the end."""
    change = 4 * torch.diff(maps, dim=dimension)
    return F.pad(change, (0, 1) if dimension == 2 else (0, 0, 0, 1))


def _batch_deviation(x: Tensor) -> Tensor:
    """[n, 1, h, w]: mean standard deviation over groups of four samples (shows a collapsed batch).

    The constant under the root is not small: with 1e-8, its second derivative blew up the gradient penalty where four
    notes were equally silent, and a run that had been calm for 25,000 samples was lost within 30 steps.
    """
    group = 4 if len(x) % 4 == 0 else 1
    grouped = x.float().reshape(group, -1, *x.shape[1:])
    deviation = (grouped.var(dim=0, unbiased=False) + 1e-4).sqrt().mean(dim=(1, 2, 3), keepdim=True)
    return deviation.repeat(group, 1, 1, 1).expand(-1, -1, *x.shape[2:]).to(x.dtype)
