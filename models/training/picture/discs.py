"""Round spots of light. Layers only."""

import math

import torch
from torch import Tensor, nn

from .around import NEIGHBOURS, by_unit, centres_around, places_of_unit, to_map, window
from .geometry import NOISE_CHANNELS

DISC_SIGNS, DISC_WISHES = 5, 4
"""What a disc reads of the noise (place along x and v, strength, radius, tone) and of the wish (log radius, log sharpness,
strength, rim)."""
SHIFT_UNITS = 0.5
"""How far from its unit's centre a disc may lie."""
RADIUS_SPREAD, LONGEST_LOG_RADIUS = 0.3, 0.4
STRENGTH_SLOPE, RIM_SLOPE, TONE_SPREAD = 3.0, 8.0, 0.5
FIRST_MIX, SMALL_MIX = 0.5, 0.05
"""Weights before training, of the noise that is a disc's own and of all other."""


class Discs(nn.Module):
    """Round spots of any softness, a few to a unit, added up: each says where it lies, how large it is and what it adds."""

    def __init__(self, channels_in: int, num_discs: int, channels_out: int, wish_length: int, per_unit: int):
        super().__init__()
        self.count, self.per_unit = num_discs, per_unit
        self.signs = nn.Conv2d(channels_in, num_discs * DISC_SIGNS, 1)
        self.tones = nn.Conv2d(channels_in, num_discs * channels_out, 1)
        self.styled = nn.Linear(wish_length, num_discs * DISC_WISHES)
        places, centres = places_of_unit(per_unit), centres_around(num_discs)
        x, v, one = places
        for name, buffer in (("squares", torch.stack([x.square() + v.square(), x, v, one])), ("centres", centres), ("window", window(places, centres))):
            self.register_buffer(name, buffer, persistent=False)
        nn.init.normal_(self.styled.weight, std=0.1 / math.sqrt(wish_length))
        with torch.no_grad():
            self.signs.weight.copy_(_own_channels(num_discs, channels_in))
            self.signs.bias.zero_()
            first = torch.zeros(num_discs, DISC_WISHES)
            first[:, 0], first[:, 1] = torch.linspace(math.log(0.8), math.log(0.4), num_discs), 2.0
            self.styled.bias.copy_(first.flatten())

    def forward(self, units: Tensor, wish: Tensor) -> Tensor:
        """units [n, c, h, w], wish [n, wish_length] -> [n, channels_out, per_unit h, per_unit w]."""
        right, down, strength, radius, tone = by_unit(self.signs(units), self.count).float().unbind(-1)
        wishes = self.styled(wish).float().reshape(-1, 1, 1, 1, self.count, DISC_WISHES)
        log_radius, log_sharpness, wished_strength, rim = wishes.expand(-1, -1, -1, NEIGHBOURS, -1, -1).flatten(3, 4).unbind(-1)
        x, v = SHIFT_UNITS * torch.tanh(right), SHIFT_UNITS * torch.tanh(down)
        reach = torch.exp((log_radius + RADIUS_SPREAD * torch.tanh(radius)).clamp(-3.0, LONGEST_LOG_RADIUS))
        # |place - centre|^2 as a product of what the disc knows with what the place knows: half of the time was this distance.
        x, v = x + self.centres[:, 0], v + self.centres[:, 1]
        squared = torch.stack([torch.ones_like(x), -2 * x, -2 * v, x.square() + v.square()], dim=-1) @ self.squares
        inside = 1 - squared.clamp(min=1e-6).sqrt() / reach[..., None]  # 1 at the centre, 0 at the rim
        alpha = torch.sigmoid(torch.exp(log_sharpness.clamp(-1.0, 4.0))[..., None] * inside) * self.window
        body = torch.sigmoid(STRENGTH_SLOPE * (strength + wished_strength))
        rims = (body * torch.tanh(rim))[..., None] * torch.exp(-(RIM_SLOPE * inside).square())
        drawn = alpha * ((body * (1 + TONE_SPREAD * torch.tanh(tone)))[..., None] + rims)
        tones = by_unit(self.tones(units), self.count)
        return to_map(tones.transpose(-1, -2) @ drawn.to(tones.dtype), self.per_unit)


def _own_channels(num_discs: int, channels_in: int) -> Tensor:
    """[num_discs * DISC_SIGNS, channels_in, 1, 1] weights with which every sign begins with a noise of its own."""
    number = torch.arange(num_discs * DISC_SIGNS)
    weight = SMALL_MIX / math.sqrt(channels_in) * torch.randn(len(number), channels_in)
    weight[number, (1 + number) % NOISE_CHANNELS] = FIRST_MIX
    return weight[:, :, None, None]
