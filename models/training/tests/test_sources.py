"""A user's recordings, in every form they come in, against what is known of them."""

import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from recordings import add_sample_chunk, nsynth, tone, write

from pipeline.errors import InputError
from sound import prepare
from sound.config import CorpusConfig, Source, Variant, load_config
from sound.corpus_row import admit
from sound.grid import Grid
from sound.pitch import hear
from sound.sources import folder, kinds, sfz
from sound.sources.found import Found
from sound.sources.key_names import key_in, velocity_in
from sound.sources.recorded_notes import candidates
from sound.sources.recording import Unusable, is_clipped, read

NO_VARIANTS = CorpusConfig([], [], 1, [0.7], 0, [])
TIMES = np.asarray(Grid().column_times_s)


def taken(path, config=NO_VARIANTS):
    """(name, row, pitch) of what the corpus takes of a source, and (name, reason) of what it leaves out."""
    found, rejected = kinds.find(str(path))
    rows, left_out = [], [(r.note, r.why) for r in rejected]
    for name, candidate, pitch in candidates(config, found):
        row = candidate.why if hasattr(candidate, "why") else admit(candidate, "s", "CC0")
        (left_out.append((name, row)) if isinstance(row, str) else rows.append((name, row, pitch)))
    return rows, left_out


def level(row) -> np.ndarray:
    return np.frombuffer(row["level_db"], dtype=np.float16).reshape(64, 128).astype(float)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("Cello_C#4_mf", 61), ("vox-060", 60), ("Bb2", 46), ("string_acoustic_014-057-100", 57), ("piano A-1", 9), ("Flute.vib.ff.Eb5", 75),
        ("Take 3", None), ("2021-05-17 recording", None), ("bass", None), ("Pad_Cs3_v127", 49), ("E", None), ("kit 808", None),
    ],
)  # fmt: skip
def test_a_key_is_read_from_a_name_that_has_one_and_from_no_other(words, key):
    assert key_in(words) == key


@pytest.mark.parametrize(
    ("words", "velocity"), [("C4_v127", 1.0), ("A3 vel 64", 64 / 127), ("Cello_C#4_mf", 0.65), ("x-060-050", 50 / 127), ("Bb2", None), ("f4_pp", 0.25)]
)
def test_a_velocity_is_read_from_a_name(words, velocity):
    assert velocity_in(words) == velocity


@pytest.mark.parametrize(("suffix", "rate_hz", "channels"), [(".wav", 44_100, 2), (".flac", 96_000, 1), (".ogg", 48_000, 2), (".mp3", 22_050, 1), (".aiff", 11_025, 6)])
def test_every_format_rate_and_number_of_channels_gives_the_same_note(tmp_path, suffix, rate_hz, channels):
    write(tmp_path / f"note{suffix}", tone(57, 3.4, rate_hz), rate_hz, channels)
    [(_, row, pitch)], left_out = taken(tmp_path)
    assert not left_out and pitch.key == row["key"] == 57 and pitch.key_from == "heard" and pitch.confidence > 0.8
    held = (TIMES > 0.3) & (TIMES < 2.8)
    expected = -4.8 * np.log2(np.arange(1, 9))  # the tone's slope at velocity 0.8
    np.testing.assert_allclose(level(row)[:8, held].mean(axis=1), expected, atol=1.0)


@pytest.mark.parametrize("seconds", [1.6, 3.0, 9.0])
def test_a_sustained_recording_of_any_length_lasts_until_the_release(tmp_path, seconds):
    write(tmp_path / "long.wav", tone(50, seconds, 48_000), 48_000)
    [(_, row, _)], _ = taken(tmp_path)
    total = level(row)[0]
    assert total[(TIMES > 0.2) & (TIMES < 2.85)].min() > -2.5
    assert total[TIMES > 3.6].max() < -40


@pytest.mark.parametrize("cents", [-45.0, 0.0, 30.0])
def test_a_recording_out_of_tune_is_put_right(tmp_path, cents):
    write(tmp_path / "a_C4.wav", tone(60, 3.0, 48_000, cents=cents), 48_000)
    [(_, row, pitch)], _ = taken(tmp_path)
    assert row["key"] == 60 and row["tuning_cents"] == pytest.approx(cents, abs=1.0)
    held = (TIMES > 0.3) & (TIMES < 2.8)
    assert level(row)[29, held].mean() == pytest.approx(-4.8 * np.log2(30), abs=1.0)


def test_names_that_count_octaves_otherwise_are_believed_for_the_letter_only(tmp_path):
    write(tmp_path / "a_C3.wav", tone(60, 3.0, 48_000), 48_000)
    [(_, row, pitch)], _ = taken(tmp_path)
    assert row["key"] == 60 and pitch.key_from == "name, another octave"


def test_the_key_of_a_samplers_chunk_is_used_when_the_name_has_none(tmp_path):
    path = write(tmp_path / "mysterious.wav", tone(62, 3.0, 44_100), 44_100)
    add_sample_chunk(path, 62)
    [(_, row, pitch)], _ = taken(tmp_path)
    assert row["key"] == 62 and pitch.key_from == "smpl" and pitch.confidence >= 0.9


def test_a_short_looped_sample_sounds_until_the_release(tmp_path):
    rate_hz, period = 48_000, 48_000 / 440
    samples = tone(69, 2.0, rate_hz)[round(0.3 * rate_hz) : round(0.9 * rate_hz)]
    path = write(tmp_path / "short_A4.wav", samples, rate_hz)
    add_sample_chunk(path, 69, (round(100 * period), round(200 * period)))
    [(_, row, _)], _ = taken(tmp_path)
    assert level(row)[0][(TIMES > 0.2) & (TIMES < 2.85)].min() > -3


def test_several_notes_in_one_file_become_one_note_each(tmp_path):
    write(tmp_path / "scale.wav", np.concatenate([tone(key, 1.8, 48_000) for key in (60, 64, 67)]), 48_000)
    rows, _ = taken(tmp_path)
    assert [row["key"] for _, row, _ in rows] == [60, 64, 67] and rows[1][0] == "scale.wav, sound 2"


def test_what_cannot_be_learnt_from_is_left_out_and_told_why(tmp_path):
    random = np.random.default_rng(0)
    write(tmp_path / "clipped_C4.wav", np.clip(4 * tone(60, 3.0, 48_000), -0.9, 0.9), 48_000)
    write(tmp_path / "hiss.wav", 0.1 * random.standard_normal(150_000), 48_000)
    write(tmp_path / "melody.wav", np.concatenate([tone(k, 0.5, 48_000)[14_400:38_400] for k in (60, 67, 64, 72, 62)]), 48_000)
    write(tmp_path / "named_wrongly_F4.wav", tone(60, 3.0, 48_000), 48_000)
    write(tmp_path / "silence.wav", np.zeros(48_000), 48_000)
    write(tmp_path / "stub_C4.wav", tone(60, 2.0, 48_000)[14_400:57_600], 48_000)  # 0.9 s, cut while it sounds
    (tmp_path / "broken.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEgarbage")
    (tmp_path / "cut.flac").write_bytes(write(tmp_path / "whole.flac", tone(60, 3.0, 48_000), 48_000).read_bytes()[:40])
    (tmp_path / "empty.wav").touch()
    (tmp_path / "notes.txt").write_text("not audio")
    (tmp_path / "phone.m4a").write_bytes(b"....")
    rows, left_out = taken(tmp_path)
    assert [name for name, _, _ in rows] == ["whole.flac"]
    reasons = dict(left_out)
    assert set(reasons) == {"clipped_C4.wav", "hiss.wav", "melody.wav", "named_wrongly_F4.wav", "silence.wav", "stub_C4.wav", "broken.wav", "cut.flac", "empty.wav", "phone.m4a"}
    for name, words in {
        "clipped_C4.wav": "clipped", "hiss.wav": "no clear pitch", "named_wrongly_F4.wav": "says key 65", "silence.wav": "silent",
        "stub_C4.wav": "too short to be held", "broken.wav": "cannot be read", "cut.flac": "cannot be read", "empty.wav": "cannot be read", "phone.m4a": "convert it",
    }.items():  # fmt: skip
        assert words in reasons[name], (name, reasons[name])


def test_a_clean_sine_at_full_scale_is_not_called_clipped_and_a_flat_top_is():
    sine = np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000).astype(np.float32)
    assert not is_clipped(sine) and is_clipped(np.clip(2 * sine, -1, 1)) and is_clipped(np.clip(sine, -0.5, 0.5))


def test_a_low_and_a_high_note_are_heard_with_confidence_and_noise_is_not():
    for key in (28, 45, 69, 93):
        heard = hear(tone(key, 2.0, 48_000)[14_400:], 48_000)
        assert 69 + 12 * np.log2(heard.f0_hz / 440) == pytest.approx(key, abs=0.05) and heard.confidence > 0.85
    assert hear(np.random.default_rng(1).standard_normal(96_000), 48_000).confidence < 0.5


def test_an_sfz_instrument_is_read_with_its_inheritance_defines_and_careless_paths(tmp_path):
    for name, key in (("Soft A3", 57), ("hard_c4", 60)):
        write(tmp_path / "Samples" / f"{name}.wav", tone(key, 3.0, 48_000), 48_000)
    (tmp_path / "more.txt").write_text("<region> sample=hard_C4.wav key=$MID lovel=100 // loud\n")
    (tmp_path / "cello.sfz").write_text(
        "#define $MID 60\n<control> default_path=samples\\\n<global> ampeg_release=0.5\n<group> hivel=60\n"
        "<region> sample=Soft A3.wav lokey=50 hikey=58 pitch_keycenter=a3\n<region> sample=Soft A3.wav lokey=59 hikey=62 pitch_keycenter=57\n"
        "<region> sample=gone.wav key=40\n<region> sample=*sine key=30\n<group>\n" '#include "more.txt"\n'
    )
    found, rejected = sfz.find(tmp_path / "cello.sfz")
    assert [(f.path.name, f.key, round(f.velocity * 127)) for f in found] == [("Soft A3.wav", 57, 30), ("hard_c4.wav", 60, 114)]
    assert [r.note for r in rejected] == ["gone.wav"] and found[0].family == "strings"
    rows, _ = taken(tmp_path)
    assert [row["key"] for _, row, _ in rows] == [57, 60]


def test_nsynths_layout_gives_keys_velocities_and_families(tmp_path):
    nsynth(tmp_path, [("string_acoustic_001", 57, 100), ("string_acoustic_001", 60, 25)])
    (tmp_path / "audio" / "string_acoustic_001-060-025.wav").unlink()
    [(name, row, pitch)], left_out = taken(tmp_path)
    assert (row["key"], row["preset"], row["family"], pitch.key_from) == (57, "string_acoustic_001", "strings", "mapping")
    assert row["velocity"] == pytest.approx(100 / 127) and left_out[0][0] == "string_acoustic_001-060-025"
    (tmp_path / "examples.json").write_text("[1, 2]")
    with pytest.raises(InputError, match="not NSynth's index"):
        kinds.find(str(tmp_path))


def test_a_folder_without_audio_is_refused(tmp_path):
    (tmp_path / "readme.txt").write_text("hello")
    with pytest.raises(InputError, match="no recordings in it"):
        kinds.find(str(tmp_path))


def test_a_recording_stands_in_for_the_keys_beside_it(tmp_path):
    write(tmp_path / "violin_A4.wav", tone(69, 3.0, 48_000), 48_000)
    config = replace(NO_VARIANTS, variants=[Variant("transposed", 1, ["strings"]), Variant("stacked", 1, ["strings"])])
    rows, left_out = taken(tmp_path, config)
    assert sorted((row["key"], row["variant"]) for _, row, _ in rows) == [(67, "transposed"), (68, "transposed"), (69, "plain"), (69, "stacked"), (70, "transposed"), (71, "transposed")]
    held = (TIMES > 0.3) & (TIMES < 2.8)
    for _, row, _ in rows:
        assert level(row)[0, held].min() > (-11 if row["variant"] == "stacked" else -1)  # a beat of 0.65 against 0.35 is 10.5 dB deep


def test_a_folder_is_prepared_as_a_corpus_and_each_rejected_file_is_recorded(tmp_path):
    songs = tmp_path / "own"
    for key in (55, 60, 64):
        write(songs / f"voice_{key}.wav", tone(key, 3.0, 44_100), 44_100)
    (songs / "broken.wav").write_bytes(b"no")
    source = Source("mine", str(songs), "own recordings", kinds.digest(str(songs)))
    config = replace(load_config("sound_narrow_tiny"), corpus=replace(NO_VARIANTS, sources=[source]))
    summary = prepare.prepare(config, tmp_path / "corpus", jobs=1)
    assert summary["notes"] == 3 and [r["note"] for e in summary["entries"] for r in e["rejected"]] == ["broken.wav"]
    assert pq.read_table(tmp_path / "corpus" / "mine-00000.parquet").column("key").to_pylist() == [55, 60, 64]
    assert json.loads((tmp_path / "corpus" / "corpus.json").read_text())["sources"][0]["licence"] == "own recordings"
    (songs / "voice_55.wav").unlink()
    with pytest.raises(InputError, match="SHA-256"):
        prepare.prepare(config, tmp_path / "corpus", jobs=1)


def test_the_louder_channel_is_taken(tmp_path):
    samples = tone(60, 3.0, 48_000)
    path = tmp_path / "right_C4.wav"
    soundfile.write(path, np.stack([np.zeros_like(samples), samples], axis=1), 48_000)
    assert np.abs(read(folder.find(tmp_path)[0][0])[0].samples).max() > 0.1


def test_a_file_longer_than_ten_minutes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "album.wav"
    soundfile.write(path, np.zeros(8_000 * 601, dtype=np.int16), 8_000)
    with pytest.raises(Unusable, match="longer than 10 minutes"):
        read(Found(path, "album.wav", "p", "own"))
