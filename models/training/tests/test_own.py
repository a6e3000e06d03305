"""Bring your own: a folder of recordings in mixed formats becomes a model that opens, with one command."""

import json

import numpy as np
import pytest
from conftest import run_step
from recordings import tone, write

from pipeline.errors import InputError, RequestError
from sound import own
from sound.evaluate import Model
from sound.own_estimate import QUALITY, Estimate


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    """Twenty notes of two instruments, one broken file."""
    folder = tmp_path_factory.mktemp("own") / "My Cello"
    for index, key in enumerate(range(48, 68)):
        suffix, rate_hz = [(".wav", 44_100), (".flac", 48_000), (".ogg", 48_000), (".mp3", 44_100)][index % 4]
        write(folder / ("slow" if index % 2 else "bright") / f"cello_{key}{suffix}", tone(key, 2.0 + 0.2 * index, rate_hz, program=index % 2), rate_hz, 1 + index % 2)
    (folder / "broken.wav").write_bytes(b"RIFF")
    return folder


def test_one_command_estimates_then_makes_a_model_of_a_folder(recordings, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = tmp_path / "cello.onnx"
    done = run_step("own", str(recordings), "--out", str(model), "--like", "sound_narrow_tiny", "--samples", "512", "--jobs", "1", "--threads", "1", "--json")
    facts = json.loads(done.stdout.splitlines()[-1])
    before, after = done.stderr.split("1 of 3:", 1)
    assert "21 notes found" in before and "to train" in before and "judgement" in before and "2 of 3" in after
    assert facts["notes_used"] >= 20 * 4 and facts["samples_per_s"] > 0
    opened = Model.load(model)
    assert opened.manifest["name"] == "my-cello" and opened.manifest["licence"].startswith("own recordings")
    assert opened.manifest["sources"][0]["sha256"]
    level, _, _ = opened.generate(np.ones((1, 8)), [60], [0.7], np.zeros((1, 4)))
    assert np.isfinite(level).all()
    assert "broken.wav" in (tmp_path / "cache").glob("understory/corpus/*/report/rejected.csv").__next__().read_text()
    again = run_step("own", str(recordings), "--out", str(model), "--like", "sound_narrow_tiny", expect=2)
    assert "already there" in again.stderr


@pytest.mark.parametrize(
    ("source", "options", "error", "words"),
    [
        ("/nowhere/at/all", [], RequestError, "no such file or folder"),
        ("EMPTY", [], InputError, "no recordings in it"),
        ("RECORDINGS", ["--like", "nothing"], RequestError, "no such configuration"),
        ("RECORDINGS", ["--minutes", "-3"], RequestError, "must be above 0"),
        ("RECORDINGS", ["--name", "a/b"], RequestError, "letters, digits"),
    ],
)
def test_a_wish_that_cannot_be_met_is_told_before_anything_is_written(recordings, tmp_path, source, options, error, words):
    (tmp_path / "empty").mkdir()
    place = {"EMPTY": str(tmp_path / "empty"), "RECORDINGS": str(recordings)}.get(source, source)
    with pytest.raises(error, match=words):
        own.main([place, "--out", str(tmp_path / "x.onnx"), *options])
    assert [file.name for file in tmp_path.iterdir()] == ["empty"]


def test_more_notes_promise_more():
    promises = [Estimate(n, 1.0, n, n, 1.0, 10.0, []).quality() for n in (10, 100, 1_000, 10_000)]
    assert promises == [words for _, words in QUALITY]
