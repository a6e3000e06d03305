"""Places pushed about before fields are read there, as families warp their domains. Layers only.

A convolution bends a field a little with every layer. Silk, gas and soft gradients are fields read elsewhere, units away.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from .geometry import MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS
from .places import middles, mixed, read

THREAD_DECAY = 2.5
FIRST_MIX = 0.3


class Places(NamedTuple):
    """Where something is read: x and v in units from the grid's left and top edge, and how much lower v is than the place
    that asks; all [n, H, W]."""

    x: Tensor
    v: Tensor
    down: Tensor


class Push(nn.Module):
    """Where the fields of the finest level are read: every place, pushed by mixes of the noise that the wish sets."""

    def __init__(self, wish_length: int, per_unit: int):
        super().__init__()
        self.per_unit = per_unit
        self.mix = nn.Linear(wish_length, 2 * 2 * NOISE_CHANNELS)
        with torch.no_grad():
            self.mix.weight.zero_()
            self.mix.bias.zero_()

    def forward(self, noise: Tensor, large: Tensor, wish: Tensor) -> Places:
        """noise, large [n, c, h, w], wish [n, wish_length]."""
        n, _, rows, columns = noise.shape
        pushed = mixed(torch.cat([noise, large], dim=1), self.mix(wish))
        x = middles(self.per_unit * columns, self.per_unit, noise).expand(n, self.per_unit * rows, -1)
        v = middles(self.per_unit * rows, self.per_unit, noise)[:, None].expand_as(x)
        right, down = read(pushed, 1, x, v).unbind(dim=1)
        return Places(x + right, v + down, down)


class Threads(nn.Module):
    """The medium noise read at pushed places, which a mix of the coarse noise there pushes once more; and threads: thin lights
    along the lines where a mix of both is zero."""

    def __init__(self, num_threads: int, wish_length: int):
        super().__init__()
        self.push = nn.Linear(wish_length, 2 * NOISE_CHANNELS)
        self.coarse = nn.Linear(wish_length, num_threads * NOISE_CHANNELS)
        self.medium = nn.Linear(wish_length, num_threads * MEDIUM_CHANNELS)
        coarse, medium = torch.zeros(num_threads, NOISE_CHANNELS), torch.zeros(num_threads, MEDIUM_CHANNELS)
        thread = torch.arange(num_threads)
        coarse[thread, thread % NOISE_CHANNELS], medium[thread, thread % MEDIUM_CHANNELS] = FIRST_MIX, FIRST_MIX
        with torch.no_grad():
            for layer in (self.push, self.coarse, self.medium):
                layer.weight.mul_(0.1)
                layer.bias.zero_()
            self.coarse.bias.copy_(coarse.flatten())
            self.medium.bias.copy_(medium.flatten())

    def forward(self, noise: Tensor, medium: Tensor, places: Places, wish: Tensor) -> Tensor:
        """noise [n, c, h, w], medium [n, m, 4 h, 4 w] -> [n, num_threads + m, H, W]."""
        coarse = read(mixed(noise, torch.cat([self.push(wish), self.coarse(wish)], dim=1)), 1, places.x, places.v)
        bent = read(medium, MEDIUM_PER_UNIT, places.x + coarse[:, 0], places.v + coarse[:, 1])
        away = coarse[:, 2:] + mixed(bent, self.medium(wish))
        return torch.cat([torch.exp(-THREAD_DECAY * (away.square() + 1e-4).sqrt()), bent], dim=1)
