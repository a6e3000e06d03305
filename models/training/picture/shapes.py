"""What has an outline: discs, facets and ridges, each a smooth function of the place. Layers only.

Growing a map again and again knows no place between two units, and a comparison pixel by pixel answers every edge that
the network cannot foresee with a blur. These layers are told where they are drawn: each lies where the noise puts it, and
what is learnt is which noise. All of them stay free of x (all units are alike) and have no seams: a shape ends before the
last unit that draws it.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .geometry import MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS
from .layers import grow

REACH_UNITS = 1.5
"""A unit draws what lies in it and in the eight units around it: nothing may be seen further than this from its unit's centre."""
DISC_SIGNS = 5
"""Numbers that a disc reads of the noise: place (2), strength, radius, tone."""
FIRST_MIX, SMALL_MIX = 0.5, 0.05
"""Weights before training, of the noise that is a shape's own and of all other."""


FIRST_PIECES = ((0.81, 0.35, 0.0), (0.35, 0.81, 0.0))
"""Where pieces lie before training (artanh of x and v, then the weight): the two triangles between a unit's centre and those
to the right and below."""
READING_RATE = 10.0
"""How much faster than other weights a reading learns."""


class Reading(nn.Module):
    """What each family makes of the shapes: a matrix of its own, by the style weights themselves.

    The maps of discs are noise to all families but one. As inputs of a convolution that all families share they were never
    used: nine of ten families teach it to look away (measured over 14,000 samples).
    """

    def __init__(self, num_styles: int, channels_in: int, channels_out: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(num_styles, channels_out * channels_in))
        self.channels_in, self.channels_out = channels_in, channels_out

    def forward(self, maps: Tensor, weights: Tensor) -> Tensor:
        """maps [n, channels_in, h, w], weights of the styles [n, s] -> [n, channels_out, h, w]."""
        matrix = (READING_RATE * weights @ self.weight).reshape(-1, self.channels_out, self.channels_in)
        return (matrix.to(maps.dtype) @ maps.flatten(2)).reshape(maps.shape[0], self.channels_out, *maps.shape[2:])


def _own_channels(count: int, signs: int, first: int, channels_in: int) -> Tensor:
    """[count * signs, channels_in, 1, 1] weights of a 1x1 convolution in which each number begins with a noise of its own."""
    weight = SMALL_MIX / math.sqrt(channels_in) * torch.randn(count * signs, channels_in)
    number = torch.arange(count * signs)
    weight[number, (first + number) % NOISE_CHANNELS] = FIRST_MIX
    return weight[:, :, None, None]


def _around(units: Tensor) -> Tensor:
    """[n, c, h, w] -> [n, 9, c, h, w]: every unit with those around it; beyond the grid its edge is repeated."""
    padded = F.pad(units, (1, 1, 1, 1), mode="replicate")
    spans = (slice(0, -2), slice(1, -1), slice(2, None))
    return torch.stack([padded[:, :, down, right] for down in spans for right in spans], dim=1)


def _by_unit(around: Tensor, count: int) -> Tensor:
    """[n, 9, count * m, h, w] -> [n, h, w, 1, 9 * count, m]."""
    n, _, channels, h, w = around.shape
    return around.reshape(n, 9, count, channels // count, h, w).permute(0, 4, 5, 1, 2, 3).flatten(3, 4)[:, :, :, None]


def _to_map(drawn: Tensor, per_unit: int) -> Tensor:
    """[n, h, w, per_unit^2, c] -> [n, c, per_unit h, per_unit w]."""
    n, h, w, _, c = drawn.shape
    return drawn.reshape(n, h, w, per_unit, per_unit, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h * per_unit, w * per_unit)


class Places(nn.Module):
    """The places of a map inside a unit, seen from the centres of that unit and of those around it."""

    def __init__(self, count: int, per_unit: int):
        super().__init__()
        middle = (torch.arange(per_unit) + 0.5) / per_unit - 0.5
        place = torch.stack(torch.meshgrid(middle, middle, indexing="xy"), dim=-1).flatten(0, 1)
        step = torch.arange(-1.0, 2.0)
        centre = torch.stack(torch.meshgrid(step, step, indexing="xy"), dim=-1).flatten(0, 1).repeat_interleave(count, dim=0)
        self.register_buffer("offsets", place[:, None] - centre[None], persistent=False)

    def forward(self) -> Tensor:
        """[per_unit^2, 9 * count, 2] (x, v) in units, row by row."""
        return self.offsets

    @property
    def window(self) -> Tensor:
        """[per_unit^2, 9 * count] 1 near a unit's centre, 0 at REACH_UNITS."""
        return (1 - (self.offsets / REACH_UNITS).pow(6)).clamp(min=0.0).prod(dim=-1)


class Discs(nn.Module):
    """Round spots of any softness, a few to a unit, added up: each says where it lies, how large it is and what it adds."""

    def __init__(self, channels_in: int, num_discs: int, channels_out: int, style_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit, self.channels_out = num_discs, per_unit, channels_out
        self.signs = nn.Conv2d(channels_in, num_discs * DISC_SIGNS, 1)
        self.tones = nn.Conv2d(channels_in, num_discs * channels_out, 1)
        self.styled = nn.Linear(style_length, num_discs * 4)
        self.places = Places(num_discs, per_unit)
        nn.init.normal_(self.styled.weight, std=0.1 / math.sqrt(style_length))
        with torch.no_grad():
            self.signs.weight.copy_(_own_channels(num_discs, DISC_SIGNS, 1, channels_in))
            self.signs.bias.zero_()
            radius = torch.linspace(math.log(0.8), math.log(0.4), num_discs)
            self.styled.bias.copy_(torch.stack([radius, torch.full_like(radius, 2.0), torch.zeros_like(radius), torch.zeros_like(radius)], dim=1).flatten())

    def forward(self, units: Tensor, style: Tensor) -> Tensor:
        """units [n, c, h, w] -> [n, channels_out, per_unit h, per_unit w]."""
        signs = _by_unit(_around(self.signs(units)), self.count).float()
        tones = _by_unit(_around(self.tones(units)), self.count)[:, :, :, 0]
        radius, sharpness, strength, rim = self.styled(style).float().reshape(-1, 1, 1, 1, 1, self.count, 4).unbind(-1)
        radius, sharpness, strength, rim = (t.expand(-1, -1, -1, -1, 9, -1).flatten(4, 5) for t in (radius, sharpness, strength, rim))
        away = self.places() - 0.5 * torch.tanh(signs[..., 0:2])
        reach = torch.exp((radius + 0.3 * torch.tanh(signs[..., 3])).clamp(-3.0, 0.4))
        inside = 1 - (away.square().sum(dim=-1) + 1e-6).sqrt() / reach  # 1 at the centre, 0 at the rim
        sharp = torch.exp(sharpness.clamp(-1.0, 4.0))
        alpha = torch.sigmoid(sharp * inside) * torch.sigmoid(3 * (signs[..., 2] + strength)) * self.places.window
        alpha = alpha * (1 + torch.tanh(rim) * torch.exp(-(8 * inside).square()) + 0.5 * torch.tanh(signs[..., 4]))
        return _to_map(alpha.to(tones.dtype) @ tones, self.per_unit)


class Facets(nn.Module):
    """The plane cut into pieces with straight edges, a few to a unit; each place takes the tone of the nearest piece."""

    def __init__(self, channels_in: int, num_pieces: int, channels_out: int, style_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit = num_pieces, per_unit
        self.gather = nn.Conv2d(channels_in, channels_out * num_pieces, 3, padding=1, padding_mode="replicate")
        self.signs = nn.Conv2d(channels_in, 3 * num_pieces, 3, padding=1, padding_mode="replicate")
        self.tones = nn.Conv2d(channels_out * num_pieces, channels_out * num_pieces, 1)
        self.sharpness = nn.Linear(style_length, 1)
        self.places = Places(num_pieces, per_unit)
        with torch.no_grad():
            self.signs.weight.mul_(0.1)
            self.sharpness.weight.mul_(0.1)
            self.sharpness.bias.fill_(2.5)
            self.signs.bias.copy_(torch.tensor(FIRST_PIECES[:num_pieces]).flatten())

    def forward(self, units: Tensor, style: Tensor) -> Tensor:
        """units [n, c, h, w] -> [n, channels_out, per_unit h, per_unit w]."""
        signs = _by_unit(_around(self.signs(units)), self.count).float()
        tones = self.tones(F.leaky_relu(self.gather(units), 0.2))
        tones = _by_unit(_around(tones), self.count)[:, :, :, 0]
        away = self.places() - torch.tanh(signs[..., 0:2])
        nearness = 0.3 * torch.tanh(signs[..., 2]) - away.square().sum(dim=-1)
        sharp = torch.exp(self.sharpness(style).float().clamp(0.0, 4.5))[:, None, None, :, None]
        share = torch.softmax(sharp * nearness + (self.places.window + 1e-4).log(), dim=-1)
        return _to_map(share.to(tones.dtype) @ tones, self.per_unit)


class Ridges(nn.Module):
    """Lines from left to right: each lies at a height that the style wants and is bent by the fields found at that height.
    Two maps to a line: which side of it a place is on, and how far below it."""

    def __init__(self, num_lines: int, style_length: int, growths: int):
        super().__init__()
        self.count, self.growths = num_lines, growths
        self.height = nn.Linear(style_length, num_lines)
        self.coarse = nn.Linear(style_length, num_lines * 2 * NOISE_CHANNELS)
        self.medium = nn.Linear(style_length, num_lines * MEDIUM_CHANNELS)
        self.softness = nn.Linear(style_length, 2 * num_lines)
        line = torch.arange(num_lines)
        coarse, medium = torch.zeros(num_lines, 2, NOISE_CHANNELS), torch.zeros(num_lines, MEDIUM_CHANNELS)
        coarse[line, 0, line % NOISE_CHANNELS] = 0.3
        coarse[line, 1, (line + 6) % NOISE_CHANNELS] = 0.4
        medium[line, line % MEDIUM_CHANNELS] = 0.08
        with torch.no_grad():
            for layer in (self.height, self.coarse, self.medium, self.softness):
                layer.weight.mul_(0.2)
            self.height.bias.copy_(torch.linspace(-0.3, 0.9, num_lines))
            self.coarse.bias.copy_(coarse.flatten())
            self.medium.bias.copy_(medium.flatten())
            self.softness.bias.copy_(torch.cat([torch.full((num_lines,), math.log(0.7)), torch.zeros(num_lines)]))

    def forward(self, noise: Tensor, large: Tensor, medium: Tensor, style: Tensor, y: Tensor) -> Tensor:
        """noise, large [n, c, h, w], medium [n, m, 4 h, 4 w], y [n, 2^growths h] -> [n, 2 num_lines, 2^growths h, 2^growths w]."""
        per_unit = 2**self.growths
        units_per_y = 1 / ((y[:, 1:2] - y[:, 0:1]) * per_unit)
        height = self.height(style).float()
        bend = self._line(torch.cat([noise, large], dim=1), self.coarse(style), height, y, per_unit)
        bend = bend + self._line(medium, self.medium(style), height, y, per_unit // MEDIUM_PER_UNIT)
        below = (y[:, None] - height[:, :, None]) * units_per_y[:, :, None]
        below = below[:, :, :, None] + bend[:, :, None, :]
        edge, depth = torch.exp(self.softness(style).float().clamp(-4.0, 2.0))[:, :, None, None].chunk(2, dim=1)
        return torch.cat([torch.tanh(below / edge), torch.exp(-below.abs() / depth)], dim=1)

    def _line(self, fields: Tensor, mix: Tensor, height: Tensor, y: Tensor, shrink: int) -> Tensor:
        """[n, num_lines, w grown] the mixed fields at the lines' heights; beyond the grid its first or last row."""
        rows = F.avg_pool1d(y[:, None], shrink)
        spacing = (rows[:, :, 1:2] - rows[:, :, 0:1])
        place = torch.minimum(torch.maximum(height[:, :, None], rows[:, :, :1]), rows[:, :, -1:])
        weight = F.relu(1 - (rows - place).abs() / spacing)  # [n, num_lines, rows]
        mixed = (mix.float().reshape(fields.shape[0], self.count, -1) @ fields.float().flatten(2)).reshape(fields.shape[0], self.count, *fields.shape[2:])
        line = (mixed * weight[:, :, :, None]).sum(dim=2, keepdim=True)
        for _ in range(round(math.log2(shrink))):
            line = grow(line)[:, :, :1]
        return line[:, :, 0]
