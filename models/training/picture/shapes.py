"""What has an outline: discs, facets and ridges, each a smooth function of the place; and how a family reads them. Layers only.

Growing a map again and again knows no place between two units, and a comparison pixel by pixel answers every edge that
the network cannot foresee with a blur. These layers are told where they draw: each shape lies where the noise puts it, and
what is learnt is which noise. They stay free of x (all units are alike) and have no seams: what a unit draws ends inside
the units around it. *Wish* is all that says what the picture shall be: style point, latent, style weights.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .geometry import MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS
from .layers import grow

REACH_UNITS = 1.5
"""From a unit's centre to the far edge of the eight units around it: there all that it draws has ended."""
NEIGHBOURS = 9
"""A unit and those around it."""
DISC_SIGNS, DISC_WISHES = 5, 4
"""What a disc reads of the noise (place along x and v, strength, radius, tone) and of the wish (log radius, log sharpness,
strength, rim)."""
DISC_SHIFT_UNITS, PIECE_SHIFT_UNITS = 0.5, 1.0
"""How far from its unit's centre a disc or a piece may lie."""
RADIUS_SPREAD, LONGEST_LOG_RADIUS = 0.3, 0.4
STRENGTH_SLOPE, RIM_SLOPE, TONE_SPREAD = 3.0, 8.0, 0.5
PIECE_HEAD_START = 0.3
"""Squared units by which a piece may win or lose against one as near."""
FIRST_PIECES = ((0.81, 0.35, 0.0), (0.35, 0.81, 0.0))
"""Before training (artanh of x and v, then the head start): the two triangles between a unit's centre and those to the
right and below."""
FIRST_MIX, SMALL_MIX = 0.5, 0.05
"""Weights before training, of the noise that is a disc's own and of all other."""
READING_RATE = 10.0
"""How much faster than other weights a reading learns."""


class Discs(nn.Module):
    """Round spots of any softness, a few to a unit, added up: each says where it lies, how large it is and what it adds."""

    def __init__(self, channels_in: int, num_discs: int, channels_out: int, wish_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit = num_discs, per_unit
        self.signs = nn.Conv2d(channels_in, num_discs * DISC_SIGNS, 1)
        self.tones = nn.Conv2d(channels_in, num_discs * channels_out, 1)
        self.styled = nn.Linear(wish_length, num_discs * DISC_WISHES)
        self.register_buffer("offsets", _offsets(num_discs, per_unit), persistent=False)
        nn.init.normal_(self.styled.weight, std=0.1 / math.sqrt(wish_length))
        with torch.no_grad():
            self.signs.weight.copy_(_own_channels(num_discs, channels_in))
            self.signs.bias.zero_()
            first = torch.zeros(num_discs, DISC_WISHES)
            first[:, 0], first[:, 1] = torch.linspace(math.log(0.8), math.log(0.4), num_discs), 2.0
            self.styled.bias.copy_(first.flatten())

    def forward(self, units: Tensor, wish: Tensor) -> Tensor:
        """units [n, c, h, w], wish [n, wish_length] -> [n, channels_out, per_unit h, per_unit w]."""
        right, down, strength, radius, tone = _by_unit(self.signs(units), self.count).float()[:, :, :, None].unbind(-1)
        wishes = self.styled(wish).float().reshape(-1, 1, 1, 1, 1, self.count, DISC_WISHES)
        log_radius, log_sharpness, wished_strength, rim = wishes.expand(-1, -1, -1, -1, NEIGHBOURS, -1, -1).flatten(4, 5).unbind(-1)
        away = self.offsets - DISC_SHIFT_UNITS * torch.tanh(torch.stack([right, down], dim=-1))
        reach = torch.exp((log_radius + RADIUS_SPREAD * torch.tanh(radius)).clamp(-3.0, LONGEST_LOG_RADIUS))
        inside = 1 - (away.square().sum(dim=-1) + 1e-6).sqrt() / reach  # 1 at the centre, 0 at the rim
        alpha = torch.sigmoid(torch.exp(log_sharpness.clamp(-1.0, 4.0)) * inside)
        alpha = alpha * torch.sigmoid(STRENGTH_SLOPE * (strength + wished_strength)) * _window(self.offsets)
        alpha = alpha * (1 + torch.tanh(rim) * torch.exp(-(RIM_SLOPE * inside).square()) + TONE_SPREAD * torch.tanh(tone))
        tones = _by_unit(self.tones(units), self.count)
        return _to_map(alpha.to(tones.dtype) @ tones, self.per_unit)


class Facets(nn.Module):
    """The plane cut into pieces with straight edges, a few to a unit; each place takes the tone of the nearest piece."""

    def __init__(self, channels_in: int, num_pieces: int, channels_out: int, wish_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit = num_pieces, per_unit
        self.gather = nn.Conv2d(channels_in, channels_out * num_pieces, 3, padding=1, padding_mode="replicate")
        self.signs = nn.Conv2d(channels_in, 3 * num_pieces, 3, padding=1, padding_mode="replicate")
        self.tones = nn.Conv2d(channels_out * num_pieces, channels_out * num_pieces, 1)
        self.sharpness = nn.Linear(wish_length, 1)
        self.register_buffer("offsets", _offsets(num_pieces, per_unit), persistent=False)
        with torch.no_grad():
            self.signs.weight.mul_(0.1)
            self.sharpness.weight.mul_(0.1)
            self.sharpness.bias.fill_(2.5)
            self.signs.bias.copy_(torch.tensor(FIRST_PIECES[:num_pieces]).flatten())

    def forward(self, units: Tensor, wish: Tensor) -> Tensor:
        """units [n, c, h, w], wish [n, wish_length] -> [n, channels_out, per_unit h, per_unit w]."""
        signs = torch.tanh(_by_unit(self.signs(units), self.count).float())[:, :, :, None]
        away = self.offsets - PIECE_SHIFT_UNITS * signs[..., 0:2]
        nearness = PIECE_HEAD_START * signs[..., 2] - away.square().sum(dim=-1)
        sharpness = torch.exp(self.sharpness(wish).float().clamp(0.0, 4.5))[:, None, None, :, None]
        share = torch.softmax(sharpness * nearness + (_window(self.offsets) + 1e-4).log(), dim=-1)
        tones = _by_unit(self.tones(F.leaky_relu(self.gather(units), 0.2)), self.count)
        return _to_map(share.to(tones.dtype) @ tones, self.per_unit)


class Ridges(nn.Module):
    """Lines from left to right: each lies at a height that the wish sets and is bent by the fields found at that height.
    Two maps to a line: which side of it a place is on, and how far below it."""

    def __init__(self, num_lines: int, wish_length: int, growths: int):
        super().__init__()
        self.count, self.growths = num_lines, growths
        self.height = nn.Linear(wish_length, num_lines)
        self.coarse = nn.Linear(wish_length, num_lines * 2 * NOISE_CHANNELS)
        self.medium = nn.Linear(wish_length, num_lines * MEDIUM_CHANNELS)
        self.softness = nn.Linear(wish_length, 2 * num_lines)
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

    def forward(self, noise: Tensor, large: Tensor, medium: Tensor, wish: Tensor, y: Tensor) -> Tensor:
        """noise, large [n, c, h, w], medium [n, m, 4 h, 4 w], y [n, 2^growths h] -> [n, 2 num_lines, 2^growths h, 2^growths w]."""
        per_unit = 2**self.growths
        units_per_y = 1 / ((y[:, 1:2] - y[:, 0:1]) * per_unit)
        height = self.height(wish).float()
        bend = self._line(torch.cat([noise, large], dim=1), self.coarse(wish), height, y, per_unit)
        bend = bend + self._line(medium, self.medium(wish), height, y, per_unit // MEDIUM_PER_UNIT)
        below = (y[:, None] - height[:, :, None]) * units_per_y[:, :, None]
        below = below[:, :, :, None] + bend[:, :, None, :]
        edge, depth = torch.exp(self.softness(wish).float().clamp(-4.0, 2.0))[:, :, None, None].chunk(2, dim=1)
        return torch.cat([torch.tanh(below / edge), torch.exp(-below.abs() / depth)], dim=1)

    def _line(self, fields: Tensor, mix: Tensor, height: Tensor, y: Tensor, shrink: int) -> Tensor:
        """[n, num_lines, w grown] the mixed fields at the lines' heights; beyond the grid its first or last row."""
        rows = F.avg_pool1d(y[:, None], shrink)
        spacing = rows[:, :, 1:2] - rows[:, :, 0:1]
        place = torch.minimum(torch.maximum(height[:, :, None], rows[:, :, :1]), rows[:, :, -1:])
        weight = F.relu(1 - (rows - place).abs() / spacing)  # [n, num_lines, rows]
        mixed = (mix.float().reshape(fields.shape[0], self.count, -1) @ fields.float().flatten(2)).reshape(fields.shape[0], self.count, *fields.shape[2:])
        line = (mixed * weight[:, :, :, None]).sum(dim=2, keepdim=True)
        for _ in range(round(math.log2(shrink))):
            line = grow(line)[:, :, :1]
        return line[:, :, 0]


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


def _own_channels(num_discs: int, channels_in: int) -> Tensor:
    """[num_discs * DISC_SIGNS, channels_in, 1, 1] weights with which every sign begins with a noise of its own."""
    number = torch.arange(num_discs * DISC_SIGNS)
    weight = SMALL_MIX / math.sqrt(channels_in) * torch.randn(len(number), channels_in)
    weight[number, (1 + number) % NOISE_CHANNELS] = FIRST_MIX
    return weight[:, :, None, None]


def _offsets(count: int, per_unit: int) -> Tensor:
    """[per_unit^2, 9 * count, 2] the places of a map inside a unit, row by row, seen from the centre of that unit and of those
    around it, each `count` times: (x, v) in units."""
    middle = (torch.arange(per_unit) + 0.5) / per_unit - 0.5
    place = torch.stack(torch.meshgrid(middle, middle, indexing="xy"), dim=-1).flatten(0, 1)
    step = torch.arange(-1.0, 2.0)
    centre = torch.stack(torch.meshgrid(step, step, indexing="xy"), dim=-1).flatten(0, 1).repeat_interleave(count, dim=0)
    return place[:, None] - centre[None]


def _window(offsets: Tensor) -> Tensor:
    """[per_unit^2, 9 * count] 1 near a unit's centre, 0 at REACH_UNITS."""
    return (1 - (offsets / REACH_UNITS).pow(6)).clamp(min=0.0).prod(dim=-1)


def _by_unit(units: Tensor, count: int) -> Tensor:
    """[n, count * m, h, w] -> [n, h, w, 9 * count, m]: for every unit what it and those around it say; beyond the grid its edge
    is repeated."""
    n, channels, h, w = units.shape
    padded = F.pad(units, (1, 1, 1, 1), mode="replicate")
    spans = (slice(0, -2), slice(1, -1), slice(2, None))
    around = torch.stack([padded[:, :, down, right] for down in spans for right in spans], dim=1)
    return around.reshape(n, NEIGHBOURS, count, channels // count, h, w).permute(0, 4, 5, 1, 2, 3).flatten(3, 4)


def _to_map(drawn: Tensor, per_unit: int) -> Tensor:
    """[n, h, w, per_unit^2, c] -> [n, c, per_unit h, per_unit w]."""
    n, h, w, _, c = drawn.shape
    return drawn.reshape(n, h, w, per_unit, per_unit, c).permute(0, 5, 1, 3, 2, 4).reshape(n, c, h * per_unit, w * per_unit)
