"""Trunk, head and discriminator. Layers only: no files, no training loop, no colours beyond the mixing of a palette.

The trunk turns a grid of noise into features, eight places to a unit; it is told y of every row, never x, so that width
is free. Beside the noise it is given smooth fields of it, which it would need many layers to make itself. The head turns a tile of features into *cells*, four to a feature: five palette-mixing logits and a lightness
residual. Modulated convolutions are written as scale, plain convolution, scale (Karras et al. 2020, arXiv 1912.04958,
section 2.2; own code): ONNX Runtime keeps its packed kernels, and nothing depends on a pixel's neighbours beyond the kernel.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import fields
from .config import NetworkConfig
from .geometry import DETAIL_CHANNELS, FEATURES_PER_UNIT, HALO_FEATURES, MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS, SHORT_UNITS

NUM_COLOURS = 5
NUM_RADIAL = 14
Y_REACH = 1.1
"""Radial functions of y stand from -Y_REACH to Y_REACH."""
ROW_WIDTH, FEED_WIDTH = 48, 16
RESIDUAL_BOUND = 0.12
"""Largest lightness (OKLab L) that the network adds to a mix of the palette."""
GAIN, SHORTCUT = math.sqrt(2.0), math.sqrt(0.5)
SCALE_SPREAD = 0.15
"""How far styles scale channels before training. With 1.0 every picture met another random network, and nothing was learnt of
the noise in a thousand steps."""
PALETTE_CENTRE = (0.55, 0.0, 0.0)
PALETTE_SCALE = (0.25, 0.08, 0.08)
"""What the palette is normalised with before the networks see it: L about 0.55 ± 0.25, a and b about ± 0.08."""


def grow(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def normalize_palette(palette: Tensor) -> Tensor:
    """[n, 5, 3] OKLab -> [n, 15]."""
    centre, scale = palette.new_tensor(PALETTE_CENTRE), palette.new_tensor(PALETTE_SCALE)
    return ((palette - centre) / scale).flatten(1)


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
    """Fields of one place per unit, mixed as the style wants and grown smoothly to a finer level: the short way from noise to
    picture. (Growing again and again cuts corners as Chaikin's curves do: the result has no creases.)"""

    def __init__(self, channels_in: int, channels_out: int, style_length: int, growths: int):
        super().__init__()
        self.growths = growths
        self.mix = nn.Conv2d(channels_in, channels_out, 1)
        self.scale = nn.Linear(style_length, channels_in)
        nn.init.normal_(self.scale.weight, std=SCALE_SPREAD / math.sqrt(style_length))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        x = self.mix(x * (1 + self.scale(style))[:, :, None, None])
        for _ in range(self.growths):
            x = grow(x)
        return x


class Trunk(nn.Module):
    """latent, style weights, palette, style offset, noise, medium noise, y -> features, modulation of the head."""

    def __init__(self, config: NetworkConfig, num_styles: int):
        super().__init__()
        self.latent_length, self.style_length, self.num_styles = config.latent_length, config.style_length, num_styles
        length = config.style_length
        self.families = nn.Linear(num_styles, length, bias=False)
        self.colours = nn.Linear(3 * NUM_COLOURS, length, bias=False)
        self.latents = nn.Linear(config.latent_length, length)
        self.mapping = nn.Sequential(nn.LeakyReLU(0.2), nn.Linear(length, length), nn.LeakyReLU(0.2), nn.Linear(length, length))
        for layer, gain in ((self.families, math.sqrt(num_styles)), (self.colours, 0.3), (self.latents, 1.0), (self.mapping[1], GAIN), (self.mapping[3], GAIN)):
            nn.init.normal_(layer.weight, std=gain / math.sqrt(layer.in_features))
        self.row_path = RowPath(length)
        widths = config.channels
        self.medium_to_units = nn.Conv2d(MEDIUM_CHANNELS, MEDIUM_CHANNELS * MEDIUM_PER_UNIT**2, MEDIUM_PER_UNIT, stride=MEDIUM_PER_UNIT)
        first_in = 3 * NOISE_CHANNELS + MEDIUM_CHANNELS * MEDIUM_PER_UNIT**2
        self.levels, self.feeds = nn.ModuleList(), nn.ModuleList()
        for level, (width, depth) in enumerate(zip(widths, config.depths, strict=True)):
            channels_in = first_in if level == 0 else widths[level - 1]
            extra = 3 * MEDIUM_CHANNELS if 2**level == MEDIUM_PER_UNIT else 0
            if level > 0:
                self.feeds.append(Feed(first_in, FEED_WIDTH, length, level))
                extra += FEED_WIDTH
            sizes = [channels_in + extra] + [width] * depth
            self.levels.append(nn.ModuleList(StyledConvolution(a, b, length) for a, b in zip(sizes, sizes[1:])))
        self.modulation = nn.Linear(length, config.head_channels)

    def style_point(self, latent: Tensor, style: Tensor, palette: Tensor) -> Tensor:
        """[n, style_length]: where a picture lies before the style offset."""
        return self.mapping(self.latents(latent) + self.families(style) + self.colours(normalize_palette(palette)))

    def forward(self, latent: Tensor, style: Tensor, palette: Tensor, style_offset: Tensor, noise: Tensor, medium: Tensor, y: Tensor):
        point = self.style_point(latent, style, palette) + style_offset
        x = units = torch.cat([noise, fields.large(noise), fields.huge(noise), self.medium_to_units(medium)], dim=1)
        last = len(self.levels) - 1
        slope = (y[:, 1:2] - y[:, 0:1]) * (SHORT_UNITS * FEATURES_PER_UNIT / 2)
        for level, convolutions in enumerate(self.levels):
            if level > 0:
                x = torch.cat([grow(x), self.feeds[level - 1](units, point)], dim=1)
            if 2**level == MEDIUM_PER_UNIT:
                x = torch.cat([x, medium, fields.vertical(medium), fields.horizontal(medium)], dim=1)
            shrink = 2 ** (last - level)
            level_y = F.avg_pool1d(y[:, None], shrink)[:, 0] if shrink > 1 else y
            rows = self.row_path(level_y, slope, point)
            x = convolutions[0](x, point, rows)
            for convolution in convolutions[1:]:
                x = (x + convolution(x, point, rows)) * SHORTCUT
        return x, self.modulation(point)


class Head(nn.Module):
    """A tile of features with a halo of two, detail noise with a halo of three -> the tile's cells, without padding inside."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        width = config.head_channels
        self.first = nn.Conv2d(config.channels[-1], width, 3)
        self.detail = nn.Conv2d(DETAIL_CHANNELS, width, 1, bias=False)
        self.last = nn.Conv2d(width, NUM_COLOURS + 1, 3)

    def forward(self, features: Tensor, modulation: Tensor, detail: Tensor) -> Tensor:
        """features [n, c, h + 4, w + 4], detail [n, 2, 2h + 6, 2w + 6] -> [n, 6, 4h, 4w]."""
        x = self.first(grow(features))
        x = x + self.detail(detail.to(x.dtype)) * modulation[:, :, None, None].to(x.dtype)
        x = self.last(grow(F.leaky_relu(x, 0.2)))[:, :, 5:-5, 5:-5].float()
        return torch.cat([x[:, :NUM_COLOURS], RESIDUAL_BOUND * torch.tanh(x[:, NUM_COLOURS:])], dim=1)


class Generator(nn.Module):
    """Trunk and head of one configuration."""

    def __init__(self, config: NetworkConfig, num_styles: int):
        super().__init__()
        self.trunk, self.head = Trunk(config, num_styles), Head(config)

    def forward(self, latent: Tensor, style: Tensor, palette: Tensor, style_offset: Tensor, noise: Tensor, medium: Tensor, detail: Tensor, y: Tensor):
        """Cells of the whole grid. detail comes with its halo."""
        features, modulation = self.trunk(latent, style, palette, style_offset, noise, medium, y)
        return self.head(pad_features(features), modulation, detail)


def pad_features(features: Tensor) -> Tensor:
    """The halo beyond the grid repeats its edge."""
    return F.pad(features, (HALO_FEATURES,) * 4, mode="replicate")


class Discriminator(nn.Module):
    """A picture in OKLab, y of its rows, style and palette -> realness [n]."""

    def __init__(self, config: NetworkConfig, num_styles: int):
        super().__init__()
        widths = config.discriminator_channels
        self.first = nn.Conv2d(4, widths[0], 3, padding=1, padding_mode="replicate")
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1, padding_mode="replicate") for a, b in zip(widths, widths[1:]))
        self.join = nn.Conv2d(widths[-1] + 1, widths[-1], 3, padding=1)
        self.flat = nn.Linear(16 * widths[-1], 128)
        self.realness = nn.Linear(128, 1)
        self.project = nn.Linear(num_styles + 3 * NUM_COLOURS, 128)

    def forward(self, picture: Tensor, y: Tensor, style: Tensor, palette: Tensor) -> Tensor:
        """picture [n, 3, h, w] OKLab, y [n, h]."""
        centre, scale = picture.new_tensor(PALETTE_CENTRE)[:, None, None], picture.new_tensor(PALETTE_SCALE)[:, None, None]
        rows = y[:, None, :, None].expand(-1, -1, -1, picture.shape[3]).to(picture.dtype)
        x = F.leaky_relu(self.first(torch.cat([(picture - centre) / scale, rows], dim=1)), 0.2)
        for layer in self.down:
            x = F.leaky_relu(layer(x), 0.2) * GAIN
        x = F.leaky_relu(self.join(torch.cat([x, _batch_deviation(x)], dim=1)), 0.2)
        x = F.leaky_relu(self.flat(F.adaptive_avg_pool2d(x, 4).flatten(1)), 0.2)
        condition = self.project(torch.cat([style, normalize_palette(palette)], dim=1))
        return (self.realness(x)[:, 0] + (condition * x).mean(dim=1)).float()


def _batch_deviation(x: Tensor) -> Tensor:
    """[n, 1, h, w]: mean standard deviation over groups of four samples (shows a collapsed batch).

    The constant under the root is not small: its second derivative enters the gradient penalty.
    """
    group = 4 if len(x) % 4 == 0 else 1
    grouped = x.float().reshape(group, -1, *x.shape[1:])
    deviation = (grouped.var(dim=0, unbiased=False) + 1e-4).sqrt().mean(dim=(1, 2, 3), keepdim=True)
    return deviation.repeat(group, 1, 1, 1).expand(-1, -1, *x.shape[2:]).to(x.dtype)
