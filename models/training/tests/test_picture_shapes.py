"""The layers that draw outlines: each against its closed form, and where a network of families begins."""

import math
from dataclasses import replace

import pytest
import torch

from picture.begin import _maps, _read, _solved, _tones, begin_at_families
from picture.config import load_config
from picture.dataset import Batch, FamilySource
from picture.geometry import MEDIUM_CHANNELS, NOISE_CHANNELS
from picture.network import SHAPE_WIDTH, Trunk
from picture.shapes import REACH_UNITS, Discs, Facets, Reading, Ridges, _offsets, _window

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
    offsets = _offsets(1, PER_UNIT)
    window = _window(offsets)
    edge = offsets.abs().amax(dim=-1) > REACH_UNITS - 1 / PER_UNIT
    assert edge.any() and window[edge].max() < 0.3
    assert window.max() > 0.99


def test_facets_have_one_tone_each_and_straight_edges_between():
    """Between two pieces the share is a logistic function of the distance from the line half way between them."""
    facets = Facets(CHANNELS, 1, 1, WISH, PER_UNIT)
    with torch.no_grad():
        for layer in (facets.gather, facets.signs, facets.tones, facets.sharpness):
            layer.weight.zero_()
            layer.bias.zero_()
        facets.sharpness.bias.fill_(3.0)
        facets.gather.weight[0, 0, 1, 1] = facets.tones.weight[0, 0] = 1.0
        units = torch.zeros(1, CHANNELS, UNITS, UNITS)
        units[:, 0, :, 3:] = 1.0  # pieces lie at the units' centres; those from the fourth column on are light
        drawn = facets(units, torch.zeros(1, WISH))[0, 0]
    _, x = places()
    wanted = torch.sigmoid(2 * math.exp(3.0) * (x - 3.0))  # |p - 2.5|^2 - |p - 3.5|^2 = 2 (p - 3)
    middle = slice(2 * PER_UNIT, 3 * PER_UNIT)
    assert (drawn[middle] - wanted).abs().max() < 0.02


def test_a_ridge_lies_where_its_height_and_the_fields_at_that_height_say():
    ridges = Ridges(1, WISH, 3)
    y = torch.linspace(-1 + 1 / 64, 1 - 1 / 64, 64)[None]  # eight units
    noise, large, medium = torch.zeros(1, NOISE_CHANNELS, 8, 8), torch.zeros(1, NOISE_CHANNELS, 8, 8), torch.zeros(1, MEDIUM_CHANNELS, 32, 32)
    noise[:, 0] = torch.arange(8.0)[:, None]  # at row r it is r: the ridge must take the row of its height
    with torch.no_grad():
        for layer in (ridges.height, ridges.coarse, ridges.medium, ridges.softness):
            layer.weight.zero_()
            layer.bias.zero_()
        ridges.height.bias.fill_(0.25)  # v = 5: half way between the rows 4 and 5
        ridges.coarse.bias[0] = 0.2
        ridges.softness.bias.fill_(math.log(0.1))
        side, depth = ridges(noise, large, medium, torch.zeros(1, WISH), y)[0]
    v = (y[0] + 1) * 4
    below = v - 5.0 + 0.2 * 4.5
    assert (side - torch.tanh(below / 0.1)[:, None]).abs().max() < 1e-4
    assert (depth - torch.exp(-below.abs() / 0.1)[:, None]).abs().max() < 1e-4


def test_a_reading_belongs_to_its_style_and_mixes_with_the_weights():
    reading = Reading(2, 3, 4)
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
