"""The importer against numbers that Magenta's own code made, and against checkpoints that are early, large or damaged."""

import io
import json
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnxruntime
import pytest
import torch
from gansynth_checkpoint_writer import write_checkpoint

from gansynth import mel
from gansynth.architecture import AVERAGED, SCOPE, find_checkpoint, read_architecture
from gansynth.crc32c import crc32c
from gansynth.import_checkpoint import main
from gansynth.network import paint
from pipeline.command import run

VECTORS = Path(__file__).parent / "gansynth_vectors"
TINY = VECTORS / "ema_only_tiny"
CHANNELS_TINY, CHANNELS_FULL = [32, 32, 32, 32, 16, 8, 4], [256, 256, 256, 256, 128, 64, 32]


def import_model(folder: Path, path: Path, *arguments: str, expect: int = 0) -> tuple[str, str]:
    """Runs the import as a user's command does, in this process; gives what it wrote to stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", ["import", str(folder), "-o", str(path), *arguments]):
        try:
            run(main)
            code = 0
        except SystemExit as end:
            code = end.code
    assert code == expect, err.getvalue()
    return out.getvalue(), err.getvalue()


def run_model(path: Path, latent: np.ndarray, key: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["mel"], {"latent": latent, "key": key.astype(np.float32)})[0]


def level_db(error: np.ndarray, signal: np.ndarray) -> float:
    return float(10 * np.log10(np.square(error).sum() / np.square(signal).sum()))


def random_variables(channels: list[int], step: int, seed: int = 5) -> dict[str, np.ndarray]:
    """Weights as Magenta stores them, of the first `len(channels)` blocks."""
    generator = np.random.default_rng(seed)
    sizes = [((2, 16) if block == 0 else (3, 3), 317 if block == 0 else channels[block - 1], count) for block, count in enumerate(channels)]
    variables: dict[str, np.ndarray] = {"global_step": np.array(step, dtype=np.int64)}
    for block, (kernel, inputs, count) in enumerate(sizes, start=1):
        layers = {"conv0": (*kernel, inputs, count), "conv1": (3, 3, count, count), "to_rgb": (1, 1, count, 2)}
        for layer, shape in layers.items():
            variables[f"{SCOPE}{block}/{layer}/conv2d/kernel{AVERAGED}"] = generator.standard_normal(shape, dtype=np.float32)
            variables[f"{SCOPE}{block}/{layer}/bias{AVERAGED}"] = 0.1 * generator.standard_normal(shape[-1:], dtype=np.float32)
    return variables


@pytest.fixture(scope="module")
def vectors() -> dict[str, np.ndarray]:
    return dict(np.load(VECTORS / "vectors.npz"))


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("gansynth") / "tiny.onnx"
    import_model(TINY, path)
    return path


def test_crc32c_of_the_standard_check_string_and_of_long_data_cut_anywhere():
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA  # RFC 3720, B.4
    assert crc32c(bytes(range(32))) == 0x46DD794E
    assert crc32c(bytes(range(32)) * 300) == byte_by_byte(bytes(range(32)) * 300)


def byte_by_byte(data: bytes) -> int:
    """The definition: one bit at a time."""
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = state >> 1 ^ (0x82F63B78 if state & 1 else 0)
    return state ^ 0xFFFFFFFF


def test_the_mel_matrix_is_magentas_with_its_aliasing(vectors):
    expected = np.zeros((1024, 1024))
    expected[vectors["matrix_rows"], vectors["matrix_columns"]] = vectors["matrix_values"]
    np.testing.assert_allclose(mel.linear_to_mel(), expected, atol=1e-11)


def test_a_picture_decodes_to_magentas_samples_within_minus_90_db(vectors):
    samples = mel.decode(vectors["signal_mel"][None])[0]
    assert level_db(samples - vectors["signal_wave_from_mel"], vectors["signal_wave_from_mel"]) < -90


def test_an_imported_network_paints_and_sounds_as_magentas(tiny_model, vectors):
    found = run_model(tiny_model, vectors["z"], vectors["pitch"])
    difference = np.abs(found.reshape(2, -1)[:, ::3] - vectors["mel_every_third"])
    # Single cells lie where pixel norm divides by almost nothing. There Magenta's own float32 run is 1.3e-3 from the same
    # arithmetic in float64, so no other order of additions can promise less.
    assert np.mean(difference > 1e-3) < 1e-5
    assert difference.max() < 3e-3
    samples = mel.decode(found[:1])
    assert level_db(samples - vectors["wave"], vectors["wave"]) < -60


def test_settings_beside_the_checkpoint_give_the_same_model(tmp_path, tiny_model):
    folder = tmp_path / "run" / "stage_00012"
    folder.mkdir(parents=True)
    for file in TINY.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (tmp_path / "experiment.json").write_text((VECTORS / "experiment_tiny.json").read_text())
    import_model(tmp_path / "run", tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == tiny_model.read_bytes()


@pytest.mark.parametrize(("num_blocks", "step", "weights"), [(4, 4_400_000, [0, 0, 0.5, 0.5]), (7, 9_000_000, [0, 0, 0, 0, 0, 0.75, 0.25]), (3, 3_200_000, [0, 0, 1])])
def test_a_checkpoint_in_the_middle_of_a_fade_blends_its_last_two_blocks(tmp_path, num_blocks, step, weights):
    write_checkpoint(tmp_path / f"model.ckpt-{step}", random_variables(CHANNELS_TINY[:num_blocks], step))
    architecture = read_architecture(find_checkpoint(tmp_path), {})
    assert [architecture.weight_of(block) for block in range(1, num_blocks + 1)] == pytest.approx(weights)
    import_model(tmp_path, tmp_path / "early.onnx")
    latent = np.random.default_rng(1).standard_normal((2, 256), dtype=np.float32)
    found = run_model(tmp_path / "early.onnx", latent, np.array([24, 84]))
    picture = paint(architecture, torch.from_numpy(latent), torch.tensor([0, 60])).permute(0, 2, 3, 1).numpy()
    expected = (picture - [0.113718730221, 0]) / [0.0661371661726, 0.8]
    assert np.abs(found - expected).max() < 1e-2


def test_a_network_of_full_size_is_imported_within_a_minute(tmp_path):
    write_checkpoint(tmp_path / "model.ckpt-11000000", random_variables(CHANNELS_FULL, 11_000_000))
    start_s = time.monotonic()
    out, _ = import_model(tmp_path, tmp_path / "full.onnx", "--json")
    assert time.monotonic() - start_s < 60
    assert json.loads(out.splitlines()[-1])["parameters"] == 7_311_246


def test_settings_of_another_network_are_refused_by_name(tmp_path):
    flags = json.loads((VECTORS / "experiment_tiny.json").read_text())
    for name, value in [("data_type", "linear"), ("to_rgb_activation", "sigmoid"), ("simple_arch", True)]:
        with pytest.raises(Exception, match=name):
            read_architecture(find_checkpoint(TINY), flags | {name: value})


@pytest.mark.parametrize("fault", ["empty folder", "no folder", "cut data", "flipped weight", "flipped index", "text index", "no data", "bad json", "not a generator", "not finite"])
def test_a_damaged_checkpoint_gets_one_message_and_writes_nothing(tmp_path, fault):
    folder = tmp_path / "model"
    prefix = folder / "model.ckpt-11000000"
    variables = random_variables(CHANNELS_TINY[:2], 11_000_000)
    if fault == "not a generator":
        variables = {"weights": np.zeros(3, dtype=np.float32)}
    if fault == "not finite":
        variables[f"{SCOPE}1/conv1/bias{AVERAGED}"][0] = np.nan
    if fault == "empty folder":
        folder.mkdir()
    elif fault != "no folder":
        write_checkpoint(prefix, variables)
    index, data = prefix.with_name(prefix.name + ".index"), prefix.with_name(prefix.name + ".data-00000-of-00001")
    match fault:
        case "cut data":
            data.write_bytes(data.read_bytes()[:-1000])
        case "flipped weight" | "flipped index":
            target = data if fault == "flipped weight" else index
            content = bytearray(target.read_bytes())
            content[len(content) // 2] ^= 0x10
            target.write_bytes(content)
        case "text index":
            index.write_text("all models are wrong\n" * 20)
        case "no data":
            data.unlink()
        case "bad json":
            (folder / "experiment.json").write_text("{")
    _, err = import_model(folder, tmp_path / "out.onnx", expect=3)
    assert err.startswith("error: ") and err.count("\n") == 1
    assert not (tmp_path / "out.onnx").exists()


def test_a_file_that_is_there_is_kept(tmp_path):
    (tmp_path / "mine.onnx").write_text("mine")
    import_model(TINY, tmp_path / "mine.onnx", expect=2)
    assert (tmp_path / "mine.onnx").read_text() == "mine"
