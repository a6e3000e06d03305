"""What prepare does when something breaks under it, and the report it ends with."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import TRAINING, run_step
from recordings import tone, write

from pipeline.errors import InputError, RequestError
from pipeline.settings import CONFIGS
from sound import prepare
from sound.config import load_config
from sound.dataset import load_dataset
from sound.grid import Grid
from sound.sources import kinds
from sound.wrangling import duplicates, figures, outliers, take_inventory
from sound.wrangling_report import write_report


def start(corpus, *options, **popen) -> subprocess.Popen:
    whole = [sys.executable, "-m", "sound.prepare", "sound_narrow_tiny", "--out", str(corpus), "--jobs", "1", "--no-report", *options]
    return subprocess.Popen(whole, cwd=TRAINING, stderr=subprocess.PIPE, text=True, **popen)


def wait_for_a_preset(corpus, process) -> None:
    while not list(corpus.glob("closed*.json")) and process.poll() is None:
        time.sleep(0.02)


def test_a_killed_worker_ends_prepare_with_a_system_error_and_what_it_had_made_is_kept(tmp_path):
    corpus = tmp_path / "corpus"
    process = start(corpus)
    wait_for_a_preset(corpus, process)
    children = [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
    workers = [pid for pid in children if "spawn_main" in Path(f"/proc/{pid}/cmdline").read_text()]
    os.kill(workers[0], signal.SIGKILL)
    _, words = process.communicate()
    assert process.returncode == 4 and "worker process was killed" in words and "Traceback" not in words
    assert not (corpus / "corpus.json").exists() and list(corpus.glob("*.parquet"))


def test_prepare_killed_in_the_middle_goes_on_and_ends_with_the_same_corpus(tiny_corpus, tmp_path):
    corpus = tmp_path / "corpus"
    process = start(corpus, start_new_session=True)
    wait_for_a_preset(corpus, process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    made = {file: file.stat().st_mtime_ns for file in corpus.glob("*-*.json")}
    (corpus / "closed_form_tones-000-000.parquet.77.part").write_bytes(b"half")
    run_step("prepare", "sound_narrow_tiny", "--out", str(corpus), "--jobs", "1", "--no-report")
    assert made and all(file.stat().st_mtime_ns == before for file, before in made.items())
    for file in sorted(tiny_corpus.glob("*.parquet")):
        assert (corpus / file.name).read_bytes() == file.read_bytes()
    assert not list(corpus.glob("*.part"))


def _halve(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


@pytest.mark.parametrize(
    "damage",
    [
        [lambda rows: rows.unlink(), lambda rows: rows.with_suffix(".json").unlink(), _halve],
        [lambda rows: (rows.unlink(), rows.with_suffix(".json").unlink()), lambda rows: _halve(rows.with_suffix(".json")), lambda rows: rows.write_bytes(b"")],
    ],
)
def test_prepare_makes_what_was_lost_or_damaged_and_nothing_else(tiny_corpus, tmp_path, damage):
    corpus = tmp_path / "corpus"
    shutil.copytree(tiny_corpus, corpus)
    presets = sorted(corpus.glob("*.parquet"))
    content, made = ({file: read(file) for file in presets} for read in (Path.read_bytes, lambda file: file.stat().st_mtime_ns))
    for file, harm in zip(presets, damage):
        harm(file)
    with pytest.raises(InputError, match=r"corpus\.json says|unreadable"):
        load_dataset(corpus, Grid())
    run_step("prepare", "sound_narrow_tiny", "--out", str(corpus), "--jobs", "1", "--no-report")
    assert {file: file.read_bytes() for file in presets} == content
    assert presets[3].stat().st_mtime_ns == made[presets[3]]


def test_the_corpus_of_another_configuration_is_neither_extended_nor_trained_on(tiny_corpus):
    config = replace(load_config("sound_narrow_tiny"), corpus_sha256="0" * 64)
    with pytest.raises(RequestError, match="another configuration"):
        prepare.prepare(config, tiny_corpus, jobs=1)
    with pytest.raises(InputError, match="another configuration"):
        load_dataset(tiny_corpus, Grid(), config.corpus_sha256)


def test_a_full_disk_ends_prepare_with_one_message_and_no_half_file(tmp_path):
    corpus = tmp_path / "corpus"
    process = start(corpus, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)))
    _, words = process.communicate()
    assert process.returncode == 4 and words.count("error:") == 1 and "Traceback" not in words, words
    assert not list(corpus.glob("*.parquet")) and not list(corpus.glob("*.part"))


def own_config(tmp_path, folder):
    """A configuration of a folder of recordings."""
    (tmp_path / "own.toml").write_text(
        f'sources = [{{ name = "own", path = "{folder}", licence = "own recordings", sha256 = "{kinds.digest(str(folder))}" }}]\n'
        "programs = []\nkey_step = 1\nvelocities = [0.7]\nrange_margin = 0\nvariants = []\n"
    )
    narrow = (CONFIGS / "sound_narrow_tiny.toml").read_text()
    path = tmp_path / "config.toml"
    path.write_text(narrow.replace('corpus = "tones.toml"', 'corpus = "own.toml"'))
    return path


def test_a_folder_of_which_nothing_can_be_used_is_refused_with_the_reasons_kept(tmp_path):
    write(tmp_path / "own" / "silence.wav", np.zeros(48_000), 48_000)
    done = run_step("prepare", str(own_config(tmp_path, tmp_path / "own")), "--out", str(tmp_path / "corpus"), "--jobs", "1", expect=3)
    assert "not one note could be used" in done.stderr and "Traceback" not in done.stderr
    entries = json.loads((tmp_path / "corpus" / "corpus.json").read_text())["entries"]
    assert entries[0]["rejected"] == [{"note": "silence.wav", "why": "silent"}]


def test_the_report_counts_what_was_planted(tmp_path):
    """A note twice under two names, an offset, a file of silence, one without pitch; all else is clean."""
    own = tmp_path / "own"
    for key in range(55, 66):
        write(own / f"voice_{key}.wav", tone(key, 3.0, 48_000), 48_000)
    write(own / "other" / "copy_60.wav", tone(60, 3.0, 48_000), 48_000)
    write(own / "offset_57.wav", tone(57, 3.0, 48_000, program=1) * 0.5 + 0.2, 48_000)
    write(own / "silence.wav", np.zeros(48_000), 48_000)
    write(own / "hiss.wav", 0.1 * np.random.default_rng(0).standard_normal(96_000), 48_000)
    config = own_config(tmp_path, own)
    run_step("prepare", str(config), "--out", str(tmp_path / "corpus"), "--jobs", "1")
    found = json.loads((tmp_path / "corpus" / "report" / "figures.json").read_text())
    assert found["notes"] == 13 and found["left_out"]["own"]["reasons"] == {"silent": 1, "no clear pitch": 1}
    assert found["duplicates"]["notes"] == 2 and found["dc_above_minus_40_db"] == 1
    assert "velocity" in found["constant_columns"] and "key" not in found["constant_columns"]
    words = (tmp_path / "corpus" / "report" / "report.md").read_text()
    assert "own recordings" in words and "voice_60.wav" in words
    assert (tmp_path / "corpus" / "report" / "rejected.csv").read_text().count("\n") == 3
    for picture in ("balance", "measures", "notes"):
        assert (tmp_path / "corpus" / "report" / f"{picture}.png").stat().st_size > 10_000


def test_a_note_unlike_all_others_is_an_outlier(tiny_corpus):
    inventory = take_inventory(tiny_corpus)
    assert duplicates(inventory)["notes"] == 0
    inventory.attributes[5, 2] += 200
    assert outliers(inventory)[0][:2] == (5, "noisiness")
    assert figures(inventory)["outliers"] >= 1


def test_the_report_of_no_corpus_is_a_message(tmp_path):
    with pytest.raises(InputError, match="no finished corpus"):
        write_report(tmp_path, tmp_path / "report")
