"""Where the shapes of a network that learns our own families begin: at the lines, pieces, discs and pushes of those.

A ridge at the wrong height or a facet in the wrong place teaches nothing: what the comparison then rewards is fog, and from
fog no slope leads to a ridge (measured: 400 steps of mountains alone left the ridges unused). So the first weights of
facets.py, ridges.py and push.py are set to what families.py does, to the letter; those of discs.py near it, and then fitted by
themselves, which takes a minute, for no convolution runs. All of them are learnt on with the network, at a hundredth of its rate.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import trange

from . import fields
from .dataset import Batch, FamilySource
from .discs import DISC_SIGNS
from .facets import NUM_LIFTS
from .geometry import CELLS_PER_UNIT, FEATURES_PER_UNIT, MEDIUM_CHANNELS, NOISE_CHANNELS
from .network import DISC_WIDTH, NUM_COLOURS, NUM_DISCS, NUM_LINES, NUM_TONES, OUTLINE_WIDTH, Trunk
from .places import read
from .wishes import NUM_KNOBS, wish

MOUNTAINS, SKYLINE, LAND = 6, 6, 7
"""Lines: the first six are ridges (aurora: the first two are curtains), then the sea's horizon and the aurora's land."""
LANDS = {"mountains": range(MOUNTAINS), "aurora": [LAND], "sea": [SKYLINE]}
"""Which lines have land below them that covers what lies behind."""
ABSENT_LOGIT = 4.0
"""Of the presence of a land: there, or with the other sign not."""
FIT_BATCH, FINE_BATCH, FIT_RATE, FIT_STREAM = 12, 48, 1.2e-3, 2**21
READING_PENALTY = 3e-2
"""On the reading that is solved for: without it a dozen pictures are learnt by heart."""


def begin_at_families(trunk: Trunk, source: FamilySource, fit_steps: int) -> None:
    """Sets the first weights of the trunk's shapes for the families of `source`; fits its discs and its fine readings unless
    `fit_steps` is 0."""
    with torch.no_grad():
        _discs(trunk)
        _ridges(trunk, source.styles)
        _pushes(trunk, source.styles)
        _waves(trunk)
        if "facets" in source.styles:
            _facets(trunk)
    if fit_steps > 0:
        _fit_discs(trunk, source, fit_steps)
        _fit_fine_readings(trunk, source)


class _Asked:
    """Sets what a linear layer makes of the wish, one number at a time, by family."""

    def __init__(self, layer: nn.Linear, trunk: Trunk, styles: list[str]):
        self.weight, self.first, self.styles = layer.weight, trunk.point_length, styles
        self.weight.zero_()  # also of the style point: random weights bent a horizon by 0.68 units

    def set(self, row: int, family: str, value: float, slopes: dict[int, float] | None = None) -> None:
        """Output `row` is `value` in `family`, and moves by slopes[k] between the middle and an end of knob k."""
        column = self.first + self.styles.index(family) * (1 + NUM_KNOBS)
        self.weight[row, column] = value
        for knob, slope in (slopes or {}).items():
            self.weight[row, column + 1 + knob] = slope

    def span(self, row: int, family: str, knob: int, low: float, high: float, times: float = 1.0) -> None:
        """Output `row` is `times` the family's knob, which goes from `low` to `high`."""
        self.set(row, family, times * (low + high) / 2, {knob: times * (high - low) / 2})


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
    ridges = trunk.ridges
    for layer in (ridges.height, ridges.coarse, ridges.medium):
        layer.bias.zero_()
    height, coarse, medium = (_Asked(layer, trunk, styles) for layer in (ridges.height, ridges.coarse, ridges.medium))
    presence, tones = _Asked(ridges.presence, trunk, styles), ridges.tones

    def of_noise(line: int, channel: int) -> int:
        return line * 2 * NOISE_CHANNELS + channel

    def of_large(line: int, channel: int) -> int:
        return of_noise(line, NOISE_CHANNELS + channel)

    def of_medium(line: int, channel: int) -> int:
        return line * MEDIUM_CHANNELS + channel

    if "mountains" in styles:
        for line in range(MOUNTAINS):
            near = (line + 0.5) / MOUNTAINS
            share = near**1.25
            height.set(line, "mountains", 1.12 * share - 0.10 * (1 - share), {2: 0.35 * (1 - share)})
            coarse.span(of_large(line, line + 6), "mountains", 5, 0.6, 1.25, 0.30 + 0.35 * near)
            coarse.span(of_noise(line, line), "mountains", 5, 0.6, 1.25, 0.26 + 0.14 * near)
            medium.span(of_medium(line, line % 4), "mountains", 0, 0.4, 1.3, 0.055 + 0.06 * near)
    if "aurora" in styles:
        for line in (0, 1):
            height.set(line, "aurora", 0.10 - 0.35 * line, {2: 0.25})
            coarse.span(of_large(line, 2 * line), "aurora", 5, 0.4, 1.0, -1.0)
            coarse.set(of_noise(line, 2 * line + 1), "aurora", -0.12)
        height.span(LAND, "aurora", 7, 0.72, 0.95)
        coarse.set(of_noise(LAND, 12), "aurora", 0.35)
        medium.set(of_medium(LAND, 1), "aurora", 0.07)
    if "sea" in styles:
        height.span(SKYLINE, "sea", 2, -0.05, 0.55)
    for family in styles:
        for line in range(NUM_LINES):
            presence.set(line, family, ABSENT_LOGIT if line in LANDS.get(family, ()) else -ABSENT_LOGIT)
    # Of the lands: whether there is one, how near it is, and both again where its own line is near.
    tones.weight.zero_()
    near = (torch.arange(NUM_LINES) + 0.5) / MOUNTAINS - 0.5
    first = torch.zeros(NUM_TONES, 2, NUM_LINES)
    first[0, 0], first[1, 0], first[2, 1], first[3, 1] = 1.0, near, 1.0, near
    tones.bias.copy_(first.flatten())
    ridges.softness.weight.zero_()
    ridges.softness.bias[NUM_LINES:] = math.log(1.1)


def _pushes(trunk: Trunk, styles: list[str]) -> None:
    push = _Asked(trunk.push.mix, trunk, styles)
    bent, coarse, medium = (_Asked(layer, trunk, styles) for layer in (trunk.threads.push, trunk.threads.coarse, trunk.threads.medium))
    for axis in (0, 1):
        first = axis * 2 * NOISE_CHANNELS
        for family, low, high in (("mesh", 0.1, 0.9), ("silk", 0.05, 0.5), ("nebula", 0.2, 0.8), ("leaks", 0.0, 0.6)):
            if family in styles:
                push.span(first + NOISE_CHANNELS + 5 + axis, family, 5, low, high)
        if "sea" in styles:
            push.set(first + 5 + axis, "sea", 0.10)
        if "nebula" in styles:
            bent.set(axis * NOISE_CHANNELS + 7 + axis, "nebula", 0.12)
    if "nebula" in styles:  # its thread is the first
        trunk.threads.coarse.bias[:NOISE_CHANNELS] = 0
        trunk.threads.medium.bias[:MEDIUM_CHANNELS] = 0
        coarse.set(8, "nebula", 0.8)
        medium.span(1, "nebula", 0, 0.4, 1.0, 0.45)


def _waves(trunk: Trunk) -> None:
    """The first three: silk's fold, the finer one on it, and the streak of leaking light."""
    mix, rise = trunk.waves.mix, trunk.waves.rise
    mix[:3] = 0
    for wave, turns in ((0, 1.0), (1, 2.6)):
        mix[wave, 2 * NOISE_CHANNELS], mix[wave, NOISE_CHANNELS] = math.tau * turns * 0.36, math.tau * turns * 0.09
        rise.bias[wave] = math.tau * turns * 0.25
    mix[1, NOISE_CHANNELS + 1] = math.tau * 0.22
    mix[2, 2 * NOISE_CHANNELS + 3] = math.pi * 0.30
    rise.bias[2] = math.pi * 0.27


def _facets(trunk: Trunk) -> None:
    """Corners and lifts as the family's, and lit as the family lights them."""
    facets = trunk.facets
    for axis in (0, 1):
        facets.corners.weight[axis] = 0
        facets.corners.weight[axis, axis] = 1
    facets.corners.bias.zero_()
    facets.lifts.weight[0] = 0
    facets.lifts.weight[0, NOISE_CHANNELS + 2], facets.lifts.weight[0, 3] = 1.0, 0.55
    facets.lifts.bias[0] = 0
    light, high = facets.lighting.weight, 2 * NUM_LIFTS
    light[:2] = 0
    light[0, 0], light[0, NUM_LIFTS] = 0.45 * 0.8, -0.45 * 0.6
    light[1, high] = 0.5
    facets.lighting.bias[:2] = 0
    facets.tones.weight[:2] = 0
    facets.tones.weight[0, 0], facets.tones.weight[0, 1] = 1.0, 0.6
    facets.tones.weight[1, 0] = 1.0


def _fit_discs(trunk: Trunk, source: FamilySource, steps: int) -> None:
    """Each step solves for the best linear reading of a batch of bokeh, and moves the discs so that it would be better
    (variable projection, Golub and Pereyra 1973)."""
    if "bokeh" not in source.styles:
        return
    style, parameters = source.styles.index("bokeh"), list(trunk.discs.parameters())
    optimizer = torch.optim.Adam(parameters, lr=FIT_RATE, betas=(0.9, 0.99))
    for step in trange(steps, desc="discs", unit="step", mininterval=5):
        batch = source.paint(torch.full((FIT_BATCH,), style), torch.Generator().manual_seed(FIT_STREAM + step))
        optimizer.param_groups[0]["lr"] = FIT_RATE * (1 - 0.8 * step / steps)
        maps, tones = _maps(trunk, batch), _tones(batch)
        loss = (_read(maps, _solved(maps.detach(), tones)) - tones).square().mean()
        optimizer.zero_grad()
        for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
            parameter.grad = gradient
        optimizer.step()


@torch.no_grad()
def _fit_fine_readings(trunk: Trunk, source: FamilySource) -> None:
    """The first map that goes to the head as sharp as it was drawn begins at what outlines say of each family's tones."""
    trunk.fine_reading.weight.zero_()
    for style in range(len(source.styles)):
        batch = source.paint(torch.full((FINE_BATCH,), style), torch.Generator().manual_seed(FIT_STREAM - 1))
        trunk.fine_reading.weight[style, :OUTLINE_WIDTH] = _solved(_maps(trunk, batch), _tones(batch))[:OUTLINE_WIDTH]


def _maps(trunk: Trunk, batch: Batch) -> Tensor:
    """[n, c, h, w] over the crop: the shapes, then what else a linear reading may use, smooth fields and powers of y."""
    point = batch.latent.new_zeros(len(batch.latent), trunk.point_length)
    large = fields.large(batch.noise)
    huge = fields.huge(batch.noise)
    units = torch.cat([batch.noise, large, huge, trunk.medium_to_units(batch.medium).detach()], dim=1)
    wishes = wish(point, batch.latent, batch.style)
    places = trunk.push(batch.noise, large, wishes)
    outlines = trunk.outlines(units, large, batch.noise, batch.medium, wishes, batch.y)
    shapes = trunk.shapes(outlines, batch.noise, batch.medium, places, wishes)
    smooth = read(torch.cat([batch.noise, large, huge], dim=1), 1, places.x, places.v)
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
