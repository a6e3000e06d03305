"""A network of somebody else becomes a model file by a short description, and wrong descriptions are refused by name."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from gansynth.import_checkpoint import main
from pipeline.command import run

RATE, SAMPLES, LATENT, LOW, HIGH = 16_000, 16_000, 5, 40, 50
DESCRIPTION = {
    "name": "theirs", "licence": "CC-BY-4.0", "attribution": "somebody", "kind": "wave", "latent": "z", "key": "pitch", "key_as": "one_hot",
    "output": "audio", "lowest_key": LOW, "highest_key": HIGH, "sample_rate_hz": RATE, "constants": {"psi": 0.5},
}  # fmt: skip


def write(folder: Path, key_port, key_nodes, key_weights=()) -> Path:
    """audio [1, 1, samples] = psi * sum(z) * sin(2 pi hertz t), hertz from `pitch` by `key_nodes`; a fixed batch, as exporters often leave it."""
    node = helper.make_node
    times = 2 * np.pi * np.arange(SAMPLES, dtype=np.float32)[None, None] / RATE
    nodes = [
        *key_nodes, node("Reshape", ["hertz", "cell"], ["hertz_1"]), node("Mul", ["hertz_1", "times"], ["phases"]), node("Sin", ["phases"], ["tone"]),
        node("ReduceSum", ["z", "axis"], ["sum"], keepdims=1), node("Reshape", ["sum", "cell"], ["sum_1"]), node("Mul", ["sum_1", "psi"], ["loud"]), node("Mul", ["tone", "loud"], ["audio"]),
    ]  # fmt: skip
    array = lambda value, name, dtype: numpy_helper.from_array(np.array(value, dtype=dtype), name)
    weights = [array(times, "times", np.float32), array([1, 1, 1], "cell", np.int64), array([1], "axis", np.int64), *key_weights]
    info = helper.make_tensor_value_info
    inputs = [info("z", TensorProto.FLOAT, [1, LATENT]), key_port, info("psi", TensorProto.FLOAT, [1])]
    graph = helper.make_graph(nodes, "theirs", inputs, [info("audio", TensorProto.FLOAT, [1, 1, SAMPLES])], weights)
    path = folder / "theirs.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    return path


def hertz(key: int) -> float:
    return 440 * 2 ** ((key - 69) / 12)


def one_hot(folder: Path) -> Path:
    table = numpy_helper.from_array(np.array([[hertz(key)] for key in range(LOW, HIGH + 1)], dtype=np.float32), "table")
    node = helper.make_node
    port = helper.make_tensor_value_info("pitch", TensorProto.FLOAT, [1, HIGH - LOW + 1])
    return write(folder, port, [node("MatMul", ["pitch", "table"], ["hertz"])], [table])


def description(folder: Path, **changes) -> Path:
    fields = {name: value for name, value in (DESCRIPTION | changes).items() if value is not None}
    constants = fields.pop("constants", {})
    text = "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
    text += "[constants]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in constants.items())
    path = folder / "theirs.toml"
    path.write_text(text)
    return path


def import_file(source: Path, mapping: Path | None, path: Path, expect: int = 0) -> str:
    """Runs the import as a user's command does; gives what it wrote to stderr."""
    out, err = io.StringIO(), io.StringIO()
    arguments = ["import", str(source), "-o", str(path)] + (["--map", str(mapping)] if mapping else [])
    with redirect_stdout(out), redirect_stderr(err), patch.object(sys, "argv", arguments):
        try:
            run(main)
            code = 0
        except SystemExit as end:
            code = end.code
    assert code == expect, err.getvalue()
    return err.getvalue()


def play(path: Path, latent: np.ndarray, key: int) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["wave"], {"latent": latent, "key": np.array([key], dtype=np.float32)})[0]


def manifest(path: Path) -> dict:
    return json.loads(next(entry.value for entry in onnx.load(path).metadata_props if entry.key == "understory_manifest"))


@pytest.mark.parametrize("form", ["one_hot", "index", "midi", "hz"])
def test_a_described_network_plays_its_keys_in_every_form_of_a_pitch(tmp_path, form):
    node, info = helper.make_node, helper.make_tensor_value_info
    if form == "one_hot":
        source = one_hot(tmp_path)
    elif form == "index":
        table = numpy_helper.from_array(np.array([hertz(key) for key in range(LOW, HIGH + 1)], dtype=np.float32), "table")
        source = write(tmp_path, info("pitch", TensorProto.INT64, [1]), [node("Gather", ["table", "pitch"], ["hertz"])], [table])
    elif form == "midi":
        table = numpy_helper.from_array(np.array([hertz(key) for key in range(128)], dtype=np.float32), "table")
        source = write(tmp_path, info("pitch", TensorProto.INT32, [1, 1]), [node("Gather", ["table", "pitch"], ["hertz"])], [table])
    else:
        source = write(tmp_path, info("pitch", TensorProto.FLOAT, [1]), [node("Identity", ["pitch"], ["hertz"])])
    path = tmp_path / "ours.onnx"
    import_file(source, description(tmp_path, key_as=form), path)
    latent = np.array([[0.5, -0.25, 1.0, 0.125, 0.0]], dtype=np.float32)
    for key in (LOW, 45, HIGH):
        expected = 0.5 * latent.sum() * np.sin(2 * np.pi * hertz(key) * np.arange(SAMPLES) / RATE)
        # Single precision counts phases of thousands of radians.
        np.testing.assert_allclose(play(path, latent, key)[0], expected, atol=2e-3)
    facts = manifest(path)
    assert (facts["representation"], facts["wave"], facts["key_range"]) == ("wave", {"sample_rate_hz": RATE, "num_samples": SAMPLES}, [LOW, HIGH])
    assert facts["grid"]["duration_s"] == SAMPLES / RATE and facts["grid"]["max_frequency_hz"] < RATE / 2


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"latent": "noise"}, "noise"), ({"output": "sound"}, "sound"), ({"constants": {}}, "psi"), ({"constants": {"psi": 0.5, "phi": 1.0}}, "phi"),
        ({"key_as": "solfege"}, "solfege"), ({"kind": "mel_if"}, "audio"), ({"sample_rate_hz": 8_000}, "sample_rate_hz"), ({"sample_rate_hz": 48_000}, "audio"),
        ({"lowest_key": 60}, "lowest_key"), ({"licence": ""}, "licence"), ({"licence": None}, "licence"), ({"colour": "blue"}, "colour"), ({"highest_key": HIGH + 3}, "audio"),
    ],
)  # fmt: skip
def test_a_description_that_does_not_fit_is_refused_by_the_name_of_what_is_wrong(tmp_path, changes, word):
    changed = description(tmp_path, **changes)
    if word == "audio" and "highest_key" in changes:
        word = "theirs.onnx"  # the runtime finds that the matrix has fewer rows
    error = import_file(one_hot(tmp_path), changed, tmp_path / "ours.onnx", expect=3)
    assert error.count("\n") == 1 and word in error, error
    assert not (tmp_path / "ours.onnx").exists()


def test_a_file_without_a_description_and_a_description_without_a_network_are_refused(tmp_path):
    assert "--map" in import_file(one_hot(tmp_path), None, tmp_path / "ours.onnx", expect=2)
    text = tmp_path / "text.onnx"
    text.write_text("no network")
    assert "text.onnx" in import_file(text, description(tmp_path), tmp_path / "ours.onnx", expect=3)
    assert "choose another name" in import_file(one_hot(tmp_path), description(tmp_path), tmp_path / "theirs.onnx", expect=2)
