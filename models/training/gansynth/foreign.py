"""A network of somebody else, already ONNX -> a model file of ours: their inputs and outputs renamed, reshaped and described by a small TOML file.

What the file may say is CONTRACT.md section 8. Their graph is kept as it is; ours is built around it.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, compose, helper, numpy_helper

from pipeline.errors import InputError, RequestError
from pipeline.seeded import hashed, sound_point

from . import mel
from .analysis_grid import analysis_grid
from .architecture import MAGNITUDE_OFFSET, MAGNITUDE_SCALE, PHASE_OFFSET, PHASE_SCALE

PREFIX = "theirs_"
OLDEST_OPSET = 13
"""From here on axes are inputs, as in the nodes that are put around theirs."""
KEY_FORMS = ("midi", "index", "one_hot", "hz")
KINDS = ("wave", "mel_if")
LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 16_000, 384_000
SHORTEST_S, LONGEST_S = 0.5, 60.0
REFERENCE_SEED, SPOTS_PER_NOTE = 1, 16
RELATIVE_TOLERANCE = 1e-2
HIGHEST_MIDI_KEY = 127


@dataclass(frozen=True)
class Mapping:
    """The TOML file. Names are those of the foreign graph."""

    name: str
    licence: str
    kind: str
    latent: str
    key: str
    output: str
    key_as: str
    lowest_key: int
    highest_key: int
    attribution: str = ""
    sample_rate_hz: int = mel.SAMPLE_RATE_HZ
    constants: dict[str, float] = field(default_factory=dict)
    """Inputs that stay at one value."""
    axes: list[int] = field(default_factory=lambda: [0, 1, 2, 3])
    """Of a `mel_if` picture: where notes, frames, bins and the two planes are."""
    normalised: bool = False
    """Of a `mel_if` picture: within +-1 by Magenta's constants."""

    @property
    def num_keys(self) -> int:
        return self.highest_key - self.lowest_key + 1


def read_mapping(path: Path) -> Mapping:
    """Checks every field; the first that is wrong is named."""
    try:
        fields = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise RequestError(f"{path}: no such file; write one as CONTRACT.md section 8 says") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not TOML ({error})") from error
    types = {"name": str, "licence": str, "kind": str, "latent": str, "key": str, "output": str, "key_as": str, "lowest_key": int, "highest_key": int,
             "attribution": str, "sample_rate_hz": int, "constants": dict, "axes": list, "normalised": bool}  # fmt: skip
    for name, value in fields.items():
        if name not in types or type(value) is not types[name]:
            raise InputError(f"{path}: `{name}` is {value!r}; known are {', '.join(f'{key} ({kind.__name__})' for key, kind in types.items())}")
    try:
        mapping = Mapping(**fields)
    except TypeError as error:
        raise InputError(f"{path}: {str(error).replace('Mapping.__init__() ', '')}") from error
    checks = {
        "kind": mapping.kind in KINDS, "key_as": mapping.key_as in KEY_FORMS, "name": bool(mapping.name), "licence": bool(mapping.licence),
        "lowest_key": 0 <= mapping.lowest_key <= mapping.highest_key, "highest_key": mapping.highest_key <= HIGHEST_MIDI_KEY,
        "sample_rate_hz": LOWEST_RATE_HZ <= mapping.sample_rate_hz <= HIGHEST_RATE_HZ, "axes": sorted(mapping.axes) == [0, 1, 2, 3],
        "constants": all(isinstance(value, (int, float)) for value in mapping.constants.values()),
    }  # fmt: skip
    for name, holds in checks.items():
        if not holds:
            raise InputError(f"{path}: `{name}` is {getattr(mapping, name)!r}, which cannot be; see CONTRACT.md section 8")
    return mapping


def import_foreign(source: Path, mapping: Mapping) -> tuple[onnx.ModelProto, dict]:
    """The new model without its manifest, and the manifest."""
    model = _load(source)
    wrapped, latent_length = _wrap(source, model, mapping)
    keys = sorted({mapping.lowest_key, (mapping.lowest_key + mapping.highest_key) // 2, mapping.highest_key})
    latent, _ = sound_point(REFERENCE_SEED, latent_length, 1)
    outputs = _run(source, wrapped, mapping, latent, keys)
    return wrapped, _manifest(mapping, model, latent_length, keys, outputs)


def _load(source: Path) -> onnx.ModelProto:
    try:
        model = onnx.load(source, load_external_data=False)
        onnx.checker.check_model(model)
    except Exception as error:  # the parser's, the checker's and protobuf's errors have no common base
        raise InputError(f"{source}: no ONNX file that can be used ({str(error).strip().splitlines()[0]})") from error
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in model.graph.initializer):
        raise InputError(f"{source}: its numbers lie in other files; save it as one file")
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
    if opset < OLDEST_OPSET:
        raise InputError(f"{source}: opset {opset}; export it with opset {OLDEST_OPSET} or newer")
    return model


def _wrap(source: Path, model: onnx.ModelProto, mapping: Mapping) -> tuple[onnx.ModelProto, int]:
    stored = {tensor.name for tensor in model.graph.initializer}
    inputs = {port.name: port for port in model.graph.input if port.name not in stored}
    outputs = {port.name: port for port in model.graph.output}
    known = {mapping.latent, mapping.key, *mapping.constants}
    for name in [mapping.latent, mapping.key, *mapping.constants]:
        if name not in inputs:
            raise InputError(f"{source}: has no input `{name}`; it takes {', '.join(inputs)}")
    if mapping.output not in outputs:
        raise InputError(f"{source}: has no output `{mapping.output}`; it gives {', '.join(outputs)}")
    if mapping.kind == "mel_if" and len(_shape(outputs[mapping.output])) != len(mapping.axes):
        raise InputError(f"{source}: output `{mapping.output}` has shape {_shape(outputs[mapping.output])}; a picture has notes, frames, bins and two planes")
    if mapping.kind == "wave" and len([size for size in _shape(outputs[mapping.output])[1:] if size != 1]) > 1:
        raise InputError(f"{source}: output `{mapping.output}` has shape {_shape(outputs[mapping.output])}; one channel can be played")
    if unknown := sorted(set(inputs) - known):
        raise InputError(f"{source}: nobody would feed its input `{unknown[0]}`; give it a value under [constants]")
    latent_shape = _shape(inputs[mapping.latent])
    if len(latent_shape) != 2 or not isinstance(latent_shape[1], int):
        raise InputError(f"{source}: input `{mapping.latent}` has shape {latent_shape}; a latent of [n, numbers] can be played")
    nodes, weights = [], []
    _key_nodes(inputs[mapping.key], mapping, nodes, weights)
    for name, value in mapping.constants.items():
        shape = [size if isinstance(size, int) else 1 for size in _shape(inputs[name])]
        dtype = helper.tensor_dtype_to_np_dtype(inputs[name].type.tensor_type.elem_type)
        weights.append(numpy_helper.from_array(np.full(shape, value, dtype=dtype), PREFIX + name))
    nodes.append(helper.make_node("Identity", ["latent"], [PREFIX + mapping.latent]))
    theirs = compose.add_prefix_graph(model.graph, PREFIX)
    nodes += theirs.node
    weights += theirs.initializer
    _output_nodes(mapping, nodes, weights)
    batch = latent_shape[0] if isinstance(latent_shape[0], int) else "n"
    ports = [helper.make_tensor_value_info("latent", TensorProto.FLOAT, [batch, latent_shape[1]]), helper.make_tensor_value_info("key", TensorProto.FLOAT, [batch])]
    last = helper.make_tensor_value_info(*(("mel", TensorProto.FLOAT, ["n", *_mel_shape()]) if mapping.kind == "mel_if" else ("wave", TensorProto.FLOAT, ["n", "samples"])))
    graph = helper.make_graph(nodes, "imported", ports, [last], weights)
    wrapped = helper.make_model(graph, opset_imports=model.opset_import, ir_version=model.ir_version, functions=list(model.functions))
    return wrapped, latent_shape[1]


def _mel_shape() -> list[int]:
    return [mel.NUM_FRAMES, mel.NUM_BINS, 2]


def _shape(port: onnx.ValueInfoProto) -> list:
    return [size.dim_value if size.HasField("dim_value") else "n" for size in port.type.tensor_type.shape.dim]


def _key_nodes(port: onnx.ValueInfoProto, mapping: Mapping, nodes: list, weights: list) -> None:
    """`key [n]`, a MIDI number, in the form and shape that theirs takes."""
    constant = lambda name, value, dtype: weights.append(numpy_helper.from_array(np.asarray(value, dtype=dtype), name))
    add = lambda operator, inputs, output, **attributes: nodes.append(helper.make_node(operator, inputs, [output], **attributes))
    element, rank = port.type.tensor_type.elem_type, len(_shape(port))
    if mapping.key_as in ("index", "one_hot"):
        constant("key_low", mapping.lowest_key, np.float32)
        constant("key_first", 0, np.float32)
        constant("key_last", mapping.num_keys - 1, np.float32)
        add("Round", ["key"], "key_whole")
        add("Sub", ["key_whole", "key_low"], "key_above")
        add("Clip", ["key_above", "key_first", "key_last"], "key_form")
    elif mapping.key_as == "hz":
        constant("key_of_440", 69, np.float32)
        constant("key_octave", np.log(2) / 12, np.float32)
        constant("key_tuning", 440, np.float32)
        add("Sub", ["key", "key_of_440"], "key_above")
        add("Mul", ["key_above", "key_octave"], "key_log")
        add("Exp", ["key_log"], "key_ratio")
        add("Mul", ["key_ratio", "key_tuning"], "key_form")
    else:
        add("Identity", ["key"], "key_form")
    form = "key_form"
    if mapping.key_as == "one_hot":
        constant("key_depth", [mapping.num_keys], np.int64)
        constant("key_values", [0, 1], np.float32)
        add("Cast", [form], "key_index", to=TensorProto.INT64)
        add("OneHot", ["key_index", "key_depth", "key_values"], "key_hot", axis=-1)
        form, rank = "key_hot", rank - 1
    for axis in range(1, rank):
        constant(f"key_axis_{axis}", [-1], np.int64)
        add("Unsqueeze", [form, f"key_axis_{axis}"], f"key_wide_{axis}")
        form = f"key_wide_{axis}"
    add("Cast", [form], PREFIX + port.name, to=element)


def _output_nodes(mapping: Mapping, nodes: list, weights: list) -> None:
    nodes.append(helper.make_node("Cast", [PREFIX + mapping.output], ["out_single"], to=TensorProto.FLOAT))
    if mapping.kind == "wave":
        nodes.append(helper.make_node("Flatten", ["out_single"], ["wave"], axis=1))
        return
    nodes.append(helper.make_node("Transpose", ["out_single"], ["out_ordered"], perm=mapping.axes))
    scale = [1 / MAGNITUDE_SCALE, 1 / PHASE_SCALE] if mapping.normalised else [1, 1]
    offset = [MAGNITUDE_OFFSET, PHASE_OFFSET] if mapping.normalised else [0, 0]
    weights += [numpy_helper.from_array(np.array(values, dtype=np.float32), name) for name, values in (("out_scale", scale), ("out_offset", offset))]
    nodes.append(helper.make_node("Sub", ["out_ordered", "out_offset"], ["out_centred"]))
    nodes.append(helper.make_node("Mul", ["out_centred", "out_scale"], ["mel"]))


def _run(source: Path, model: onnx.ModelProto, mapping: Mapping, latent: np.ndarray, keys: list[int]) -> np.ndarray:
    """The reference notes, one run each, as they are played; `[notes, ...]`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        found = [session.run(None, {"latent": latent[None].astype(np.float32), "key": np.array([key], dtype=np.float32)})[0] for key in keys]
    except Exception as error:  # onnxruntime's errors have no common base
        raise InputError(f"{source}: does not run as described ({' '.join(str(error).split())[:300]})") from error
    outputs = np.concatenate(found) if len({cells.shape for cells in found}) == 1 else np.zeros((0,))
    rate = mapping.sample_rate_hz
    fits = outputs.shape[1:] == tuple(_mel_shape()) if mapping.kind == "mel_if" else outputs.ndim == 2 and SHORTEST_S * rate <= outputs.shape[1] <= LONGEST_S * rate
    if len(outputs) != len(keys) or not fits:
        wanted = f"{_mel_shape()} after `axes`" if mapping.kind == "mel_if" else f"{SHORTEST_S} to {LONGEST_S} s of samples"
        raise InputError(f"{source}: output `{mapping.output}` of one note has shape {list(found[0].shape)[1:]}; {wanted} can be played")
    if not np.isfinite(outputs).all():
        raise InputError(f"{source}: output `{mapping.output}` holds NaN or infinity")
    return outputs


def _manifest(mapping: Mapping, model: onnx.ModelProto, latent_length: int, keys: list[int], outputs: np.ndarray) -> dict:
    rate = mel.SAMPLE_RATE_HZ if mapping.kind == "mel_if" else mapping.sample_rate_hz
    num_samples = mel.NUM_SAMPLES if mapping.kind == "mel_if" else outputs.shape[1]
    facts = mel.format_facts() if mapping.kind == "mel_if" else {"sample_rate_hz": rate, "num_samples": num_samples}
    output = "mel" if mapping.kind == "mel_if" else "wave"
    spots = [
        {"output": output, "key": key, "index": int(i), "value": float(cells.flat[i])}
        for key, cells in zip(keys, outputs)
        for i in hashed(key, 0, np.arange(SPOTS_PER_NOTE)) % cells.size
    ]
    return {
        "schema_version": 1, "name": mapping.name, "version": "1.0.0", "kind": "sound", "licence": mapping.licence,
        "attribution": mapping.attribution or "not stated", "sources": [], "parameters": sum(int(np.prod(tensor.dims)) for tensor in model.graph.initializer),
        "representation": mapping.kind, mapping.kind: facts, "grid": analysis_grid(rate, num_samples), "latent_length": latent_length,
        "key_range": [mapping.lowest_key, mapping.highest_key],
        "inputs": [{"name": "latent", "shape": ["n", latent_length]}, {"name": "key", "shape": ["n"]}],
        "outputs": [{"name": output, "shape": ["n", *outputs.shape[1:]]}],
        "tolerance": {"output_abs": RELATIVE_TOLERANCE * float(np.abs(outputs).max()) + 1e-6, "audio_db": -40.0},
        "reference": {"seed": REFERENCE_SEED, "keys": keys, "spots": spots},
    }  # fmt: skip
