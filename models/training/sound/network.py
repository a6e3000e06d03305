"""The generator and the discriminator. Layers only: no files, no training loop, no decibels.

Maps are [n, rows, columns] in *normalised* units (normalize.py): level in [-1, 1], deviation in [-2, 2],
noise in [-1, 1]. What shaped the generator, beside the usual upsampling stack:

- rows are harmonics, but formants live in hertz: every level adds a bias from radial functions of its rows' absolute
  log frequency;
- a partial is a line: a branch that is constant in time enters before the head, and time is upsampled smoothly;
- the noise map is smooth: it leaves the trunk at half resolution;
- deviation means nothing where a partial is silent: it is gated by the level inside the network.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .config import NetworkConfig
from .conditions import NUM_ATTRIBUTES, NUM_KEY_FEATURES, key_features
from .grid import Grid

NUM_RADIAL = 12
LOW_OCTAVE, HIGH_OCTAVE = 5.0, 14.3
"""log2 Hz of the first and last radial function: 32 Hz and 20 kHz."""
ROW_FEATURES = 6
BASE_ROWS, BASE_COLUMNS = 4, 8
GATE_LOW, GATE_HIGH = -0.6, -0.5
"""Normalised level between which the deviation fades in: -64 and -60 dB (`analysis.gate`)."""


class RowFrequencies(nn.Module):
    """Absolute frequency of each row: log2 Hz, its radial features, and which rows exist, for a batch of keys."""

    def __init__(self, grid: Grid):
        super().__init__()
        centres = torch.tensor(grid.row_centres(), dtype=torch.float32)
        self.register_buffer("octave", torch.log2(centres), persistent=False)
        self.register_buffer("first", torch.log2(torch.tensor(grid.row_first_harmonic, dtype=torch.float32)), persistent=False)
        self.register_buffer("radial", torch.linspace(LOW_OCTAVE, HIGH_OCTAVE, NUM_RADIAL), persistent=False)
        self.tuning_octave = float(torch.log2(torch.tensor(grid.tuning_hz)))
        self.highest_octave = float(torch.log2(torch.tensor(grid.max_frequency_hz)))

    def key_octave(self, key: Tensor) -> Tensor:
        return self.tuning_octave + (key[:, None] - 69) / 12

    def features(self, key: Tensor, rows: int) -> Tensor:
        """[n, rows, NUM_RADIAL] at a coarser number of rows (means of neighbouring ones)."""
        octave = self.octave.reshape(rows, -1).mean(dim=1) + self.key_octave(key)
        spacing = (HIGH_OCTAVE - LOW_OCTAVE) / (NUM_RADIAL - 1)
        return torch.exp(-0.5 * ((octave[..., None] - self.radial) / spacing) ** 2)

    def valid(self, key: Tensor) -> Tensor:
        """[n, rows] 1 where the row's first harmonic is below the highest frequency."""
        return (self.first + self.key_octave(key) <= self.highest_octave).to(key.dtype)

    def scaled_octave(self, key: Tensor) -> Tensor:
        """[n, rows] about -1..1, the discriminator's extra map."""
        return (self.octave + self.key_octave(key) - 10) / 4


def grow(x: Tensor) -> Tensor:
    """Twice the rows (repeated) and twice the columns (linear in between)."""
    x = F.interpolate(x, scale_factor=(1.0, 2.0), mode="bilinear", align_corners=False)
    return F.interpolate(x, scale_factor=(2.0, 1.0), mode="nearest")


class StyledLevel(nn.Module):
    """Grow, 3x3 convolution, noise, layer norm over channels, scale and shift from style and row frequency."""

    def __init__(self, channels_in: int, channels_out: int, style_length: int, rows: int, columns: int, noisy: bool):
        super().__init__()
        self.rows = rows
        self.convolution = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        self.style = nn.Linear(style_length, 2 * channels_out)
        self.row_bias = nn.Linear(NUM_RADIAL, channels_out, bias=False)
        self.noise_scale = nn.Parameter(torch.zeros(channels_out)) if noisy else None
        if noisy:  # what stands in for the noise in a model file: always the same, so that a note can be made again
            self.register_buffer("fixed_noise", torch.randn(1, 1, rows, columns, generator=torch.Generator().manual_seed(rows)))

    def forward(self, x: Tensor, style: Tensor, rows: RowFrequencies, key: Tensor, fresh_noise: bool) -> Tensor:
        x = self.convolution(x)
        if self.noise_scale is not None:
            noise = torch.randn(x.shape[0], 1, *x.shape[2:], device=x.device) if fresh_noise else self.fixed_noise
            x = x + noise.to(x.dtype) * self.noise_scale[:, None, None].to(x.dtype)
        x = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],))
        scale, shift = self.style(style).chunk(2, dim=1)
        shift = shift[:, None] + self.row_bias(rows.features(key, self.rows))
        x = torch.addcmul(shift[:, :, None].to(x.dtype), x, 1 + scale[:, None, None].to(x.dtype))
        return F.leaky_relu(x, 0.2).permute(0, 3, 1, 2)


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
        last = widths[-1]
        self.last = nn.Conv2d(widths[-2], last, 3, padding=1)
        self.last_noise_scale = nn.Parameter(torch.zeros(last))
        self.register_buffer("fixed_noise", torch.randn(1, 1, grid.num_rows, grid.num_columns, generator=torch.Generator().manual_seed(7)))
        self.row_style = nn.Linear(config.style_length, grid.num_rows * ROW_FEATURES)
        self.row_mix = nn.Sequential(
            nn.Conv1d(ROW_FEATURES + NUM_RADIAL, 2 * last, 3, padding=1), nn.LeakyReLU(0.2), nn.Conv1d(2 * last, last + 1, 3, padding=1)
        )
        self.head = nn.Conv2d(last, 2, (3, 5), padding=(1, 2))
        self.noise_level = StyledLevel(
            widths[2], config.noise_channels, config.style_length, BASE_ROWS << 2, BASE_COLUMNS << 2, noisy=False
        )
        self.noise_bands = nn.Linear(config.style_length, grid.num_bands // 2)
        self.noise_head = nn.Conv2d(config.noise_channels, 1, 3, padding=1)
        self.noise_grain = nn.Linear(config.style_length, grid.num_bands // 4)
        self.register_buffer("fixed_grain", torch.randn(1, grid.num_bands, grid.num_columns, generator=torch.Generator().manual_seed(8)))
        self.rows = RowFrequencies(grid)

    def style(self, latent: Tensor, key: Tensor, velocity: Tensor, attributes: Tensor) -> Tensor:
        """[n, style_length]; latent on a sphere so that its length cannot be used."""
        latent = latent * torch.rsqrt(latent.square().mean(dim=1, keepdim=True) + 1e-8)
        return self.mapping(torch.cat([latent, key_features(key), velocity[:, None] * 2 - 1, attributes], dim=1))

    def forward(self, latent: Tensor, key: Tensor, velocity: Tensor, attributes: Tensor, style_offset: Tensor, fresh_noise: bool = False):
        style = self.style(latent, key, velocity, attributes) + style_offset
        x = self.base.expand(latent.shape[0], -1, -1, -1)
        for i, level in enumerate(self.levels):
            x = level(x if i == 0 else grow(x), style, self.rows, key, fresh_noise)
            if i == 2:
                noise_trunk = x
        level, deviation = self._partials(grow(x), style, key, fresh_noise)
        return level, deviation, self._noise(noise_trunk, style, key, fresh_noise)

    def _partials(self, x: Tensor, style: Tensor, key: Tensor, fresh_noise: bool) -> tuple[Tensor, Tensor]:
        rows = self.row_style(style).reshape(style.shape[0], ROW_FEATURES, -1)
        rows = self.row_mix(torch.cat([rows, self.rows.features(key, rows.shape[2]).transpose(1, 2)], dim=1))
        x = self.last(x) + rows[:, :-1, :, None]
        noise = torch.randn(x.shape[0], 1, *x.shape[2:], device=x.device) if fresh_noise else self.fixed_noise
        x = F.leaky_relu(x + noise.to(x.dtype) * self.last_noise_scale[:, None, None].to(x.dtype), 0.2)
        maps = self.head(x).float()
        level = torch.tanh(maps[:, 0] + rows[:, -1, :, None].float())
        valid = self.rows.valid(key)[:, :, None]
        level = level * valid - (1 - valid)
        gate = ((level - GATE_LOW) / (GATE_HIGH - GATE_LOW)).clamp(0, 1)
        return level, 2 * torch.tanh(maps[:, 1] / 2) * gate

    def _noise(self, trunk: Tensor, style: Tensor, key: Tensor, fresh_noise: bool) -> Tensor:
        x = grow(self.noise_level(trunk, style, self.rows, key, fresh_noise))
        x = self.noise_head(x) + self.noise_bands(style)[:, None, :, None]
        x = F.interpolate(x.float(), scale_factor=2.0, mode="bilinear", align_corners=False)[:, 0]
        scale = F.softplus(self.noise_grain(style).float() - 4)[:, None]
        scale = F.interpolate(scale, scale_factor=4.0, mode="linear", align_corners=False)[:, 0, :, None]
        grain = torch.randn(x.shape, device=x.device) if fresh_noise else self.fixed_grain
        return torch.tanh(x + scale * grain)


class Discriminator(nn.Module):
    """Maps and their condition -> realness [n], attributes [n, a]."""

    def __init__(self, config: NetworkConfig, grid: Grid):
        super().__init__()
        widths = config.discriminator_channels
        num_maps = 7
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
        maps = [level, deviation, noise, octave, _difference(level, 2), _difference(level, 1), _difference(noise, 2)]
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
