"""Where the shapes of a network that learns our own families begin: near the lines, pieces and discs that those draw.

A ridge at the wrong height or a facet in the wrong place teaches nothing: what the comparison then rewards is fog, and from
fog no slope leads to a ridge (measured: 400 steps of mountains alone left the ridges unused). So the first weights of
shapes.py are set from what families.py does, and then fitted to it by themselves, which takes minutes, for no convolution
runs. All of them are learnt on with the network.
"""

import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import trange

from . import fields
from .dataset import Batch, FamilySource
from .geometry import CELLS_PER_UNIT, FEATURES_PER_UNIT, NOISE_CHANNELS
from .network import DISC_WIDTH, NUM_COLOURS, NUM_DISCS, NUM_LINES, PIECE_WIDTH, Trunk
from .shapes import DISC_SIGNS

KNOB_SLOPE = 0.28
"""What a latent's normal number moves of a knob's span, about its middle."""
MOUNTAINS, SKYLINE, LAND = 6, 6, 7
"""Lines: the first six are ridges (aurora: the first two are curtains), then the sea's horizon and the aurora's land."""
WITH_SHAPES = ("bokeh", "mountains", "aurora", "facets", "sea")
FIT_BATCH, FIT_RATE, FIT_STREAM = 12, 1.2e-3, 2**21
READING_PENALTY = 3e-2
"""On the reading that is solved for: without it a dozen pictures are learnt by heart."""


def begin_at_families(trunk: Trunk, source: FamilySource, fit_steps: int) -> None:
    """Sets the first weights of the trunk's shapes for the families of `source`, and fits them."""
    with torch.no_grad():
        _discs(trunk)
        _ridges(trunk, source.styles)
        if "facets" in source.styles:
            _facets(trunk)
    _fit(trunk, source, fit_steps)


def _discs(trunk: Trunk) -> None:
    """A disc's first maps are where it is and its own noise there, on maps of its own."""
    tones, each = trunk.discs.tones, DISC_WIDTH // NUM_DISCS
    for disc in range(NUM_DISCS):
        first = disc * DISC_WIDTH + disc * each
        tones.weight[disc * DISC_WIDTH : (disc + 1) * DISC_WIDTH] *= 0.1
        tones.weight[first] = 0
        tones.bias[first] = 1
        tones.weight[first + 1, (DISC_SIGNS * (disc + 1)) % NOISE_CHANNELS] = 1


def _ridges(trunk: Trunk, styles: list[str]) -> None:
    ridges, first_style = trunk.ridges, trunk.style_length + trunk.latent_length
    for layer in (ridges.height, ridges.coarse, ridges.medium, ridges.softness):
        layer.weight.mul_(0.1)
    for layer in (ridges.height, ridges.coarse, ridges.medium):
        layer.bias.zero_()
    latent = ridges.height.weight[:, trunk.style_length : first_style]
    height = ridges.height.weight[:, first_style:]
    coarse = ridges.coarse.weight[:, first_style:].view(NUM_LINES, 2, NOISE_CHANNELS, len(styles))  # [line, coarse or large, channel, style]
    medium = ridges.medium.weight[:, first_style:].view(NUM_LINES, -1, len(styles))
    for index, name in enumerate(styles):
        if name == "mountains":
            for line in range(MOUNTAINS):
                near = (line + 0.5) / MOUNTAINS
                share = near**1.25
                height[line, index] = -0.10 * (1 - share) + 1.12 * share
                latent[line, 2] = 0.7 * KNOB_SLOPE * (1 - share)
                coarse[line, 1, line + 6, index] = 0.92 * (0.30 + 0.35 * near)
                coarse[line, 0, line, index] = 0.92 * (0.26 + 0.14 * near)
                medium[line, line % 4, index] = 0.85 * (0.055 + 0.06 * near)
        elif name == "aurora":
            for line in (0, 1):
                height[line, index] = 0.10 - 0.35 * line
                coarse[line, 1, 2 * line, index], coarse[line, 0, 2 * line + 1, index] = -0.7, -0.12
            height[LAND, index], latent[LAND, 7] = 0.83, 0.23 * KNOB_SLOPE
            coarse[LAND, 0, 12, index], medium[LAND, 1, index] = 0.35, 0.07
        elif name == "sea":
            height[SKYLINE, index], latent[SKYLINE, 2] = 0.25, 0.6 * KNOB_SLOPE


def _facets(trunk: Trunk) -> None:
    """Two triangles between the centres of a unit and of those to the right and below, lit as the family lights them."""
    facets, lift, near = trunk.facets, ((NOISE_CHANNELS + 2, 1.0), (3, 0.55)), 1
    corners = (((0, 0), (0, 1), (1, 1)), ((0, 0), (1, 1), (1, 0)))  # (down, right)
    middles = ((2 / 3, 1 / 3), (1 / 3, 2 / 3))
    signs, gather, tones = facets.signs.weight, facets.gather.weight, facets.tones.weight
    signs.mul_(0.1)
    for piece, triangle in enumerate(corners):
        for axis, middle in enumerate(middles[piece]):
            for down, right in triangle:
                signs[3 * piece + axis, axis, near + down, near + right] = 0.4 * 0.75 / 3 / (1 - middle**2)
        # The slope along x is the difference of the two corners of one height, that along v of the two of one side.
        along_x = ((0, 1), (0, 0)) if piece == 0 else ((1, 1), (1, 0))
        along_v = ((1, 1), (0, 1)) if piece == 0 else ((1, 0), (0, 0))
        first = piece * PIECE_WIDTH
        gather[first : first + 2] = 0
        for (plus, minus), amount in ((along_x, 0.36), (along_v, -0.27)):
            for (down, right), sign in ((plus, 1), (minus, -1)):
                for channel, share in lift:
                    for side, turn in ((0, 1), (1, -1)):
                        gather[first + side, channel, near + down, near + right] += turn * sign * amount * share
        tones[first : first + 2] = 0
        for side, turn in ((0, 1), (1, -1)):  # leaky ReLU of a number and of its opposite: 1.2 times the number
            tones[first, first + side] = turn / 1.2
            tones[first + 1, first + side] = turn / 1.2


def _fit(trunk: Trunk, source: FamilySource, steps: int) -> None:
    """Each step solves for the best linear reading of one family's batch, and moves the shapes so that it would be better
    (variable projection, Golub and Pereyra 1973)."""
    styles = [source.styles.index(name) for name in WITH_SHAPES if name in source.styles]
    if not styles or steps == 0:
        return
    parameters = trunk.shape_parameters()
    optimizer = torch.optim.Adam(parameters, lr=FIT_RATE, betas=(0.9, 0.99))
    for step in trange(steps, desc="shapes", unit="step", mininterval=5):
        batch = source.paint(torch.full((FIT_BATCH,), styles[step % len(styles)]), torch.Generator().manual_seed(FIT_STREAM + step))
        optimizer.param_groups[0]["lr"] = FIT_RATE * (1 - 0.8 * step / steps)
        maps, tones = _maps(trunk, batch), _tones(batch)
        loss = (_read(maps, _solved(maps.detach(), tones)) - tones).square().mean()
        optimizer.zero_grad()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters, allow_unused=True), strict=True):
            parameter.grad = gradient
        optimizer.step()


def _maps(trunk: Trunk, batch: Batch) -> Tensor:
    """[n, c, h, w] over the crop: the shapes, then what else a linear reading may use, smooth fields and powers of y."""
    point = batch.latent.new_zeros(len(batch.latent), trunk.style_length)
    large = fields.large(batch.noise)
    huge = fields.huge(batch.noise)
    units = torch.cat([batch.noise, large, huge, trunk.medium_to_units(batch.medium).detach()], dim=1)
    shapes = trunk.shapes(units, large, batch.noise, batch.medium, torch.cat([point, batch.latent, batch.style], dim=1), batch.y)
    smooth = F.interpolate(torch.cat([batch.noise, large, huge], dim=1), scale_factor=FEATURES_PER_UNIT, mode="bilinear", align_corners=False)
    y = batch.y[:, None, :, None].expand(-1, 1, -1, smooth.shape[3])
    maps = torch.cat([shapes, smooth, torch.ones_like(y), y, y.square(), y.pow(3), y.abs()], dim=1)
    side = batch.crop_y.shape[1] * FEATURES_PER_UNIT // CELLS_PER_UNIT
    return maps[:, :, batch.top : batch.top + side, batch.left : batch.left + side]


def _tones(batch: Batch) -> Tensor:
    """[n, h, w] which palette entry, in the mean, at every feature of the crop."""
    weights = F.avg_pool2d(batch.weights, CELLS_PER_UNIT // FEATURES_PER_UNIT)
    entries = torch.arange(NUM_COLOURS, dtype=weights.dtype, device=weights.device)
    return (weights * entries[:, None, None]).sum(dim=1) - (NUM_COLOURS - 1) / 2


def _solved(maps: Tensor, tones: Tensor) -> Tensor:
    """[c] the reading of least squares."""
    flat = maps.permute(0, 2, 3, 1).flatten(0, 2)
    penalty = READING_PENALTY * torch.eye(flat.shape[1], dtype=flat.dtype, device=flat.device)
    return torch.linalg.solve(flat.T @ flat / len(flat) + penalty, flat.T @ tones.flatten() / len(flat))


def _read(maps: Tensor, reading: Tensor) -> Tensor:
    return (maps * reading[:, None, None]).sum(dim=1)
