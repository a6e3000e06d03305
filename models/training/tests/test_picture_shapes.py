"""The layers that draw and push: each against its closed form, and where a network of families begins."""

import math
from dataclasses import replace

import pytest
import torch

from picture.around import REACH_UNITS, centres_around, places_of_unit, window
from picture.begin import SKYLINE, _maps, _read, _solved, _tones, begin_at_families
from picture.config import load_config
from picture.dataset import Batch, FamilySource
from picture.discs import Discs
from picture.facets import SHIFT_UNITS, TRIANGLES, Facets
from picture.families import warped
from picture.fields import large
from picture.geometry import (
    DETAIL_CHANNELS,
    DETAIL_PER_UNIT,
    FEATURES_PER_UNIT,
    HALO_DETAIL,
    MEDIUM_CHANNELS,
    MEDIUM_PER_UNIT,
    NOISE_CHANNELS,
)  # fmt: skip
from picture.layers import Reading
from picture.network import OUTLINE_WIDTH, SHAPE_WIDTH, Trunk
from picture.places import middles, read
from picture.push import Places, Push, Threads
from picture.ridges import Ridges
from picture.wishes import NUM_KNOBS, wish, wish_length
from picture.world import World

PER_UNIT, UNITS, CHANNELS, WISH = 8, 5, 20, 6


def places(units: int = UNITS) -> tuple[torch.Tensor, torch.Tensor]:
    """v and x of every feature in units."""
    middle = (torch.arange(units * PER_UNIT) + 0.5) / PER_UNIT
    return middle[:, None], middle[None]


@pytest.mark.parametrize("place", [(0.0, 0.0), (0.9, -0.9), (-0.6, 0.3)])
def test_a_disc_is_round_wherever_it_lies_in_its_unit(place):
    """One unit in the middle has a disc, which is drawn in nine; the value depends on the distance from its centre alone."""
    discs = Discs(CHANNELS, 1, 1, WISH, PER_UNIT)
    with torch.no_grad():
        for layer in (discs.signs, discs.tones, discs.styled):
            layer.weight.zero_()
            layer.bias.zero_()
        discs.styled.bias[0], discs.styled.bias[1] = math.log(0.8), 2.0  # radius, sharpness
        discs.tones.weight[0, 0] = 1.0  # the first channel turns the disc on
        for axis in (0, 1):
            discs.signs.weight[axis, 1 + axis] = 1.0
        units = torch.zeros(1, CHANNELS, UNITS, UNITS)
        units[0, 0, 2, 2] = 1.0
        units[0, 1, 2, 2], units[0, 2, 2, 2] = math.atanh(place[0]), math.atanh(place[1])
        drawn = discs(units, torch.zeros(1, WISH))[0, 0]
    v, x = places()
    distance = ((x - 2.5 - 0.5 * place[0]).square() + (v - 2.5 - 0.5 * place[1]).square()).sqrt()
    wanted = torch.sigmoid(math.exp(2.0) * (1 - distance / 0.8)) * 0.5
    inside = (x - 2.5).abs().maximum((v - 2.5).abs()) < 0.9  # nearer than that no window bends it by more than the tolerance
    assert (drawn - wanted)[inside].abs().max() < 0.05 * wanted.max()
    assert drawn.max() > 0.45
    assert drawn[0].abs().max() == drawn[:, -1].abs().max() == 0, "it is seen further than it is drawn"


def test_what_a_unit_draws_ends_before_the_last_unit_that_draws_it():
    places, centres = places_of_unit(PER_UNIT), centres_around(1)
    seen = window(places, centres)
    away = (places[None, :2] - centres[:, :, None]).abs().amax(dim=1)
    edge = away > REACH_UNITS - 1 / PER_UNIT
    assert edge.any() and seen[edge].max() < 0.3
    assert seen.max() > 0.99


def land(units: torch.Tensor) -> tuple[Facets, torch.Tensor]:
    """Facets of twelve places to a unit whose corners and lifts are the first three channels, and whose tones are how they lean along
    x and v; with what they draw."""
    facets = Facets(CHANNELS, 2, WISH, 12)
    with torch.no_grad():
        for layer in (facets.corners, facets.lifts, facets.lighting, facets.tones, facets.sharpness):
            layer.weight.zero_()
            layer.bias.zero_()
        facets.sharpness.bias.fill_(4.0)
        facets.corners.weight[0, 0] = facets.corners.weight[1, 1] = facets.lifts.weight[0, 2] = 1.0
        for axis, first in ((0, 0), (1, 4)):  # four lifts: leaning along x, then along v, then the heights
            facets.lighting.weight[axis, first] = facets.tones.weight[axis, axis] = 1.0
        return facets, facets(units, torch.zeros(1, WISH))[0]


def triangle_around(x: float, v: float, corners: torch.Tensor) -> tuple[float, torch.Tensor]:
    """Distance from the nearest side of the triangle that a place lies in, and the triangle's corners [3, (x, v, lift)]."""
    best = (-math.inf, corners[0, 0])
    for row in range(corners.shape[0] - 1):
        for column in range(corners.shape[1] - 1):
            for triangle in TRIANGLES:
                found = torch.stack([corners[row + down, column + right] for down, right in triangle])
                sides = found.roll(-1, dims=0)[:, :2] - found[:, :2]
                turned = sides[:, 0] * (v - found[:, 1]) - sides[:, 1] * (x - found[:, 0])
                inside = float((turned / sides.norm(dim=1)).min())
                best = max(best, (inside, found), key=lambda pair: pair[0])
    return best


def test_each_place_of_a_land_has_the_tone_of_the_triangle_it_lies_in():
    """Against a search through all triangles, and the plane through the three corners of the one that is found; up to the edge of the
    grid, beyond which its last corners are repeated."""
    units = torch.zeros(1, CHANNELS, UNITS, UNITS)
    units[:, :3] = torch.randn(1, 3, UNITS, UNITS, generator=torch.Generator().manual_seed(4))
    _, drawn = land(units)
    middle = torch.arange(-2, UNITS + 2) + 0.5
    known = torch.nn.functional.pad(units[:, :3], (2, 2, 2, 2), mode="replicate")[0]
    shift = SHIFT_UNITS * torch.tanh(known[:2])
    corners = torch.stack([middle[None] + shift[0], middle[:, None] + shift[1], known[2]], dim=-1)
    asked = 0
    for row in range(0, 12 * UNITS, 5):
        for column in range(0, 12 * UNITS, 4):
            inside, found = triangle_around((column + 0.5) / 12, (row + 0.5) / 12, corners)
            if inside > 0.06:  # nearer to a side two triangles share a place
                plane = torch.linalg.solve(torch.cat([found[:, :2], torch.ones(3, 1)], dim=1), found[:, 2])
                torch.testing.assert_close(drawn[:, row, column], torch.tanh(plane[:2]), atol=0.02, rtol=0)
                asked += 1
    assert asked > 60


def test_between_two_triangles_lies_a_straight_edge():
    """Along the line between two the share is a logistic function of the distance from it."""
    units = torch.zeros(1, CHANNELS, UNITS, UNITS)
    units[0, 2, :, 3:] = 1.0  # corners at the units' centres; the land rises between the third and the fourth column, from x = 2.5
    _, drawn = land(units)
    x = (torch.arange(UNITS * 12) + 0.5) / 12
    lower = 2 * 12 + 7  # of a square's two triangles the lower one has its upright side at the left
    wanted = torch.tanh(torch.tensor(1.0)) * torch.sigmoid(2 * math.exp(4.0) * (x - 2.5))
    near = slice(2 * 12, 2 * 12 + 9)
    assert (drawn[0, lower, near] - wanted[near]).abs().max() < 0.02


def lines(count: int, num_tones: int) -> Ridges:
    """Ridges whose every number is 0."""
    ridges = Ridges(count, num_tones, WISH, PER_UNIT)
    with torch.no_grad():
        for parameter in ridges.parameters():
            parameter.zero_()
    return ridges


def eight_units() -> tuple[torch.Tensor, ...]:
    """noise, large, medium, wish and y of a picture of eight units."""
    y = torch.linspace(-1 + 1 / 64, 1 - 1 / 64, 64)[None]
    return torch.zeros(1, NOISE_CHANNELS, 8, 8), torch.zeros(1, NOISE_CHANNELS, 8, 8), torch.zeros(1, MEDIUM_CHANNELS, 32, 32), torch.zeros(1, WISH), y


def test_a_ridge_lies_where_its_height_and_the_fields_at_that_height_say():
    ridges, (noise, large_noise, medium, wishes, y) = lines(1, 1), eight_units()
    noise[:, 0] = torch.arange(8.0)[:, None]  # at row r it is r: the ridge must take the row of its height
    with torch.no_grad():
        ridges.height.bias.fill_(0.25)  # v = 5: half way between the rows 4 and 5
        ridges.coarse.bias[0] = 0.2
        ridges.softness.bias.fill_(math.log(0.1))
        side, away, _ = ridges(noise, large_noise, medium, wishes, y)[0]
    v = (y[0] + 1) * 4
    below = v - 5.0 + 0.2 * 4.5
    assert (side - torch.tanh(below / 0.1)[:, None]).abs().max() < 1e-4
    assert (away - torch.exp(-below.abs() / 0.1)[:, None]).abs().max() < 1e-4


def test_land_covers_what_lies_behind_it_and_land_that_is_absent_covers_nothing():
    ridges, (noise, large_noise, medium, wishes, y) = lines(3, 2), eight_units()
    with torch.no_grad():
        ridges.height.bias.copy_(torch.tensor([-0.5, 0.0, 0.5]))  # v = 2, 4, 6
        ridges.presence.bias.copy_(torch.tensor([30.0, 30.0, -30.0]))
        ridges.softness.bias.fill_(math.log(0.5))
        tones = torch.zeros(2, 2, 3)  # [map, everywhere or near the line, line]
        tones[0, 0], tones[1, 1] = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 1.0, 1.0])
        ridges.tones.bias.copy_(tones.flatten())
        drawn = ridges(noise, large_noise, medium, wishes, y)[0, -2:, :, 3]
    v = (y[0] + 1) * 4
    first, second = (v > 2.1) & (v < 3.9), v > 4.1
    assert drawn[:, v < 1.9].abs().max() < 0.02
    torch.testing.assert_close(drawn[0, first], torch.ones(int(first.sum())), atol=0.02, rtol=0)
    torch.testing.assert_close(drawn[0, second], torch.full((int(second.sum()),), 2.0), atol=0.02, rtol=0)
    torch.testing.assert_close(drawn[1, second], torch.exp(-(v[second] - 4) / 0.5), atol=0.02, rtol=0)


def test_a_map_is_read_at_its_own_units_however_wide_it_is():
    """A map that is x in one channel and v in the other, three units by seven, four places to a unit (cubic convolution with a
    slope of -0.75 keeps straight lines but for a hundredth)."""
    v, x = torch.meshgrid((torch.arange(12) + 0.5) / 4, (torch.arange(28) + 0.5) / 4, indexing="ij")
    asked_x, asked_v = torch.tensor([[[1.3, 5.9, 3.5]]]), torch.tensor([[[0.7, 2.2, 1.5]]])
    torch.testing.assert_close(read(torch.stack([x, v])[None], 4, asked_x, asked_v)[0, :, 0], torch.stack([asked_x[0, 0], asked_v[0, 0]]), atol=0.02, rtol=0)
    torch.testing.assert_close(middles(28, 4, x), x[0])


def of_noise(push: Push, axis: int, channel: int) -> int:
    """Which output of the mix pushes along `axis` by the noise's `channel`; the smoothed noise's follow after."""
    assert push.mix.out_features == 4 * NOISE_CHANNELS
    return axis * 2 * NOISE_CHANNELS + channel


def test_places_are_pushed_by_the_fields_the_wish_asks_for_and_by_nothing_else():
    push, noise = Push(WISH, PER_UNIT), torch.zeros(1, NOISE_CHANNELS, UNITS, UNITS)
    noise[:, 3], noise[:, 4] = 0.5, 2.0
    still = push(noise, large(noise), torch.ones(1, WISH))
    torch.testing.assert_close(still.x[0, 0], (torch.arange(UNITS * PER_UNIT) + 0.5) / PER_UNIT)
    torch.testing.assert_close(still.v[0, :, 0], still.x[0, 0])
    with torch.no_grad():
        push.mix.weight[of_noise(push, 0, 3), 0], push.mix.weight[of_noise(push, 1, 4), 0] = 1.0, -0.5
    moved = push(noise, large(noise), torch.ones(1, WISH))
    torch.testing.assert_close(moved.x, still.x + 0.5)
    torch.testing.assert_close(moved.v, still.v - 1.0)
    torch.testing.assert_close(moved.down, moved.v - still.v)


def test_a_thread_shines_where_its_mix_is_zero_and_the_medium_noise_is_read_where_places_point():
    threads, noise = Threads(1, WISH), torch.zeros(1, NOISE_CHANNELS, UNITS, UNITS)
    medium = torch.randn(1, MEDIUM_CHANNELS, MEDIUM_PER_UNIT * UNITS, MEDIUM_PER_UNIT * UNITS, generator=torch.Generator().manual_seed(1))
    noise[:, 0] = torch.arange(UNITS) - 2.0  # zero in the third column, at x = 2.5
    noise[:, 1] = 1.0
    with torch.no_grad():
        for parameter in threads.parameters():
            parameter.zero_()
        threads.coarse.bias[0] = 1.0
        threads.push.bias[1] = 0.25  # along x by the noise's second channel
    x = torch.tensor([[[1.625, 2.0, 2.5, 3.0]]])
    v = torch.full_like(x, 2.125)
    thread, *bent = threads(noise, medium, Places(x, v, torch.zeros_like(x)), torch.zeros(1, WISH))[0]
    torch.testing.assert_close(thread[0, [1, 3]], torch.exp(torch.tensor([-1.25, -1.25])), atol=0.02, rtol=0)
    assert thread[0, 2] > 0.95
    torch.testing.assert_close(bent[0][0, 0], medium[0, 0, 8, 7])  # 1.625 + 0.25 is the middle of the place 7


def test_each_style_answers_a_knob_in_its_own_measure_and_a_mixture_in_between():
    styles, latent, point = 3, torch.zeros(1, NUM_KNOBS + 2), torch.zeros(1, 4)
    latent[0, 5] = 0.6745  # three quarters of all are below
    columns = [4 + style * (1 + NUM_KNOBS) for style in range(styles)]
    asked = {name: wish(point, latent, torch.tensor([weights]))[0] for name, weights in (("first", [1.0, 0, 0]), ("mixed", [0.25, 0.75, 0]))}
    assert len(asked["first"]) == wish_length(4, styles)
    assert asked["first"][columns].tolist() == [1.0, 0.0, 0.0] and asked["mixed"][columns].tolist() == [0.25, 0.75, 0.0]
    assert asked["first"][columns[0] + 1 + 5] == pytest.approx(0.5, abs=1e-4)
    assert asked["mixed"][columns[1] + 1 + 5] == pytest.approx(0.375, abs=1e-4)


def test_a_reading_belongs_to_its_style_and_mixes_with_the_weights():
    reading = Reading(2, 3, 4, rate=2.0)
    with torch.no_grad():
        reading.weight.normal_(generator=torch.Generator().manual_seed(1))
    maps = torch.randn(1, 3, 5, 6, generator=torch.Generator().manual_seed(2))
    first, second = (reading(maps, torch.tensor([weights])) for weights in ([1.0, 0.0], [0.0, 1.0]))
    mixed = reading(maps, torch.tensor([[0.25, 0.75]]))
    assert first.shape == (1, 4, 5, 6)
    assert not torch.allclose(first, second)
    torch.testing.assert_close(mixed, 0.25 * first + 0.75 * second)


def explained(trunk: Trunk, learnt: Batch, asked: Batch, with_shapes: bool = True) -> float:
    """Share of the variance of `asked`'s tones that a linear reading solved for `learnt` explains: of shapes and smooth fields."""
    with torch.no_grad():
        first = 0 if with_shapes else SHAPE_WIDTH
        reading = _solved(_maps(trunk, learnt)[:, first:], _tones(learnt))
        tones = _tones(asked)
        return 1 - float((_read(_maps(trunk, asked)[:, first:], reading) - tones).var() / tones.var())


@pytest.mark.parametrize("family", ["bokeh", "mountains", "aurora", "facets", "sea"])
def test_a_network_of_families_begins_with_shapes_that_explain_them(family):
    """Of what smooth fields leave unexplained, shapes at their beginning explain a part; random ones explain less."""
    config = load_config("picture")
    source = FamilySource(config)
    index = source.styles.index(family)
    learnt, asked = (source.paint(torch.full((count,), index), torch.Generator().manual_seed(seed)) for count, seed in ((48, 5), (24, 6)))
    torch.manual_seed(0)
    trunk = Trunk(config.network, len(source.styles))
    without, random = explained(trunk, learnt, asked, with_shapes=False), explained(trunk, learnt, asked)
    begin_at_families(trunk, source, fit_steps=0)
    begun = explained(trunk, learnt, asked)
    assert begun > without + 0.1, (without, begun)
    assert begun > random, (random, begun)


def a_world(count: int, units: int) -> World:
    """Noise of whole units and the places of its features; the picture's centre is a little below the grid's."""
    random = torch.Generator().manual_seed(8)
    sides = ((NOISE_CHANNELS, units), (MEDIUM_CHANNELS, MEDIUM_PER_UNIT * units), (DETAIL_CHANNELS, DETAIL_PER_UNIT * units + 2 * HALO_DETAIL))
    maps = [torch.randn(count, channels, side, side, generator=random) for channels, side in sides]
    v = ((torch.arange(units * FEATURES_PER_UNIT) + 0.5) / FEATURES_PER_UNIT).expand(count, -1)
    half_height = torch.full((count, 1), 4.0)
    centre = torch.full((count, 1), units / 2 + 0.3)
    return World(*maps, v, v, (v - centre) / half_height, torch.cat([centre, half_height], dim=1), torch.randn(count, 32, generator=random))


@pytest.mark.parametrize("family, low, high", [("mesh", 0.1, 0.9), ("silk", 0.05, 0.5), ("nebula", 0.2, 0.8), ("leaks", 0.0, 0.6)])
def test_a_network_of_families_begins_with_their_own_pushes(family, low, high):
    """To the letter: fields are read where the family reads them."""
    config, world = load_config("picture"), a_world(3, 6)
    source = FamilySource(config)
    trunk = Trunk(config.network, len(source.styles))
    begin_at_families(trunk, source, fit_steps=0)
    style = torch.zeros(3, len(source.styles))
    style[:, source.styles.index(family)] = 1.0
    with torch.no_grad():
        places = trunk.push(world.noise, large(world.noise), wish(torch.randn(3, trunk.point_length), world.latent, style))
    x, v = warped(world, world.knob(5, low, high), (5, 6))
    torch.testing.assert_close(places.x, x, atol=1e-4, rtol=0)
    torch.testing.assert_close(places.v, v, atol=1e-4, rtol=0)
    torch.testing.assert_close(places.down, v - world.place[1], atol=1e-4, rtol=0)


def test_the_horizon_of_the_sea_begins_straight_and_where_the_family_has_it():
    config, world = load_config("picture"), a_world(6, 6)
    source = FamilySource(config)
    trunk = Trunk(config.network, len(source.styles))
    begin_at_families(trunk, source, fit_steps=0)
    style = torch.zeros(6, len(source.styles))
    style[:, source.styles.index("sea")] = 1.0
    with torch.no_grad():
        wishes = wish(torch.randn(6, trunk.point_length), world.latent, style)
        side = trunk.ridges(world.noise, large(world.noise), world.medium, wishes, world.y)[:, SKYLINE, ::2, ::2]
    under = world.place[1] - world.v_at(world.knob(2, -0.05, 0.55))
    clear = under.abs() > 0.15  # ridges have two places to a feature
    assert clear.float().mean() > 0.8
    assert torch.equal((side > 0)[clear], (under > 0)[clear])


def test_the_fine_reading_of_a_fresh_network_tells_the_tones_of_its_family():
    config = load_config("picture")
    source = FamilySource(replace(config, data=replace(config.data, styles=["facets"], shares=[])))
    trunk = Trunk(config.network, 1)
    begin_at_families(trunk, source, fit_steps=1)
    asked = source.paint(torch.zeros(24, dtype=torch.long), torch.Generator().manual_seed(6))
    with torch.no_grad():
        fine = trunk.fine_reading(_maps(trunk, asked)[:, :OUTLINE_WIDTH], asked.style)
    tones = _tones(asked)
    assert torch.corrcoef(torch.stack([fine[:, 0].flatten(), tones.flatten()]))[0, 1] > 0.6
    assert fine[:, 1:].abs().max() == 0


def test_fitted_shapes_explain_more_than_they_did():
    config = load_config("picture")
    source = FamilySource(replace(config, data=replace(config.data, styles=["bokeh"], shares=[])))
    learnt, asked = (source.paint(torch.zeros(count, dtype=torch.long), torch.Generator().manual_seed(seed)) for count, seed in ((48, 5), (24, 6)))
    figures = []
    for steps in (0, 12):
        torch.manual_seed(0)
        trunk = Trunk(config.network, 1)
        begin_at_families(trunk, source, fit_steps=steps)
        figures.append(explained(trunk, learnt, asked))
    assert figures[1] > figures[0] + 0.02, figures
