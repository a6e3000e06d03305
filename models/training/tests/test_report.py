"""The report says what it measured, and nothing that is not a number."""

import copy
import json

import numpy as np
import pytest
from conftest import run_step

from pipeline.errors import InputError
from sound.evaluate import finite
from sound.gates import gates
from sound.metrics import bins_apart
from sound.report import to_markdown


@pytest.fixture(scope="module")
def figures(tiny, tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("report")
    run_step("evaluate", "sound_narrow_tiny", "--corpus", str(tiny.corpus), "--model", str(tiny.model), "--out", str(folder))
    assert (folder / "generated.png").stat().st_size > 10_000
    return json.loads((folder / "figures.json").read_text())


def test_the_model_lies_between_real_notes_and_noise(figures):
    assert figures["frechet"]["other"] < figures["frechet"]["model"] < figures["frechet"]["noise"]
    assert figures["bins"]["real"]["divergence_bits"] < figures["bins"]["noise"]["divergence_bits"]


def test_every_gate_has_a_verdict_that_follows_its_figure(figures):
    better = copy.deepcopy(figures)
    better["texture"]["model"] = dict(figures["texture"]["real"]) | {"cells_above_0_db": 0.0}
    verdicts = {gate.name: gate.met for gate in gates(better)}
    assert verdicts["level_jitter_db"] and verdicts["checkerboard"]
    better["texture"]["model"]["level_jitter_db"] *= 1.3
    assert not {gate.name: gate.met for gate in gates(better)}["level_jitter_db"]


def test_a_report_beside_another_has_its_figures_in_a_column_of_their_own(figures):
    other = copy.deepcopy(figures)
    other["model"]["name"], other["ms_per_note"] = "older", 987.0
    text = to_markdown(figures, other)
    assert "| older |" in text and "987.00 ms" in text and "987.00 ms" not in to_markdown(figures)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_figure_that_is_no_number_is_named(bad):
    with pytest.raises(InputError, match=r"figures\.keys\[1\]\.cents"):
        finite({"keys": [{"cents": 0.0}, {"cents": bad}]})


def test_halves_of_one_set_differ_in_about_one_bin_of_twenty():
    random = np.random.default_rng(0)
    real, half, far = random.normal(0, 1, (4000, 6)), random.normal(0, 1, (4000, 6)), random.normal(0.5, 1, (4000, 6))
    assert bins_apart(real, half)["different_bins"] <= 0.15 < 0.5 < bins_apart(real, far)["different_bins"]
