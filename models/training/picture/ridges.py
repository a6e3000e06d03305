"""Lines from left to right and the land below them, one before the other. Layers only."""

import math

import torch
from torch import Tensor, nn

from .geometry import FEATURES_PER_UNIT, MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS
from .places import middles, mixed, read

MAPS_OF_LINE = 2
COVER_SHARPNESS = 40.0
"""Per unit: land covers what lies behind it within a fifth of a feature of its line."""


class Ridges(nn.Module):
    """Each line lies at a height that the wish sets and is bent by the fields found at that height. Two maps to a line: which
    side of it a place is on, and how far from it. And `num_tones` maps of the lands below the lines, each in tones of its own
    that change with the depth, a later one before an earlier one."""

    def __init__(self, num_lines: int, num_tones: int, wish_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit = num_lines, per_unit
        self.height = nn.Linear(wish_length, num_lines)
        self.coarse = nn.Linear(wish_length, num_lines * 2 * NOISE_CHANNELS)
        self.medium = nn.Linear(wish_length, num_lines * MEDIUM_CHANNELS)
        self.softness = nn.Linear(wish_length, MAPS_OF_LINE * num_lines)
        self.presence = nn.Linear(wish_length, num_lines)
        self.tones = nn.Linear(wish_length, 2 * num_tones * num_lines)
        line = torch.arange(num_lines)
        coarse, medium = torch.zeros(num_lines, 2, NOISE_CHANNELS), torch.zeros(num_lines, MEDIUM_CHANNELS)
        coarse[line, 0, line % NOISE_CHANNELS] = 0.3
        coarse[line, 1, (line + 6) % NOISE_CHANNELS] = 0.4
        medium[line, line % MEDIUM_CHANNELS] = 0.08
        with torch.no_grad():
            for layer in (self.height, self.coarse, self.medium, self.softness, self.presence):
                layer.weight.mul_(0.2)
                layer.bias.zero_()
            self.height.bias.copy_(torch.linspace(-0.3, 0.9, num_lines))
            self.coarse.bias.copy_(coarse.flatten())
            self.medium.bias.copy_(medium.flatten())
            self.softness.bias.copy_(torch.cat([torch.full((num_lines,), math.log(0.7)), torch.zeros(num_lines)]))

    def forward(self, noise: Tensor, large: Tensor, medium: Tensor, wish: Tensor, y: Tensor) -> Tensor:
        """noise, large [n, c, h, w], medium [n, m, 4 h, 4 w], y [n, 8 h] -> [n, 2 num_lines + num_tones, per_unit h, per_unit w]."""
        y_per_unit = FEATURES_PER_UNIT * (y[:, 1:2] - y[:, 0:1])
        top_y = y[:, :1] - 0.5 * y_per_unit / FEATURES_PER_UNIT
        v = middles(self.per_unit * noise.shape[2], self.per_unit, noise)
        line_v = (self.height(wish).float() - top_y) / y_per_unit
        bend = self._line(torch.cat([noise, large], dim=1), 1, self.coarse(wish), line_v) + self._line(medium, MEDIUM_PER_UNIT, self.medium(wish), line_v)
        below = (v - line_v[:, :, None])[:, :, :, None] + bend[:, :, None, :]
        edge, depth = torch.exp(self.softness(wish).float().clamp(-4.0, 2.0))[:, :, None, None].chunk(2, dim=1)
        away = torch.exp(-below.abs() / depth)
        return torch.cat([torch.tanh(below / edge), away, self._lands(below, away, wish)], dim=1)

    def _lands(self, below: Tensor, away: Tensor, wish: Tensor) -> Tensor:
        """[n, num_tones, h, w]: each land in front covers those behind it."""
        cover = torch.sigmoid(COVER_SHARPNESS * below) * torch.sigmoid(self.presence(wish).float())[:, :, None, None]
        seen, clear = [], torch.ones_like(below[:, :1])
        for line in reversed(range(self.count)):
            seen.insert(0, clear * cover[:, line : line + 1])
            clear = clear * (1 - cover[:, line : line + 1])
        shown = torch.cat(seen, dim=1)
        return mixed(torch.cat([shown, shown * away], dim=1), self.tones(wish))

    def _line(self, fields: Tensor, per_unit: int, mix: Tensor, v: Tensor) -> Tensor:
        """[n, num_lines, w grown] the mixed fields at the lines' heights; beyond the grid its first or last row."""
        n, _, _, columns = fields.shape
        x = middles(columns * self.per_unit // per_unit, self.per_unit, fields).expand(n * self.count, 1, -1)
        lines = mixed(fields, mix).flatten(0, 1)[:, None]  # each a map of its own: a line reads at its own height
        return read(lines, per_unit, x, v.reshape(-1, 1, 1).expand_as(x)).reshape(n, self.count, -1)
