"""What all partials of a note do together over time: onset, swell, tremolo, vibrato. Layers only.

The counterpart of the branch that is constant in time: this one is constant over the rows. A convolution of three
columns cannot know where the beat of a vibrato is half a second on; two oscillators of learnt rate can.
"""

import math

import torch
from torch import Tensor, nn

from .grid import Grid
from .layers import Grain

RATES_HZ = [(0.3, 2.5), (3.5, 8.0)]
"""Slowest and fastest rate of each oscillator: the swell of an ensemble, and the vibrato or tremolo of a player."""
NUM_BUMPS, NUM_SHAPES = 16, 4
WIDTH, KERNEL = 32, 5


class Movement(nn.Module):
    """style [n, w] -> [n, channels, columns]."""

    def __init__(self, style_length: int, channels: int, grid: Grid):
        super().__init__()
        columns, oscillators = grid.num_columns, len(RATES_HZ)
        place = torch.arange(columns) / (columns - 1) * (NUM_BUMPS - 1)
        bumps = torch.exp(-0.5 * (place[None] - torch.arange(NUM_BUMPS)[:, None]) ** 2)
        self.register_buffer("bumps", bumps, persistent=False)
        self.register_buffer("times_s", torch.tensor(grid.column_times_s, dtype=torch.float32), persistent=False)
        self.register_buffer("low", torch.tensor([math.log(low) for low, _ in RATES_HZ]), persistent=False)
        self.register_buffer("span", torch.tensor([math.log(high / low) for low, high in RATES_HZ]), persistent=False)
        self.turn = nn.Parameter(torch.randn(2 * oscillators, style_length) / math.sqrt(style_length))
        self.depth = nn.Linear(style_length, (oscillators + NUM_SHAPES) * NUM_BUMPS)
        self.grain = Grain(1, columns, seed=9)
        self.mix = nn.Sequential(
            nn.Conv1d(2 * oscillators + NUM_SHAPES + 1, WIDTH, KERNEL, padding=KERNEL // 2), nn.LeakyReLU(0.2),
            nn.Conv1d(WIDTH, channels, KERNEL, padding=KERNEL // 2),
        )  # fmt: skip

    def forward(self, style: Tensor, latent: Tensor, fresh_noise: bool) -> Tensor:
        depth = self.depth(style).float().reshape(style.shape[0], -1, NUM_BUMPS) @ self.bumps
        oscillators = len(RATES_HZ)
        angle = self._angle(style.float())
        beats = torch.cat([torch.sin(angle) * depth[:, :oscillators], torch.cos(angle) * depth[:, :oscillators]], dim=1)
        noise = self.grain(latent, fresh_noise)[:, 0].to(beats.dtype)
        return self.mix(torch.cat([beats, depth[:, oscillators:], noise], dim=1))

    def _angle(self, style: Tensor) -> Tensor:
        """[n, oscillators, columns] in radians. Written without a matrix product: autocast would round 200 radians to bf16."""
        turn = (style[:, None] * self.turn).sum(dim=2)
        rate, phase = turn.chunk(2, dim=1)
        rate_hz = torch.exp(self.low + self.span * torch.sigmoid(2 * rate))
        return 2 * math.pi * (rate_hz[:, :, None] * self.times_s + phase[:, :, None])
