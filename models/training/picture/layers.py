"""What the trunk is built of: a bias per row, a styled convolution, two short ways from the noise to the picture, and how a family
reads what is drawn for it. Layers only.

Modulated convolutions are written as scale, plain convolution, scale (Karras et al. 2020, arXiv 1912.04958, section 2.2;
own code): ONNX Runtime keeps its packed kernels, and nothing depends on a pixel's neighbours beyond the kernel.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .geometry import SHORT_UNITS
from .places import read
from .push import Places

NUM_RADIAL = 14
Y_REACH = 1.1
"""Radial functions of y stand from -Y_REACH to Y_REACH."""
ROW_WIDTH = 48
GAIN = math.sqrt(2.0)
SCALE_SPREAD = 0.15
"""How far styles scale channels before training. With 1.0 every picture met another random network, and nothing was learnt of
the noise in a thousand steps."""
FIRST_RADIANS, FIRST_RADIANS_PER_UNIT = 2.0, 1.5
"""Before training a wave turns by so much for one standard deviation of its field and for each unit of height."""


def grow(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class RowPath(nn.Module):
    """y of each row and the style -> a bias per row: what lets horizons lie where the style wants them."""

    def __init__(self, style_length: int):
        super().__init__()
        self.register_buffer("centres", torch.linspace(-Y_REACH, Y_REACH, NUM_RADIAL), persistent=False)
        self.place, self.style = nn.Linear(NUM_RADIAL + 2, ROW_WIDTH), nn.Linear(style_length, ROW_WIDTH)
        self.join = nn.Linear(ROW_WIDTH, ROW_WIDTH)

    def forward(self, y: Tensor, slope: Tensor, style: Tensor) -> Tensor:
        """y [n, rows], slope [n, 1] (1 for a picture of eight units, less for a higher one) -> [n, rows, ROW_WIDTH]."""
        spacing = 2 * Y_REACH / (NUM_RADIAL - 1)
        radial = torch.exp(-0.5 * ((y[..., None] - self.centres) / spacing) ** 2)
        hidden = self.place(torch.cat([torch.stack([y, slope.expand_as(y)], dim=2), radial], dim=2)) + self.style(style)[:, None]
        return F.leaky_relu(self.join(F.leaky_relu(hidden, 0.2)), 0.2)


class StyledConvolution(nn.Module):
    """Scale by style, 3x3 convolution, scale back to unit variance, bias (also per row), leaky ReLU."""

    def __init__(self, channels_in: int, channels_out: int, style_length: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels_out, channels_in, 3, 3) / math.sqrt(9 * channels_in))
        self.bias = nn.Parameter(torch.zeros(channels_out))
        self.scale = nn.Linear(style_length, channels_in)
        self.row_bias = nn.Linear(ROW_WIDTH, channels_out, bias=False)
        nn.init.normal_(self.scale.weight, std=SCALE_SPREAD / math.sqrt(style_length))

    def forward(self, x: Tensor, style: Tensor, rows: Tensor) -> Tensor:
        scale = 1 + self.scale(style)
        power = scale.square() @ self.weight.square().sum(dim=(2, 3)).T
        back = torch.rsqrt(power + 1e-6)[:, :, None, None]
        shift = (self.row_bias(rows) + self.bias).transpose(1, 2)[..., None]
        x = x * scale[:, :, None, None].to(x.dtype)
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), self.weight.to(x.dtype))
        x = torch.addcmul(shift.to(x.dtype), x, back.to(x.dtype))
        return F.leaky_relu(x, 0.2) * GAIN


class Feed(nn.Module):
    """Fields of one place per unit, mixed as the style wants and grown smoothly to a finer level, or read at places of one: the
    short way from noise to picture. (Growing again and again cuts corners as Chaikin's curves do: the result has no creases.)"""

    def __init__(self, channels_in: int, channels_out: int, style_length: int, growths: int):
        super().__init__()
        self.growths = growths
        self.mix = nn.Conv2d(channels_in, channels_out, 1)
        self.scale = nn.Linear(style_length, channels_in)
        nn.init.normal_(self.scale.weight, std=SCALE_SPREAD / math.sqrt(style_length))

    def forward(self, x: Tensor, style: Tensor, places: Places | None = None) -> Tensor:
        x = self.mix(x * (1 + self.scale(style))[:, :, None, None])
        if places is not None:
            return read(x, 1, places.x, places.v).to(x.dtype)
        for _ in range(self.growths):
            x = grow(x)
        return x


class Waves(nn.Module):
    """Sine and cosine of phases that are mixes of the coarse fields and of the height: folds, streaks and ripples.

    A convolution bends a field a little with every layer; a fold of cloth bends it five times over. Phases reach tens of
    radians: they are summed without a matrix product, which autocast would round to bf16.
    """

    def __init__(self, channels_in: int, first_field: int, num_waves: int, style_length: int):
        super().__init__()
        # A sine of a random mix has no slope that leads anywhere: each wave begins along one field of its own.
        mix = torch.zeros(num_waves, channels_in)
        mix[torch.arange(num_waves), (first_field + torch.arange(num_waves)) % channels_in] = FIRST_RADIANS
        self.mix = nn.Parameter(mix)
        self.scale, self.rise = nn.Linear(style_length, channels_in), nn.Linear(style_length, 2 * num_waves)
        for layer in (self.scale, self.rise):
            nn.init.normal_(layer.weight, std=SCALE_SPREAD / math.sqrt(style_length))
        with torch.no_grad():
            self.rise.bias.copy_(torch.cat([torch.full((num_waves,), FIRST_RADIANS_PER_UNIT), torch.zeros(num_waves)]))

    def forward(self, units: Tensor, style: Tensor, y: Tensor, places: Places) -> Tensor:
        """units [n, c, h, w], y [n, H] -> [n, 2 num_waves, H, W]."""
        fields = units.float() * (1 + self.scale(style).float())[:, :, None, None]
        phase = read((self.mix[None, :, :, None, None] * fields[:, None]).sum(dim=2), 1, places.x, places.v)
        radians_per_unit, start = self.rise(style).float().chunk(2, dim=1)
        height = (y * (SHORT_UNITS / 2))[:, None, :, None] + places.down[:, None]
        phase = phase + radians_per_unit[:, :, None, None] * height + start[:, :, None, None]
        return torch.cat([torch.sin(phase), torch.cos(phase)], dim=1)


class Reading(nn.Module):
    """What each family makes of the shapes: a matrix of its own, by the style weights themselves.

    The maps of discs are noise to all families but one. As inputs of a convolution that all families share they were never
    used: nine of ten families teach it to look away (measured over 14,000 samples). `rate` is how much faster than other
    weights it learns.
    """

    def __init__(self, num_styles: int, channels_in: int, channels_out: int, rate: float):
        super().__init__()
        self.rate = rate
        self.weight = nn.Parameter(torch.zeros(num_styles, channels_out * channels_in))
        self.channels_in, self.channels_out = channels_in, channels_out

    def forward(self, maps: Tensor, weights: Tensor) -> Tensor:
        """maps [n, channels_in, h, w], weights of the styles [n, s] -> [n, channels_out, h, w]."""
        matrix = (self.rate * weights @ self.weight).reshape(-1, self.channels_out, self.channels_in)
        return (matrix.to(maps.dtype) @ maps.flatten(2)).reshape(maps.shape[0], self.channels_out, *maps.shape[2:])
