"""The tiny twin of pictures, end to end, through the commands a user types; and what happens when something is wrong."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from picture.config import load_config
from picture.dataset import FamilySource, cells_of
from picture.export import load_generator
from picture.geometry import Frame
from picture.manifest import reference_request
from picture.model_file import Model, Request
from picture.sources import open_source
from picture.train import EVALUATION_STEP, measure, new_trainer
from pipeline import checkpoint, start_file
from pipeline.errors import InputError, RequestError

TRAINING = Path(__file__).parent.parent


def run_picture_step(step: str, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess:
    """Runs `python -m picture.STEP` as a user's command does."""
    done = subprocess.run([sys.executable, "-m", f"picture.{step}", *arguments], cwd=TRAINING, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stderr
    return done


@dataclass(frozen=True)
class TinyPicture:
    run: Path
    model: Path
    export: dict


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> TinyPicture:
    root = tmp_path_factory.mktemp("picture")
    run, model = root / "run", root / "tiny.onnx"
    run_picture_step("train", "picture_tiny", "--out", str(run))
    done = run_picture_step("export", "picture_tiny", "--run", str(run), "--out", str(model), "--json")
    return TinyPicture(run, model, json.loads(done.stdout.splitlines()[-1]))


def tiny_request(model: Model, width: int, height: int) -> Request:
    base = reference_request(model.manifest["latent_length"], len(model.manifest["styles"]), model.manifest["style_length"])
    return Request(base.latent, base.style, base.palette, base.style_offset, base.seed, Frame.of_size(width, height))


def test_where_textures_are_compared_the_weights_of_the_grain_stay_and_the_others_move():
    tiny = load_config("picture_tiny")
    config = replace(tiny, training=replace(tiny.training, texture_weight=1.0))
    trainer = new_trainer(config, open_source(config, None))
    before = {name: value.clone() for name, value in trainer.generator.state_dict().items()}
    figures = trainer.train_step()
    assert figures.keys() == {"pairing", "mass", "texture"} and all(value > 0 for value in figures.values())
    after = trainer.generator.state_dict()
    assert torch.equal(after["head.detail.weight"], before["head.detail.weight"])
    assert not torch.equal(after["head.last.weight"], before["head.last.weight"])


def test_the_exported_file_agrees_with_pytorch(tiny):
    assert tiny.export["onnx_difference"] < 1e-3


@pytest.mark.parametrize("size", [(64, 64), (160, 90), (90, 160), (400, 40)])
@pytest.mark.parametrize("tile", [8, 20])
def test_tiled_is_bit_for_bit_untiled(tiny, size, tile):
    model = Model.load(tiny.model)
    request = tiny_request(model, *size)
    np.testing.assert_array_equal(model.cells(request), model.cells(request, tile=tile))


def test_the_manifest_describes_the_graphs_and_its_reference_holds(tiny):
    model = Model.load(tiny.model)
    facts = model.manifest
    for session, part in ((model.trunk, facts["trunk"]), (model.head, facts["head"])):
        for found, told in ((session.get_inputs(), part["inputs"]), (session.get_outputs(), part["outputs"])):
            assert [tensor.name for tensor in found] == [tensor["name"] for tensor in told]
            for tensor, facts_of_it in zip(found, told):
                fixed = [(a, b) for a, b in zip(tensor.shape, facts_of_it["shape"], strict=True) if isinstance(a, int)]
                assert all(a == b for a, b in fixed) and len(fixed) == sum(isinstance(b, int) for b in facts_of_it["shape"]), tensor.name
    spots = facts["reference"]["spots"]
    cells = model.cells(tiny_request(model, facts["reference"]["width"], facts["reference"]["height"]))
    for spot in spots:
        assert cells.flat[spot["index"]] == pytest.approx(spot["value"], abs=facts["tolerance"]["cells_abs"])
    assert facts["training"]["samples_seen"] == 256 and "nan" not in json.dumps(facts).lower()


def test_no_path_of_this_machine_is_in_the_file(tiny):
    content = tiny.model.read_bytes()
    assert str(TRAINING).encode() not in content and b"site-packages" not in content
    assert not any(node.doc_string for node in onnx.load(str(tiny.model)).graph.node)


def test_the_residual_stays_within_its_bound(tiny):
    model = Model.load(tiny.model)
    assert np.abs(model.cells(tiny_request(model, 160, 90))[5]).max() <= model.manifest["residual_bound"] + 1e-6


def test_training_moved_the_network_towards_the_pictures(tiny):
    config = load_config("picture_tiny")
    source = FamilySource(config)
    fixed = source.draw(24, EVALUATION_STEP)
    trained, samples, _ = load_generator(config, tiny.run)
    untrained = new_trainer(config, source).average
    before, after = (measure(generator, fixed, source.styles)["oklab_difference"] for generator in (untrained, trained))
    assert samples == 256 and after < before, (before, after)


def test_a_resumed_run_is_the_uninterrupted_run(tmp_path):
    """Across the change from pairs alone to the adversary, and across a penalty."""
    config = load_config("picture_tiny")
    config = replace(config, training=replace(config.training, paired_samples=16))
    source = FamilySource(config)
    straight, first, second = (new_trainer(config, source) for _ in range(3))
    for _ in range(3):
        first.train_step()
    checkpoint.save(tmp_path, first.state())
    second.restore(checkpoint.load(tmp_path, config.sha256))
    for _ in range(4):
        second.train_step()
    for _ in range(7):
        straight.train_step()
    for (name, a), (_, b) in zip(tensors(straight.state()), tensors(second.state()), strict=True):
        assert torch.equal(a, b), name


def tensors(state, name: str = ""):
    """Every tensor and number of a trainer's state: networks, average, optimizers' memories."""
    if isinstance(state, dict):
        for key, value in state.items():
            yield from tensors(value, f"{name}.{key}")
    elif not isinstance(state, (str, list, tuple, type(None))):
        yield name, torch.as_tensor(state)


def test_a_run_that_starts_from_another_has_its_networks_and_counts_its_samples(tmp_path):
    config = load_config("picture_tiny")
    source = FamilySource(config)
    before, after = new_trainer(config, source), new_trainer(replace(config, seed=config.seed + 1), source)
    for _ in range(2):
        before.train_step()
    checkpoint.save(tmp_path, before.state())
    after.start_from(checkpoint.load(tmp_path, None))
    assert (after.samples, after.samples_before) == (0, before.samples)
    for part in ("generator", "average", "generator_optimizer"):
        for (name, a), (_, b) in zip(tensors(getattr(before, part).state_dict()), tensors(getattr(after, part).state_dict()), strict=True):
            assert torch.equal(a, b), f"{part}{name}"


def test_a_file_of_networks_is_small_and_a_run_that_starts_from_it_paints_alike(tmp_path):
    config = load_config("picture_tiny")
    source = FamilySource(config)
    before, after = new_trainer(config, source), new_trainer(replace(config, seed=config.seed + 1), source)
    for _ in range(2):
        before.train_step()
    (tmp_path / "run").mkdir()
    checkpoint.save(tmp_path / "run", before.state())
    start_file.save(tmp_path / "networks", before.state())
    whole = sum(shard.stat().st_size for shard in (tmp_path / "run").glob("*.shard"))
    assert (tmp_path / "networks").stat().st_size < 0.4 * whole
    after.start_from(start_file.load(tmp_path / "networks"))
    assert (after.samples, after.samples_before) == (0, before.samples)
    batch = source.draw(4, EVALUATION_STEP)
    with torch.no_grad():
        difference = (cells_of(before.average, batch) - cells_of(after.average, batch)).abs().max()
    assert 0 < difference < 0.02, "half precision, and nothing else lost"
    after.train_step()


@pytest.mark.parametrize("content", [b"", b"no network", None])
def test_something_else_than_networks_to_start_from_is_refused_by_name(tmp_path, content):
    path = tmp_path / "start"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((InputError, RequestError), match=str(path)):
        start_file.load(path)


def test_networks_of_another_shape_or_other_styles_are_refused():
    config = load_config("picture_tiny")
    state = new_trainer(config, FamilySource(config)).state()
    wider = replace(config, network=replace(config.network, style_length=config.network.style_length + 1))
    with pytest.raises(RequestError, match="another shape"):
        new_trainer(wider, FamilySource(config)).start_from(state)
    other = replace(config, data=replace(config.data, styles=["nebula"]))
    with pytest.raises(RequestError, match="that run paints"):
        new_trainer(config, FamilySource(other)).start_from(state)


def test_the_report_has_floors_sheets_and_no_nan(tiny, tmp_path):
    run_picture_step("evaluate", "picture_tiny", "--model", str(tiny.model), "--pictures-per-style", "14", "-o", str(tmp_path))
    figures = json.loads((tmp_path / "figures.json").read_text(), parse_constant=lambda value: pytest.fail(value))
    for name in ("frechet", "sliced_wasserstein"):
        assert figures["distances"]["other"][name] < figures["distances"]["noise"][name]
    assert figures["product"]["seam_error"] == figures["product"]["loop_error"] == 0 and figures["product"]["hull_error"] < 1e-9
    assert {"pairs.png", "styles.png", "morphs.png", "report.md"} <= {p.name for p in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('source = "families"', 'source = "internet"'), "source must be"),
        (('"silk"', '"velvet"'), "unknown family 'velvet'"),
        (("size = 64", "size = 65"), "multiple of 32"),
        (("batch = 8", "batch = 0"), "at least 1"),
        (("batch = 8", "bach = 8"), "unknown setting 'bach'"),
    ],
)
def test_a_wrong_configuration_ends_with_one_message(tmp_path, change, words):
    path = tmp_path / "wrong.toml"
    path.write_text((TRAINING / "configs/picture_tiny.toml").read_text().replace(*change))
    with pytest.raises(RequestError, match=words):
        FamilySource(load_config(str(path)))


def test_commands_say_what_is_missing(tmp_path):
    assert "no checkpoint" in run_picture_step("export", "picture_tiny", "--run", str(tmp_path), expect=3).stderr
    (tmp_path / "bad.onnx").write_bytes(b"not a model")
    with pytest.raises(InputError, match="not an Understory picture model"):
        Model.load(tmp_path / "bad.onnx")
    with pytest.raises(RequestError, match="picture_tiny"):
        load_config("no_such")
    with pytest.raises(InputError, match="run `models prepare` first"):
        open_source(load_config("picture_folder"), str(tmp_path))


@pytest.mark.skipif(os.environ.get("UNDERSTORY_FP32") == "1", reason="bf16 was switched off by hand")
def test_a_network_of_nan_never_reaches_a_checkpoint():
    from pipeline.errors import Diverged

    config = load_config("picture_tiny")
    trainer = new_trainer(config, FamilySource(config))
    with torch.no_grad():
        trainer.generator.head.last.bias[0] = float("nan")
    with pytest.raises(Diverged):
        trainer.train_step()
