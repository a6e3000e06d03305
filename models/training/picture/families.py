"""The procedural families: each turns a World into palette weights [n, 5, h, w] (sum 1) and a lightness residual [n, 1, h, w].

Palette entry 0 is the darkest, 4 the lightest. Own formulae on the usual devices: value noise (Perlin 1985), domain
warping, layered ridges. Knobs (latent numbers) mean the same in all families where they mean anything:
0 detail, 1 softness, 2 height (light moves down), 3 contrast, 4 lightness, 5 movement; from 6 on each family has its own.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from .network import RESIDUAL_BOUND
from .world import World

Painting = tuple[Tensor, Tensor]
EDGE_UNITS = 0.018
"""Half the width of a hard edge: about half a cell."""


def ramp(t: Tensor) -> Tensor:
    """[n, h, w] 0..1 -> weights: from the darkest colour through all to the lightest."""
    knots = torch.arange(5, dtype=t.dtype, device=t.device)[:, None, None]
    return (1 - (4 * t.clamp(0, 1)[:, None] - knots).abs()).clamp(min=0)


def only(entry: int, like: Tensor) -> Tensor:
    """[n, 5, h, w] of one palette entry."""
    weights = torch.zeros(len(like), 5, *like.shape[1:], dtype=like.dtype, device=like.device)
    weights[:, entry] = 1
    return weights


def over(below: Tensor, above: Tensor, alpha: Tensor) -> Tensor:
    return below + (above - below) * alpha[:, None]


def edge(distance: Tensor, half_width) -> Tensor:
    """0 to 1 around distance 0 (units)."""
    return torch.sigmoid(2 * distance / half_width)


def residual(lightness: Tensor) -> Tensor:
    return RESIDUAL_BOUND * torch.tanh(lightness / RESIDUAL_BOUND)[:, None]


def warped(world: World, amount, channels: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Places pushed about by two large fields."""
    push = world.large(list(channels))
    return world.place[0] + amount * push[:, 0], world.place[1] + amount * push[:, 1]


def mesh(world: World) -> Painting:
    """Soft gradients between a few colours."""
    x, v = warped(world, world.knob(5, 0.1, 0.9), (5, 6))
    order = torch.linspace(-1, 1, 5, device=x.device)[:, None, None]
    lean = world.knob(4, -1.2, 1.2) + world.knob(2, -1.5, 1.5) * world.rows_y
    logits = world.huge([0, 1, 2, 3, 4], x, v) * world.knob(3, 0.9, 2.3)[:, None]
    weights = (logits + lean[:, None] * order).softmax(dim=1)
    return weights, residual(0.03 * world.knob(0) * world.large([7])[:, 0])


def bokeh(world: World) -> Painting:
    """Discs of light out of focus before a dim gradient."""
    x, v = world.place
    dim = world.large([0])[:, 0]
    weights = ramp(0.12 + world.knob(4, 0.0, 0.25) + 0.10 * dim + 0.12 * world.rows_y * world.knob(2, -1, 1))
    light = torch.zeros_like(x)
    rows, columns = world.noise.shape[2:]
    flat = world.noise.flatten(2)
    for first, size, strength in ((1, world.knob(7, 0.7, 1.15), 0.55), (6, world.knob(8, 0.3, 0.6), 0.9)):
        start, near = (0.0, (-1, 0, 1)) if first == 1 else (-0.5, (0, 1))  # small discs reach no further than the nearest four
        for down in near:
            for right in near:
                row, column = (v + start).floor().long() + down, (x + start).floor().long() + right
                place = (row.clamp(0, rows - 1) * columns + column.clamp(0, columns - 1)).flatten(1)[:, None]
                cell = flat[:, first : first + 5].gather(2, place.expand(-1, 5, -1)).reshape(len(x), 5, *x.shape[1:])
                there = ((row >= 0) & (row < rows) & (column >= 0) & (column < columns)).to(x.dtype)
                px, pv, density, radius, tone = cell.unbind(1)
                dx, dv = x - column - 0.5 - 0.42 * torch.tanh(px), v - row - 0.5 - 0.42 * torch.tanh(pv)
                reach = size * (0.75 + 0.25 * torch.tanh(radius))
                distance = reach - (dx.square() + dv.square() + 1e-6).sqrt()
                soft = EDGE_UNITS + world.knob(1, 0.0, 0.35) * reach * (1.5 if first == 1 else 0.8)
                alpha = there * edge(distance, soft) * edge(density - world.knob(6, -0.4, 0.8), 0.3)
                alpha = alpha * strength * (0.45 + 0.25 * torch.tanh(tone) + 0.3 * torch.exp(-((distance / (0.12 * reach)) ** 2)))
                weights = over(weights, ramp((0.72 + 0.28 * torch.tanh(1.3 * tone)).expand_as(x)), alpha)
                light = light + 0.05 * alpha
    return weights, residual(light + 0.015 * dim)


def silk(world: World) -> Painting:
    """Cloth in long folds, lit from above."""
    x, v = warped(world, world.knob(5, 0.05, 0.5), (5, 6))
    large, huge = world.large([0, 1, 2, 3], x, v), world.huge([4, 7], x, v)
    phase = world.knob(0, 0.16, 0.34) * (v - world.place[1] + world.rise) + 0.36 * huge[:, 0] + 0.09 * large[:, 0]
    fold, slope = torch.sin(2 * torch.pi * phase), torch.cos(2 * torch.pi * phase)
    fine = 2 * torch.pi * (2.6 * phase + 0.22 * large[:, 1])
    deep = torch.sigmoid(1.5 * huge[:, 1])
    lit = 0.75 * slope + 0.35 * fold + deep * world.knob(6, 0.1, 0.45) * torch.cos(fine) * (0.7 + 0.3 * slope)
    t = 0.45 + world.knob(4, -0.15, 0.15) + world.knob(3, 0.20, 0.40) * lit + 0.06 * large[:, 3]
    shine = torch.exp(-(((lit - 0.85) / 0.25) ** 2)) * torch.sigmoid(1.5 * large[:, 2])
    return ramp(t), residual(world.knob(1, 0.10, 0.03) * shine + 0.03 * lit - 0.02)


def mountains(world: World) -> Painting:
    """Ridges one behind the other in fog, darker as they come nearer."""
    x, v = world.place
    y = world.rows_y
    horizon = world.knob(2, -0.45, 0.25)
    light = world.knob(4, 0.66, 1.0)
    glow = torch.exp(-(((y - horizon + 0.05) / 0.6) ** 2)) * (0.8 + 0.2 * torch.tanh(world.huge([15])[:, 0]))
    weights = ramp(light * (0.44 + 0.52 * glow) + 0.05 * world.huge([14])[:, 0])
    fog = world.knob(1, 0.10, 0.5)
    count = 6
    shade = torch.zeros_like(x)
    for k in range(count):
        near = (k + 0.5) / count
        base_y = horizon + (1.12 - horizon) * near**1.25
        base = world.v_at(base_y)
        high, rough = world.knob(5, 0.6, 1.25), world.knob(0, 0.4, 1.3)
        ridge = high * ((0.30 + 0.35 * near) * world.large([k + 6], x, base)[:, 0] + (0.26 + 0.14 * near) * world.coarse([k], x, base)[:, 0])
        ridge = ridge + (0.055 + 0.06 * near) * rough * world.middle([k % 4], x, base)[:, 0]
        below = v - base + ridge
        if k == count - 1:
            below = below + 0.025 * world.fine([0])[:, 0] * world.knob(0)
        deep = 1 - torch.exp(-below.clamp(min=0) / 1.1)
        t = light * (0.80 - 0.82 * near**0.8) * (1 - fog * deep) + fog * deep * light * (0.88 - 0.55 * near)
        alpha = edge(below, EDGE_UNITS + 0.05 * world.knob(1) * (1 - near))
        weights = over(weights, ramp(t), alpha)
        shade = shade * (1 - alpha) + alpha * 0.02 * world.middle([(k + 1) % 4])[:, 0] * near
    return weights, residual(shade)


def aurora(world: World) -> Painting:
    """Curtains of light in a night sky over a dark land."""
    x, v = world.place
    y = world.rows_y
    t = 0.10 + 0.10 * y + 0.03 * world.large([13])[:, 0] + world.knob(4, 0.0, 0.08)
    glow = torch.zeros_like(x)
    hue = torch.zeros_like(x)
    for k, strength in ((0, 1.0), (1, 0.7)):
        base = world.v_at(world.knob(2, -0.15, 0.35) - 0.35 * k)
        bend = world.large([2 * k], x, base)[:, 0] * world.knob(5, 0.4, 1.0) + 0.12 * world.coarse([2 * k + 1], x, base)[:, 0]
        above = base + bend - v
        rays = torch.sigmoid(world.knob(3, 1.2, 3.0) * world.vertical([k], x + 0.25 * above)[:, 0])
        fine = torch.sigmoid(1.5 * world.vertical([k + 2], x + 0.25 * above)[:, 0])
        length = world.knob(6 + k, 1.2, 3.2) * (0.5 + rays)
        body = torch.where(above > 0, torch.exp(-above.clamp(min=0) / length), torch.exp(above.clamp(max=0) / 0.16))
        patch = torch.sigmoid(2.0 * world.large([9 + k])[:, 0] + 1.2)
        curtain = strength * body * (0.25 + 0.55 * rays + 0.35 * fine * rays) * patch
        hue = torch.maximum(hue, curtain * torch.exp(-above.clamp(min=0) / 1.3))
        glow = 1 - (1 - glow) * (1 - curtain.clamp(0, 1))
    weights = ramp(t + 0.52 * glow + 0.42 * hue)
    land = world.v_at(world.knob(7, 0.72, 0.95))
    hill = v - land + 0.35 * world.coarse([12], x, land)[:, 0] + 0.07 * world.middle([1], x, land)[:, 0]
    return over(weights, only(0, x), edge(hill, EDGE_UNITS)), residual(0.05 * hue * edge(-hill, 0.1) - 0.06 * edge(hill, EDGE_UNITS))


def nebula(world: World) -> Painting:
    """Clouds of gas in the dark."""
    x, v = warped(world, world.knob(5, 0.2, 0.8), (5, 6))
    huge, large, coarse = world.huge([0, 1, 2], x, v), world.large([3, 9], x, v), world.coarse([7, 8], x, v)
    middle = world.middle([0, 1], x + 0.12 * coarse[:, 0], v + 0.12 * coarse[:, 1])
    rough = world.knob(0, 0.4, 1.0)
    cloud = 0.62 * huge[:, 0] + 0.40 * large[:, 0] + 0.24 * coarse[:, 0] + rough * (0.20 * middle[:, 0] + 0.05 * world.fine([0])[:, 0])
    thread = (1 - (0.8 * coarse[:, 1] + 0.45 * rough * middle[:, 1]).abs()).clamp(min=0) ** 2
    cloud = cloud + 0.35 * thread * torch.sigmoid(2 * large[:, 1])
    dense = torch.sigmoid(world.knob(3, 1.8, 3.2) * (cloud + world.knob(4, -0.5, 0.35)))
    core = torch.sigmoid(3.2 * (cloud + 0.35 * large[:, 1] - world.knob(6, 0.9, 1.6)))
    one, two = torch.sigmoid(2.0 * huge[:, 1]), torch.sigmoid(2.0 * huge[:, 2])
    gas = torch.stack([0.20 * (1 - one), one * (1 - two), one * two, (1 - one) * (0.35 + 0.65 * two), 0.10 * one], dim=1)
    weights = over(only(0, x), gas / gas.sum(dim=1, keepdim=True), dense * (0.25 + 0.75 * dense))
    weights = over(weights, ramp(0.70 + 0.30 * core), 0.80 * core)
    return weights, residual(0.06 * dense * (thread - 0.3) * rough + 0.02 * middle[:, 0] * dense - 0.05 * (1 - dense))


def paper(world: World) -> Painting:
    """Washes of watercolour on grained paper."""
    x, v = world.place
    grain = world.fine([0, 1])
    weights = ramp(0.80 + 0.06 * world.large([13])[:, 0] + world.knob(4, 0.0, 0.10))
    tone = 0.012 * grain[:, 0] - 0.008 * grain[:, 1].abs()
    wobble = 0.13 * world.middle([0], x, v)[:, 0] * world.knob(0, 0.5, 1.3) + 0.03 * grain[:, 1]
    for k, entry in enumerate((3, 2, 1, 2, 0)):
        field = world.large([2 * k])[:, 0] + 0.35 * world.coarse([2 * k + 1])[:, 0] + wobble
        inside = field - world.knob(6, 0.15, 0.7) - 0.18 * k - 0.25 * world.rows_y * world.knob(2, -1, 1)
        soft = 0.05 + world.knob(1, 0.0, 0.5)
        alpha = torch.sigmoid(inside / (0.35 * soft)) * (0.30 + 0.28 * torch.sigmoid(1.5 * world.large([10 + k])[:, 0]) + 0.12 * world.knob(3))
        weights = over(weights, only(entry, x), alpha)
        tone = tone - 0.045 * torch.exp(-((inside / soft - 0.35) / 0.3) ** 2) * (1 - world.knob(1))
        tone = tone + 0.012 * alpha * world.middle([1 + k % 3])[:, 0]
    return weights, residual(tone)


def facets(world: World) -> Painting:
    """A landscape of flat triangles, low-poly."""
    x, v = world.place
    rows, columns = world.noise.shape[2:]
    jitter = 0.40 * torch.tanh(world.noise[:, 0:2])
    lift = world.large_noise[:, 2] + 0.55 * world.noise[:, 3]
    flat = torch.cat([jitter, lift[:, None]], dim=1).flatten(2)
    first_row, first_column = (v - 0.5).floor().long(), (x - 0.5).floor().long()

    def vertex(down: int, right: int) -> tuple[Tensor, Tensor, Tensor]:
        row, column = first_row + down, first_column + right
        place = (row.clamp(0, rows - 1) * columns + column.clamp(0, columns - 1)).flatten(1)[:, None]
        found = flat.gather(2, place.expand(-1, 3, -1)).reshape(len(x), 3, *x.shape[1:])
        return column + 0.5 + found[:, 0], row + 0.5 + found[:, 1], found[:, 2]

    vertices = {(down, right): vertex(down, right) for down in range(-1, 3) for right in range(-1, 3)}

    tone, depth, centre_v = torch.zeros_like(x), torch.full_like(x, -1e3), torch.zeros_like(x)
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            corners = [vertices[down + a, right + b] for a, b in ((0, 0), (0, 1), (1, 1), (1, 0))]
            for first, second, third in ((0, 1, 2), (0, 2, 3)):
                (ax, av, ah), (bx, bv, bh), (cx, cv, ch) = corners[first], corners[second], corners[third]
                area = (bx - ax) * (cv - av) - (cx - ax) * (bv - av)
                one = ((bx - x) * (cv - v) - (cx - x) * (bv - v)) / area
                two = ((cx - x) * (av - v) - (ax - x) * (cv - v)) / area
                inside = torch.minimum(torch.minimum(one, two), 1 - one - two)
                tilt_x = ((bh - ah) * (cv - av) - (ch - ah) * (bv - av)) / area
                tilt_v = ((ch - ah) * (bx - ax) - (bh - ah) * (cx - ax)) / area
                lit = torch.tanh(0.45 * (tilt_x * 0.8 - tilt_v * 0.6))
                better = inside > depth
                depth = torch.where(better, inside, depth)
                tone = torch.where(better, lit + 0.30 * (ah + bh + ch) / 3, tone)
                centre_v = torch.where(better, (av + bv + cv) / 3, centre_v)
    centre_y = (centre_v - world.v_of_y[:, 0, None, None]) / world.v_of_y[:, 1, None, None]
    t = 0.5 + world.knob(4, -0.15, 0.15) + world.knob(3, 0.18, 0.42) * tone + world.knob(2, -0.3, 0.3) * centre_y
    return ramp(t), residual(0.06 * torch.tanh(tone))


def leaks(world: World) -> Painting:
    """Light leaking into a camera: warm flares over a dim gradient."""
    x, v = warped(world, world.knob(5, 0.0, 0.6), (5, 6))
    large = world.huge([0, 1, 2, 3, 4], x, v)
    y = world.rows_y
    t = 0.16 + world.knob(4, -0.06, 0.14) + 0.09 * large[:, 0] + 0.08 * y * world.knob(2, -1, 1)
    rim = world.knob(6, -1.0, 1.0) * y + 0.6 * y.abs()
    flare = torch.sigmoid(world.knob(3, 1.4, 3.0) * (large[:, 1] + rim - 0.45))
    hot = torch.sigmoid(world.knob(3, 2.0, 4.5) * (large[:, 1] + 0.5 * large[:, 2] + rim - 1.15))
    along = 0.30 * large[:, 3] + world.knob(7, 0.14, 0.4) * (v - world.place[1] + world.rise)
    streak = torch.exp(-((torch.sin(torch.pi * along) / world.knob(1, 0.18, 0.5)) ** 2)) * torch.sigmoid(2.5 * large[:, 4] - 0.8)
    weights = ramp(t + 0.40 * flare + 0.20 * streak)
    weights = over(weights, ramp(0.72 + 0.28 * hot), 0.9 * hot)
    return weights, residual(0.06 * streak * (1 - hot) + 0.04 * hot * flare + 0.01 * large[:, 0])


def sea(world: World) -> Painting:
    """Clouds over a quiet sea."""
    x, v = world.place
    y = world.rows_y
    horizon_y = world.knob(2, -0.05, 0.55)
    horizon = world.v_at(horizon_y)
    under = v - horizon
    light = world.knob(4, 0.78, 1.0)
    up = (horizon_y - y).clamp(min=0)
    sky = light * (0.86 - 0.42 * up.sqrt() * world.knob(3, 1.0, 0.5)) + 0.03 * world.large([15])[:, 0]
    push = world.coarse([5, 6])
    cx, cv = x + 0.10 * push[:, 0], v + 0.10 * push[:, 1]
    puff = world.large([0], cx, cv)[:, 0] * 0.9 + 0.45 * world.coarse([1], cx, cv)[:, 0] + (0.26 * world.middle([0], cx, cv)[:, 0] + 0.05 * world.fine([0])[:, 0]) * world.knob(0, 0.6, 1.4)
    above = world.large([0], cx, cv - 0.35)[:, 0] * 0.9 + 0.45 * world.coarse([1], cx, cv - 0.35)[:, 0] + 0.26 * world.middle([0], cx, cv - 0.35)[:, 0]
    cover = torch.sigmoid((puff - world.knob(6, 0.1, 1.2)) / world.knob(1, 0.12, 0.4)) * (1 - torch.exp(-up / 0.10))
    lit = torch.sigmoid(1.6 * (puff - above) + 0.6)
    weights = over(ramp(sky), ramp(light * (0.62 + 0.40 * lit)), 0.92 * cover)
    deep = under.clamp(min=0) / 4
    ripple = 0.6 * world.horizontal([1])[:, 0] * (0.3 + deep) + 0.55 * world.wide([0])[:, 0] * torch.exp(-deep / 0.35)
    glint = torch.sigmoid(2.5 * world.large([8], x, horizon)[:, 0] - 1.0) * torch.exp(-deep / 0.5)
    water = light * (0.58 - 0.5 * deep.clamp(max=1).sqrt()) + world.knob(5, 0.05, 0.13) * ripple + 0.32 * glint * torch.sigmoid(2.5 * ripple)
    weights = over(weights, ramp(water), edge(under, EDGE_UNITS))
    return weights, residual(0.02 * ripple * edge(under, EDGE_UNITS) + 0.05 * cover * (lit - 0.5) * edge(-under, EDGE_UNITS))


FAMILIES: dict[str, Callable[[World], Painting]] = {
    "mesh": mesh, "bokeh": bokeh, "silk": silk, "mountains": mountains, "aurora": aurora,
    "nebula": nebula, "paper": paper, "facets": facets, "leaks": leaks, "sea": sea,
}  # fmt: skip
