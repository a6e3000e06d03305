"""Geometry, noise, colours, palettes and families: what pictures are made of."""

import numpy as np
import pytest
import torch

from picture.colour import oklab_to_linear, oklab_to_srgb, sort_palette, srgb_to_oklab
from picture.config import load_config
from picture.dataset import FamilySource
from picture.families import FAMILIES
from picture.fields import huge, large
from picture.geometry import CELLS_PER_UNIT, Frame, centred, frame_noise, noise_map
from picture.losses import MASS_CELLS, mass_loss, pairing_loss, texture_loss
from picture.network import RESIDUAL_BOUND, Generator
from picture.paint import paint, sampling_matrix, upsample
from picture.palette_of import palette_of
from picture.palettes import random_palettes
from pipeline.seeded import normal


def test_all_sizes_of_one_shape_have_the_same_frame():
    frames = [Frame.of_size(w, h) for w, h in ((320, 180), (1920, 1080), (15360, 8640))]
    assert len({(f.rows, f.columns) for f in frames}) == 1
    for frame in frames:
        np.testing.assert_allclose([frame.width_units, frame.height_units], [8 * 16 / 9, 8], rtol=1e-12)


@pytest.mark.parametrize("size", [(1, 1), (1, 1000), (100_000, 1), (333, 777), (16384, 16384)])
def test_a_grid_is_even_covers_its_picture_and_stays_bounded(size):
    frame = Frame.of_size(*size)
    assert frame.rows % 2 == frame.columns % 2 == 0
    assert frame.rows >= frame.height_units - 1e-6 and frame.columns >= frame.width_units - 1e-6
    assert 2 <= min(frame.rows, frame.columns) and max(frame.rows, frame.columns) <= 64


def test_y_runs_from_minus_one_to_one_over_any_picture_of_eight_units_or_more():
    for size in ((100, 100), (160, 90), (90, 160)):
        frame = Frame.of_size(*size)
        y, step = frame.feature_y(), 2 / max(frame.height_units, 8) / 8
        assert y[0] <= -1 + step and y[-1] >= 1 - step
        np.testing.assert_allclose(y, -y[::-1], atol=1e-6)


def test_a_wider_picture_has_the_same_noise_around_its_centre():
    square, wide = (frame_noise(7, Frame.of_size(w, 8)) for w in (8, 16))
    for narrow, broad in zip(square, wide):
        spare = (broad.shape[2] - narrow.shape[2]) // 2
        np.testing.assert_array_equal(narrow, broad[:, :, spare : spare + narrow.shape[2]])


def test_noise_is_the_contracts_formula():
    index = ((3 * 4096) + (-5) + 2048) * 4096 + 7 + 2048
    assert noise_map(9, 8, 4, range(-5, -4), range(7, 8))[3, 0, 0] == pytest.approx(float(normal(9, 8, index)), abs=1e-6)
    assert list(centred(4, 1)) == [-3, -2, -1, 0, 1, 2]


def test_smoothed_noise_keeps_its_variance():
    noise = torch.randn(4, 8, 64, 64, generator=torch.Generator().manual_seed(0))
    for field in (large(noise), huge(noise)):
        assert field.shape == noise.shape and 0.85 < field[:, :, 8:-8, 8:-8].std() < 1.15


def test_white_black_and_primaries_have_the_published_oklab():
    table = {(1, 1, 1): (1, 0, 0), (0, 0, 0): (0, 0, 0), (1, 0, 0): (0.62796, 0.22486, 0.12585), (0, 0, 1): (0.45201, -0.03246, -0.31153)}
    for rgb, lab in table.items():
        np.testing.assert_allclose(srgb_to_oklab(torch.tensor([rgb], dtype=torch.float64))[0], lab, atol=2e-4)


def test_colours_survive_a_round_trip():
    colours = torch.rand(500, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(oklab_to_srgb(srgb_to_oklab(colours)), colours, atol=1e-4, rtol=0)


def test_random_palettes_are_sorted_and_inside_srgb():
    palettes = random_palettes(500, torch.Generator().manual_seed(2))
    assert (palettes[:, 1:, 0] >= palettes[:, :-1, 0]).all()
    linear = oklab_to_linear(palettes)
    assert linear.min() > -0.02 and linear.max() < 1.02
    torch.testing.assert_close(sort_palette(palettes.flip(1)), palettes)


def test_the_palette_of_a_picture_of_five_colours_is_those_five():
    colours = np.array([[10, 10, 40], [90, 30, 30], [60, 120, 60], [200, 160, 60], [240, 240, 250]], dtype=np.uint8)
    picture = np.repeat(np.repeat(colours[None, np.random.default_rng(0).permutation(5)], 40, axis=0), 8, axis=1)
    expected = srgb_to_oklab(torch.from_numpy(colours / 255)).numpy()
    np.testing.assert_allclose(palette_of(picture), expected[np.argsort(expected[:, 0])], atol=1e-4)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_paints_weights_that_sum_to_one_and_a_bounded_residual(name):
    config = load_config("picture")
    source = FamilySource(config)
    batch = source.paint(torch.full((3,), source.styles.index(name)), torch.Generator().manual_seed(5))
    assert batch.weights.isfinite().all() and batch.residual.isfinite().all()
    torch.testing.assert_close(batch.weights.sum(dim=1), torch.ones(3, config.data.size, config.data.size), atol=1e-4, rtol=0)
    assert batch.weights.min() >= -1e-6 and batch.residual.abs().max() <= RESIDUAL_BOUND + 1e-6
    assert batch.picture[:, 0].std() > 0.01  # something is to be seen
    again = source.paint(torch.full((3,), source.styles.index(name)), torch.Generator().manual_seed(5))
    assert torch.equal(batch.picture, again.picture)


def test_upsampling_keeps_constants_and_straight_lines():
    matrix = sampling_matrix(90, 8.0, 8 * CELLS_PER_UNIT)
    np.testing.assert_allclose(matrix.sum(axis=1), 1, atol=1e-12)
    places = (np.arange(256) + 0.5) / CELLS_PER_UNIT - 4
    np.testing.assert_allclose((matrix @ places)[2:-2], ((np.arange(90) + 0.5) / 90 - 0.5)[2:-2] * 8, atol=1e-9)


def test_two_sizes_of_one_seed_are_the_same_picture():
    random = np.random.default_rng(0)
    rough = random.normal(0, 2, (6, 8, 16))
    cells = upsample(np.repeat(np.repeat(rough, 32, axis=1), 32, axis=2), Frame(16.0, 8.0), 512, 256)
    palette = random_palettes(1, torch.Generator().manual_seed(1))[0].numpy()
    small, big = paint(cells, 256, 128, palette), paint(cells, 1024, 512, palette)
    assert np.abs(big.reshape(128, 4, 256, 4, 3).mean(axis=(1, 3)) - small).mean() < 0.01


def test_masses_of_colour_are_told_apart_and_texture_inside_a_square_is_not():
    source = FamilySource(load_config("picture_tiny"))
    batch = source.paint(torch.full((2,), source.styles.index("silk")), torch.Generator().manual_seed(3))  # folds everywhere
    exact = torch.cat([(batch.weights + 1e-6).log(), batch.residual], dim=1)
    assert (mass_loss(exact, batch) < 1e-3).all()
    shuffled = exact.unflatten(2, (-1, MASS_CELLS)).flip(3).flatten(2, 3)
    assert (mass_loss(shuffled, batch) < 1e-3).all() and (pairing_loss(shuffled, batch) > 0.02).all()
    other = torch.cat([exact[:, :5].flip(1), exact[:, 5:]], dim=1)
    assert (mass_loss(other, batch) > 0.1).all()


def test_a_blur_has_another_texture_and_edges_that_lie_a_little_off_have_the_same():
    """By the pixel it is the other way round: that is why the comparison of pixels alone paints blurs."""
    edges = torch.zeros(1, 3, 128, 128)
    for start in range(0, 128, 16):
        edges[:, 0, :, start : start + 8] = 0.5
    off = edges.roll(2, dims=3)
    blurred = torch.nn.functional.avg_pool2d(torch.nn.functional.pad(edges, (6, 6, 6, 6), mode="reflect"), 13, stride=1)
    torch.manual_seed(0)
    of_blur, of_shift, of_same = (texture_loss(picture, edges).item() for picture in (blurred, off, edges))
    assert of_same == 0 and of_blur > 5 * of_shift, (of_blur, of_shift)
    by_pixel = [(picture - edges).square().mean().item() for picture in (blurred, off)]
    assert by_pixel[0] < by_pixel[1]


def test_noise_moved_by_a_unit_moves_the_picture_by_a_unit():
    torch.manual_seed(0)
    trunk = Generator(load_config("picture_tiny").network, 3).trunk.eval()
    noise, medium, y = torch.randn(1, 16, 8, 25), torch.randn(1, 4, 32, 100), torch.linspace(-1, 1, 64)[None]
    conditions = torch.randn(1, 32), torch.tensor([[1.0, 0, 0]]), torch.rand(1, 5, 3), torch.zeros(1, trunk.offset_length)
    here, _ = trunk(*conditions, noise[..., :-1], medium[..., :-4], y)
    there, _ = trunk(*conditions, noise[..., 1:], medium[..., 4:], y)
    inside = slice(88, 104)  # far enough from both edges for every kernel
    assert torch.allclose(here[..., inside.start + 8 : inside.stop + 8], there[..., inside], atol=1e-4)
    assert not torch.allclose(here[..., inside.start + 4 : inside.stop + 4], there[..., inside], atol=1e-1)
