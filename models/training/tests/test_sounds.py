"""Named sounds: found, written, read back; and controls that are measured from outside."""

import json
import tomllib

import numpy as np
import pytest
from conftest import run_step

from pipeline.errors import InputError
from sound.controls import Painter, measure_controls, style_directions
from sound.grid import Grid
from sound.onnx_model import Model
from sound.sounds import NAMES, PER_FAMILY, Seeds, choose, seeds_in

GRID = Grid()


def test_there_are_at_least_48_names_and_none_twice():
    names = [name for names in NAMES.values() for name in names]
    assert len(names) >= 48 and len(set(names)) == len(names)


def test_a_search_writes_sounds_of_the_families_it_knows(tiny, tmp_path):
    run_step("sounds", "sound_narrow_tiny", "--corpus", str(tiny.corpus), "--model", str(tiny.model), "--seeds", "200", "-o", str(tmp_path))
    files = {path.stem: tomllib.loads(path.read_text()) for path in tmp_path.glob("*.toml")}
    assert {file["tags"][0] for file in files.values()} == {"keys", "strings", "winds", "pluck", "texture"}
    assert len(files) == 5 * PER_FAMILY and len({file["seed"] for file in files.values()}) == len(files)
    assert (tmp_path / "sounds.png").stat().st_size > 10_000
    run_step("sounds", "sound_narrow_tiny", "--corpus", str(tiny.corpus), "--model", str(tiny.model), "--seeds", "200", "-o", str(tmp_path))
    assert {path.stem: tomllib.loads(path.read_text()) for path in tmp_path.glob("*.toml")} == files, "names that had fitting seeds lose them"


def test_the_likeliest_seeds_are_chosen_and_none_for_two_families():
    random = np.random.default_rng(0)
    log_odds = np.full((200, 2), -5.0)
    log_odds[:40, 0] = log_odds[40:80, 1] = 0.0
    zeros = {name: np.zeros(200) for name in ("noisiness", "attack", "decay")} | {"noisiness": np.arange(200.0)}
    played = Seeds(np.arange(200), random.normal(size=(200, 4)), log_odds, zeros, np.ones(200, dtype=bool), np.ones(200, dtype=bool), ())
    chosen = choose(played, ["keys", "strings"])
    assert max(chosen["keys"]) < 40 <= min(chosen["strings"]) and max(chosen["strings"]) < 80 < min(chosen["texture"])


def test_a_name_keeps_its_seed_while_that_is_likely():
    random = np.random.default_rng(0)
    log_odds = np.where(np.arange(200) < 40, 0.0, -5.0)[:, None]
    zeros = {name: np.zeros(200) for name in ("noisiness", "attack", "decay")}
    played = Seeds(np.arange(200), random.normal(size=(200, 4)), log_odds, zeros, np.ones(200, dtype=bool), np.ones(200, dtype=bool), ())
    free = choose(played, ["keys"])
    likely, unlikely = next(seed for seed in range(20) if seed not in free["keys"] + free["texture"]), 150  # the twenty likeliest are looked at
    chosen = choose(played, ["keys"], {"Attic": likely, "Slate": unlikely})["keys"]
    assert chosen[NAMES["keys"].index("Attic")] == likely and unlikely not in chosen
    assert len(set(chosen)) == len(chosen) and max(chosen) < 40


def test_a_broken_sound_file_is_named(tmp_path):
    (tmp_path / "attic.toml").write_text("seed = 12\n")
    assert seeds_in(tmp_path) == {"Attic": 12}
    (tmp_path / "slate.toml").write_text("seed = = 3")
    with pytest.raises(InputError, match="slate.toml"):
        seeds_in(tmp_path)


def test_a_pad_that_dies_away_is_not_called_a_pad():
    dying = np.arange(200) < 100
    played = Seeds(np.arange(200), np.zeros((200, 4)), np.where(dying, 0.0, -5.0)[:, None], {name: np.arange(200.0) for name in ("noisiness", "attack", "decay")}, ~dying, np.ones(200, dtype=bool), ())
    assert min(choose(played, ["pad"])["pad"]) >= 100


def test_a_seed_that_jumps_an_octave_bears_no_name():
    jumping = np.arange(200) < 100
    played = Seeds(np.arange(200), np.zeros((200, 4)), np.where(jumping, 0.0, -5.0)[:, None], {name: np.arange(200.0) for name in ("noisiness", "attack", "decay")}, np.ones(200, dtype=bool), ~jumping, ())
    chosen = choose(played, ["keys"])
    assert min(chosen["keys"] + chosen["texture"]) >= 100


def brightening_painter() -> Painter:
    """Harmonics fall by 3 dB each, less where the first number of the style offset is high; nothing else matters."""

    def paint(latent, key, attributes, offset):
        slope = -3.0 + np.tanh(offset[:, 0])
        level = np.maximum(slope[:, None] * np.arange(GRID.num_rows), -80)[:, :, None] * np.ones(GRID.num_columns)
        return level, np.zeros_like(level), np.full((len(key), GRID.num_bands, GRID.num_columns), -90.0)

    return Painter(paint, 4, 6)


def test_a_direction_is_found_where_it_lies():
    warmth = style_directions(brightening_painter())["warmth"]
    assert warmth[0] < 0 and np.abs(warmth[1:]).max() < 0.05 * abs(warmth[0])


def test_a_direction_that_moves_nothing_does_not_ship():
    names = [control["name"] for control in measure_controls(brightening_painter())]
    assert "warmth" in names and "movement" not in names


def test_controls_can_be_measured_again_on_a_model_that_is_exported(tiny, tmp_path):
    path = tmp_path / "again.onnx"
    run_step("controls", "--model", str(tiny.model), "-o", str(path), "--version", "1.1.0")
    before, after = Model.load(tiny.model), Model.load(path)
    assert after.manifest["version"] == "1.1.0" and len(after.manifest["controls"]) >= 4
    for old, new in zip(before.manifest["controls"], after.manifest["controls"][:4]):
        assert abs(old["effect"]["per_unit"] - new["effect"]["per_unit"]) < 0.02 * max(1.0, abs(old["effect"]["per_unit"]))
    notes = [m.generate(np.ones((1, 8)), [60], [0.7], np.zeros((1, 4))) for m in (before, after)]
    assert all(np.array_equal(a, b) for a, b in zip(*notes))
    assert json.dumps(after.manifest, allow_nan=False)
