"""Trunk, head and discriminator. Layers only: no files, no training loop, no colours beyond the mixing of a palette.

The trunk turns a grid of noise into features, eight places to a unit; it is told y of every row, never x, so that width
is free. Beside the noise it is given what it would need many layers to make itself: smooth fields of it, read at pushed
places (push.py), waves along them (layers.py), and what has an outline: discs, facets, ridges. The head turns a tile of
features into *cells*, four to a feature: five palette-mixing logits and a lightness residual.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from . import fields
from .config import NetworkConfig
from .discs import Discs
from .facets import Facets
from .geometry import DETAIL_CHANNELS, FEATURES_PER_UNIT, HALO_FEATURES, MEDIUM_CHANNELS, MEDIUM_PER_UNIT, NOISE_CHANNELS, SHORT_UNITS
from .layers import GAIN, Feed, Reading, RowPath, StyledConvolution, Waves, grow
from .push import Places, Push, Threads
from .ridges import MAPS_OF_LINE, Ridges
from .wishes import NUM_KNOBS, wish, wish_length

NUM_COLOURS = 5
FEED_WIDTH, NUM_WAVES = 16, 12
"""What the short ways from the noise add to a level: mixed fields, and at the finest waves (each a sine and a cosine)."""
NUM_DISCS, DISC_WIDTH, PIECE_WIDTH, NUM_LINES, NUM_TONES, NUM_THREADS = 3, 12, 8, 8, 6, 4
"""What has an outline: the discs of each unit and the maps that they and the facets draw on, ridges and the maps of the lands
below them. And threads."""
OUTLINE_WIDTH = DISC_WIDTH + PIECE_WIDTH + MAPS_OF_LINE * NUM_LINES + NUM_TONES
SHAPE_WIDTH = OUTLINE_WIDTH + NUM_THREADS + MEDIUM_CHANNELS
FINE_WIDTH, FINE = 8, 2
"""Maps on which what has an outline goes to the head as sharp as it was drawn: FINE places along a feature."""
RESIDUAL_BOUND = 0.12
"""Largest lightness (OKLab L) that the network adds to a mix of the palette."""
SHORTCUT = math.sqrt(0.5)
PALETTE_CENTRE = (0.55, 0.0, 0.0)
PALETTE_SCALE = (0.25, 0.08, 0.08)
"""What the palette is normalised with before the networks see it: L about 0.55 ± 0.25, a and b about ± 0.08."""


def normalize_palette(palette: Tensor) -> Tensor:
    """[n, 5, 3] OKLab -> [n, 15]."""
    centre, scale = palette.new_tensor(PALETTE_CENTRE), palette.new_tensor(PALETTE_SCALE)
    return ((palette - centre) / scale).flatten(1)


class Trunk(nn.Module):
    """latent, style weights, palette, style offset, noise, medium noise, y -> features, modulation of the head.

    The style offset is a step of the style point, then of the latent's knobs. Features are the last level's channels, then for
    each of the FINE_WIDTH maps its FINE x FINE places inside the feature.
    """

    def __init__(self, config: NetworkConfig, num_styles: int):
        super().__init__()
        self.latent_length, self.num_styles = config.latent_length, num_styles
        self.point_length = length = config.style_length
        self.offset_length = length + NUM_KNOBS
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
        last = len(widths) - 1
        self.waves = Waves(first_in, 2 * NOISE_CHANNELS, NUM_WAVES, length)  # along the huge fields
        wishes = wish_length(length, num_styles)
        self.push = Push(wishes, 2**last)
        self.discs = Discs(first_in, NUM_DISCS, DISC_WIDTH, wishes, FINE * 2**last)
        self.facets = Facets(first_in, PIECE_WIDTH, wishes, FINE * 2**last)
        self.ridges = Ridges(NUM_LINES, NUM_TONES, wishes, FINE * 2**last)
        self.threads = Threads(NUM_THREADS, wishes)
        self.reading = Reading(num_styles, SHAPE_WIDTH, widths[-1], rate=10.0)
        self.fine_reading = Reading(num_styles, OUTLINE_WIDTH, FINE_WIDTH, rate=1.0)
        self.fine_scale = nn.Linear(length, FINE_WIDTH)
        nn.init.zeros_(self.fine_scale.weight)
        for level, (width, depth) in enumerate(zip(widths, config.depths, strict=True)):
            channels_in = first_in if level == 0 else widths[level - 1]
            extra = 3 * MEDIUM_CHANNELS if 2**level == MEDIUM_PER_UNIT else 0
            if level > 0:
                self.feeds.append(Feed(first_in, FEED_WIDTH, length, level))
                extra += FEED_WIDTH
            if level == last:
                extra += 2 * NUM_WAVES
            sizes = [channels_in + extra] + [width] * depth
            self.levels.append(nn.ModuleList(StyledConvolution(a, b, length) for a, b in zip(sizes, sizes[1:])))
        self.num_features = widths[-1] + FINE_WIDTH * FINE**2
        self.modulation = nn.Linear(length, config.head_channels)

    def outlines(self, units: Tensor, large: Tensor, noise: Tensor, medium: Tensor, wishes: Tensor, y: Tensor) -> Tensor:
        """Discs, facets and ridges, FINE places to a feature: [n, OUTLINE_WIDTH, 16 h, 16 w]."""
        ridges = self.ridges(noise, large, medium, wishes, y)
        return torch.cat([self.discs(units, wishes).float(), self.facets(units, wishes).float(), ridges], dim=1)

    def shapes(self, outlines: Tensor, noise: Tensor, medium: Tensor, places: Places, wishes: Tensor) -> Tensor:
        """Outlines and threads at the finest level, [n, SHAPE_WIDTH, 8 h, 8 w]."""
        return torch.cat([F.avg_pool2d(outlines, FINE), self.threads(noise, medium, places, wishes)], dim=1)

    def shape_parameters(self) -> list[nn.Parameter]:
        """Of the layers that say where a shape lies."""
        return [parameter for layer in (self.discs, self.facets, self.ridges, self.threads, self.push) for parameter in layer.parameters()]

    def style_point(self, latent: Tensor, style: Tensor, palette: Tensor) -> Tensor:
        """[n, point_length]: where a picture lies before the style offset."""
        return self.mapping(self.latents(latent) + self.families(style) + self.colours(normalize_palette(palette)))

    def forward(self, latent: Tensor, style: Tensor, palette: Tensor, style_offset: Tensor, noise: Tensor, medium: Tensor, y: Tensor):
        step, turn = style_offset.split([self.point_length, NUM_KNOBS], dim=1)
        latent = torch.cat([latent[:, :NUM_KNOBS] + turn, latent[:, NUM_KNOBS:]], dim=1)
        point = self.style_point(latent, style, palette) + step
        large = fields.large(noise)
        x = units = torch.cat([noise, large, fields.huge(noise), self.medium_to_units(medium)], dim=1)
        last = len(self.levels) - 1
        wishes = wish(point, latent, style)
        places = self.push(noise, large, wishes)
        outlines = self.outlines(units, large, noise, medium, wishes, y)
        slope = (y[:, 1:2] - y[:, 0:1]) * (SHORT_UNITS * FEATURES_PER_UNIT / 2)
        for level, convolutions in enumerate(self.levels):
            if level > 0:
                x = torch.cat([grow(x), self.feeds[level - 1](units, point, places if level == last else None)], dim=1)
            if 2**level == MEDIUM_PER_UNIT:
                x = torch.cat([x, medium, fields.vertical(medium), fields.horizontal(medium)], dim=1)
            shrink = 2 ** (last - level)
            level_y = F.avg_pool1d(y[:, None], shrink)[:, 0] if shrink > 1 else y
            rows = self.row_path(level_y, slope, point)
            if level == last:
                x = torch.cat([x, self.waves(units, point, y, places).to(x.dtype)], dim=1)
            x = convolutions[0](x, point, rows)
            if level == last:
                x = x + self.reading(self.shapes(outlines, noise, medium, places, wishes).to(x.dtype), style)
            for convolution in convolutions[1:]:
                x = (x + convolution(x, point, rows)) * SHORTCUT
        fine = self.fine_reading(outlines.to(x.dtype), style) * (1 + self.fine_scale(point))[:, :, None, None].to(x.dtype)
        return torch.cat([x, F.pixel_unshuffle(fine, FINE)], dim=1), self.modulation(point)


class Head(nn.Module):
    """A tile of features with a halo of two, detail noise with a halo of three -> the tile's cells, without padding inside."""

    def __init__(self, config: NetworkConfig):
        super().__init__()
        width = config.head_channels
        self.smooth_channels = config.channels[-1]
        self.first = nn.Conv2d(self.smooth_channels + FINE_WIDTH, width, 3)
        self.detail = nn.Conv2d(DETAIL_CHANNELS, width, 1, bias=False)
        self.last = nn.Conv2d(width, NUM_COLOURS + 1, 3)

    def forward(self, features: Tensor, modulation: Tensor, detail: Tensor) -> Tensor:
        """features [n, c, h + 4, w + 4], detail [n, 2, 2h + 6, 2w + 6] -> [n, 6, 4h, 4w]."""
        smooth, fine = features[:, : self.smooth_channels], features[:, self.smooth_channels :]
        x = self.first(torch.cat([grow(smooth), F.pixel_shuffle(fine, FINE)], dim=1))
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
        self.first = nn.Conv2d(4 * 4, widths[0], 3, padding=1, padding_mode="replicate")
        self.down = nn.ModuleList(nn.Conv2d(a, b, 4, stride=2, padding=1, padding_mode="replicate") for a, b in zip(widths, widths[1:]))
        self.join = nn.Conv2d(widths[-1] + 1, widths[-1], 3, padding=1)
        self.flat = nn.Linear(16 * widths[-1], 128)
        self.realness = nn.Linear(128, 1)
        self.project = nn.Linear(num_styles + 3 * NUM_COLOURS, 128)
        for layer in (self.first, *self.down, self.join, self.flat):
            nn.init.kaiming_normal_(layer.weight, a=0.2)  # PyTorch's own default makes it nearly blind at first

    def forward(self, picture: Tensor, y: Tensor, style: Tensor, palette: Tensor) -> Tensor:
        """picture [n, 3, h, w] OKLab, y [n, h]."""
        centre, scale = picture.new_tensor(PALETTE_CENTRE)[:, None, None], picture.new_tensor(PALETTE_SCALE)[:, None, None]
        rows = y[:, None, :, None].expand(-1, -1, -1, picture.shape[3]).to(picture.dtype)
        x = F.pixel_unshuffle(torch.cat([(picture - centre) / scale, rows], dim=1), 2)  # every pixel, at half the cost
        x = F.leaky_relu(self.first(x), 0.2)
        for layer in self.down:
            x = F.leaky_relu(layer(x), 0.2)
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
