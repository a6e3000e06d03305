"""The tiny twin, end to end, through the commands a user types; and what happens when something is wrong."""

import json
import math
import shutil

import numpy as np
import pytest
import torch
from conftest import run_step

from sound.conditions import Whitening
from sound.config import load_config
from sound.dataset import load_dataset
from sound.evaluate import Model
from sound.evaluation import Evaluation
from sound.export import load_generator
from sound.grid import Grid
from sound.network import Discriminator, Generator
from sound.trainer import new_trainer


def test_the_exported_file_agrees_with_pytorch(tiny):
    assert tiny.export["onnx_difference"] < 1e-4


def test_the_exported_file_takes_any_number_of_notes(tiny):
    model = Model.load(tiny.model)
    one = model.generate(np.ones((1, 8)), [60], [0.7], np.zeros((1, 4)))
    three = model.generate(np.ones((3, 8)), [60] * 3, [0.7] * 3, np.zeros((3, 4)))
    for a, b in zip(one, three):
        np.testing.assert_allclose(a[0], b[2], atol=1e-3)


def test_outputs_stay_inside_their_ranges_and_rows_above_20_khz_are_silent(tiny):
    model, grid = Model.load(tiny.model), Grid()
    random = np.random.default_rng(0)
    level, deviation, noise = model.generate(random.normal(0, 3, (16, 8)), random.uniform(24, 96, 16), random.random(16), random.normal(0, 2, (16, 4)))
    assert level.max() <= 0 and level.min() >= -80.001
    assert np.abs(deviation).max() <= 50.001 and noise.min() >= -115.001 and noise.max() <= -9.999
    high = model.generate(np.ones((1, 8)), [96], [0.7], np.zeros((1, 4)))[0][0]
    np.testing.assert_allclose(high[~grid.valid_rows(96)], -80, atol=1e-3)


def test_training_moved_the_network_towards_the_data(tiny):
    config, dataset = load_config("sound_narrow_tiny"), load_dataset(tiny.corpus, Grid())
    evaluation = Evaluation(dataset, config.seed)
    trained, _ = load_generator(config, tiny.run)
    untrained = new_trainer(config, dataset).average
    before, after = (evaluation.measure(generator)["frechet"] for generator in (untrained, trained))
    assert after < 0.75 * before, (before, after)  # two seeds reached 0.14 and 0.49


def test_the_discriminator_sees_a_difference_between_two_real_looking_batches(tiny):
    dataset = load_dataset(tiny.corpus, Grid())
    torch.manual_seed(0)
    discriminator = Discriminator(load_config("sound_narrow_tiny").network, Grid())
    batch = dataset.draw(8, seed=1, step=0)
    score, attributes = discriminator(*batch.maps, batch.key, batch.velocity)
    shuffled, _ = discriminator(batch.level.flip(2), batch.deviation, batch.noise, batch.key, batch.velocity)
    assert score.shape == (8,) and attributes.shape == (8, 4)
    assert not torch.allclose(score, shuffled)


def test_neighbouring_keys_get_neighbouring_notes():
    torch.manual_seed(0)
    generator = Generator(load_config("sound_narrow").network, Grid()).eval()
    key = torch.tensor([60.0, 60.5, 84.0])
    level, _, _ = generator(torch.ones(3, 96), key, torch.full((3,), 0.7), torch.zeros(3, 4), torch.zeros(3, 96))
    assert (level[0] - level[1]).abs().mean() < (level[0] - level[2]).abs().mean()


def test_whitened_attributes_have_unit_variance_and_no_correlation():
    random = np.random.default_rng(0)
    key = random.uniform(30, 90, 4000)
    raw = random.normal(0, 1, (4000, 4)) @ random.normal(0, 1, (4, 4)) + 0.05 * key[:, None]
    whitened = Whitening.fit(raw, key, np.ones(4000)).apply(raw, key)
    np.testing.assert_allclose(np.cov(whitened.T), np.eye(4), atol=0.06)


@pytest.mark.parametrize(
    ("step", "arguments", "code", "message"),
    [
        ("prepare", ["no_such"], 2, "no configuration 'no_such'"),
        ("train", ["sound_narrow_tiny", "--corpus", "/nowhere"], 3, "run `models prepare` first"),
        ("export", ["sound_narrow_tiny", "--corpus", "TINY", "--run", "/nowhere"], 3, "run `models train` first"),
        ("evaluate", ["sound_narrow_tiny", "--corpus", "TINY", "--model", "/nowhere.onnx"], 3, "/nowhere.onnx: not an Understory sound model"),
    ],
)
def test_a_wrong_request_ends_with_one_message(tiny, step, arguments, code, message):
    done = run_step(step, *(str(tiny.corpus) if a == "TINY" else a for a in arguments), expect=code)
    assert message in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.count("error:") == 1


def test_an_unknown_setting_is_named(tmp_path):
    source = load_config("sound_narrow_tiny")  # proves that the unchanged one is fine
    assert source.name == "sound-tiny"
    from pipeline.settings import CONFIGS

    for name in ("tones.toml", "sound_narrow_tiny.toml"):
        shutil.copy(CONFIGS / name, tmp_path / name)
    path = tmp_path / "sound_narrow_tiny.toml"
    path.write_text(path.read_text().replace("batch = 16", "batch = 16\nbach = 17"))
    done = run_step("prepare", str(path), "--out", str(tmp_path / "corpus"), expect=2)
    assert "unknown setting 'bach'" in done.stderr


def test_the_manifest_tells_what_the_file_holds(tiny):
    facts = Model.load(tiny.model).manifest
    assert facts["schema_version"] == 1 and facts["training"]["samples_seen"] == 2048
    assert facts["grid"]["column_times_s"] == Grid().column_times_s
    assert [c["name"] for c in facts["controls"]][:4] == ["brightness", "attack", "noisiness", "decay"]
    assert all(c["effect"]["spearman"] > 0.9 for c in facts["controls"] if c["kind"] == "style")
    known = {c["name"] for c in facts["controls"]}
    assert len(facts["moods"]) >= 6 and all(set(mood["controls"]) <= known for mood in facts["moods"])
    assert all(math.isfinite(c["effect"]["spearman"]) for c in facts["controls"])


def test_the_wide_twin_trains_and_exports_on_the_same_corpus(tiny, tmp_path):
    run_step("train", "sound_tiny", "--corpus", str(tiny.corpus), "--out", str(tmp_path / "run"))
    done = run_step("export", "sound_tiny", "--corpus", str(tiny.corpus), "--run", str(tmp_path / "run"), "--out", str(tmp_path / "wide.onnx"), "--json")
    facts = json.loads(done.stdout.splitlines()[-1])
    assert facts["onnx_difference"] < 1e-4 and facts["parameters"] > tiny.export["parameters"]


def test_both_networks_are_of_the_size_that_the_product_can_afford():
    sizes = {name: sum(p.numel() for p in Generator(load_config(name).network, Grid()).parameters()) for name in ("sound_narrow", "sound")}
    assert 4 * sizes["sound_narrow"] < 2_000_000 and 800_000 < sizes["sound"] and 4 * sizes["sound"] < 8_000_000
