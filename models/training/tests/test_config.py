"""A configuration is checked once, when it is read; the message names the setting."""

import shutil

import pytest

from pipeline.errors import RequestError
from pipeline.settings import CONFIGS
from sound.config import load_config


@pytest.mark.parametrize(
    ("line", "instead", "message"),
    [
        ("[network]", "[nettwork]", r"section \[network\] is missing"),
        ("batch = 16", 'batch = "many"', "batch is 'many', wanted int"),
        ("batch = 16", "batch = 0", "batch.* must be at least 1"),
        ("penalty_every = 8", "penalty_every = 0", "penalty_every.* must be at least 1"),
        ("seed = 1", "seed = -1", "seed must be from 0"),
        ("channels = [12, 12, 8, 8, 8]", "channels = [12, 12]", "channels must be five"),
        ("attribute_weights = [0.5, 0.5, 0.5, 0.5]", "attribute_weights = [0.5, 0.5, 0.5]", "attribute_weights must be 4"),
        ("attribute_weights = [0.5, 0.5, 0.5, 0.5]", "attribute_weights = [-0.5, 0.5, 0.5, 0.5]", "attribute_weights must be 4, none below 0"),
        ("tones.toml", "nowhere.toml", "nowhere.toml"),
    ],
)
def test_a_setting_no_step_can_work_with_is_named(tmp_path, line, instead, message):
    for name in ("tones.toml", "sound_narrow_tiny.toml"):
        shutil.copy(CONFIGS / name, tmp_path / name)
    path = tmp_path / "sound_narrow_tiny.toml"
    before = path.read_text()
    assert line in before
    path.write_text(before.replace(line, instead))
    with pytest.raises(RequestError, match=message):
        load_config(str(path))


@pytest.mark.parametrize(
    ("line", "instead", "message"),
    [
        ("key_step = 5\n", "key_step = 0\n", "key_step must be at least 1"),
        ("velocities = [0.4, 0.8]", "velocities = []", "a velocity"),
        ("sources = [{", "sauces = [{", "`sources`"),
        ('kind = "stacked"', 'kind = "upside down"', "variants must each be"),
        ('kind = "stacked"', 'kind = "vibrato"', "variants must each be another"),
        ("low = 45, high = 75", "low = 97, high = 99", "program 0: needs keys"),
    ],
)
def test_a_corpus_setting_that_cannot_be_played_is_named(tmp_path, line, instead, message):
    before = (CONFIGS / "tones.toml").read_text()
    assert line in before
    (tmp_path / "tones.toml").write_text(before.replace(line, instead, 1))
    shutil.copy(CONFIGS / "sound_narrow_tiny.toml", tmp_path / "mine.toml")
    with pytest.raises(RequestError, match=message):
        load_config(str(tmp_path / "mine.toml"))


@pytest.mark.parametrize("name", ["sound_narrow", "sound_narrow_tiny"])
def test_the_shipped_configurations_pass(name):
    assert load_config(name).training.samples > 0
