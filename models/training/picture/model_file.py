"""The two graphs of a picture model in one ONNX file: the file is the trunk, the head travels in its metadata.

Writing (trace, compare, pack) and running (ONNX Runtime, one thread). Does not know training or what a manifest says.
"""

import base64
import json
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from pipeline.errors import InputError

from .geometry import (
    DETAIL_CHANNELS,
    FEATURES_PER_UNIT,
    HALO_DETAIL,
    HALO_FEATURES,
    MEDIUM_CHANNELS,
    MEDIUM_PER_UNIT,
    NOISE_CHANNELS,
    Frame,
    frame_noise,
)  # fmt: skip
from .network import NUM_COLOURS, Generator

OPSET = 20
MANIFEST_KEY, HEAD_KEY = "understory_manifest", "understory_head"
TRUNK_INPUTS = ["latent", "style", "palette", "style_offset", "noise", "medium", "y"]
TRUNK_OUTPUTS = ["features", "modulation"]
HEAD_INPUTS = ["tile", "tile_modulation", "tile_detail"]
HEAD_OUTPUTS = ["cells"]


@dataclass(frozen=True)
class Request:
    """What a picture is made of, one of each: latent [z], style [s], palette [5, 3] OKLab, style offset [w], seed, frame."""

    latent: np.ndarray
    style: np.ndarray
    palette: np.ndarray
    style_offset: np.ndarray
    seed: int
    frame: Frame

    def arrays(self) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """The trunk's inputs, and the detail noise with its halo [1, 2, rows, columns]."""
        noise, medium, detail = frame_noise(self.seed, self.frame)
        order = np.argsort(self.palette[:, 0], kind="stable")
        parts = [self.latent, self.style, self.palette[order], self.style_offset, noise, medium, self.frame.feature_y()]
        return {name: np.ascontiguousarray(part, dtype=np.float32)[None] for name, part in zip(TRUNK_INPUTS, parts)}, detail[None]


def write(generator: Generator, path: Path) -> None:
    """Traces both graphs with free sizes and packs them; the manifest is added by `add_manifest`."""
    trunk, head = generator.trunk, generator.head
    rows, columns, batch = 4, 6, 2  # of one picture the exporter would make a constant
    example = _trunk_example(trunk.latent_length, trunk.num_styles, trunk.offset_length, batch, rows, columns)
    n, r, c = (torch.export.Dim(name, min=low, max=high) for name, low, high in (("n", 1, 64), ("rows", 2, 64), ("columns", 2, 64)))
    shapes = ({0: n}, {0: n}, {0: n}, {0: n}, {0: n, 2: r, 3: c}, {0: n, 2: 4 * r, 3: 4 * c}, {0: n, 1: FEATURES_PER_UNIT * r})
    trunk_model = _trace(trunk, example, TRUNK_INPUTS, TRUNK_OUTPUTS, shapes)
    with torch.no_grad():
        features, modulation = trunk(*example)
    detail = torch.zeros(batch, DETAIL_CHANNELS, 2 * features.shape[2] + 2 * HALO_DETAIL - 8, 2 * features.shape[3] + 2 * HALO_DETAIL - 8)
    h, w = (torch.export.Dim(name, min=1, max=512) for name in ("tile_rows", "tile_columns"))
    shapes = ({0: n, 2: h + 4, 3: w + 4}, {0: n}, {0: n, 2: 2 * h + 6, 3: 2 * w + 6})
    head_model = _trace(head, (features, modulation, detail), HEAD_INPUTS, HEAD_OUTPUTS, shapes)
    _add_metadata(trunk_model, HEAD_KEY, base64.b64encode(head_model.SerializeToString()).decode())
    onnx.save(trunk_model, str(path))


def add_manifest(path: Path, facts: dict) -> None:
    model = onnx.load(str(path))
    _add_metadata(model, MANIFEST_KEY, json.dumps(facts, allow_nan=False))
    onnx.save(model, str(path))


@dataclass(frozen=True)
class Model:
    """A picture model file, opened."""

    trunk: onnxruntime.InferenceSession
    head: onnxruntime.InferenceSession
    manifest: dict

    @staticmethod
    def load(path: Path, threads: int = 1) -> "Model":
        try:
            model = onnx.load(str(path))
            facts = {p.key: p.value for p in model.metadata_props}
            head = base64.b64decode(facts[HEAD_KEY], validate=True)
            manifest = json.loads(facts.get(MANIFEST_KEY, "{}"))
            return Model(_open(model.SerializeToString(), threads), _open(head, threads), manifest)
        except Exception as error:  # onnx and onnxruntime raise a dozen unrelated types for a bad file
            raise InputError(f"{path}: not an Understory picture model ({type(error).__name__}: {error})") from error

    def features(self, request: Request) -> tuple[np.ndarray, np.ndarray]:
        inputs, _ = request.arrays()
        return tuple(self.trunk.run(TRUNK_OUTPUTS, inputs))

    def cells(self, request: Request, tile: int = 0) -> np.ndarray:
        """[6, rows, columns] of the whole grid; `tile` features at a time, 0 for all at once."""
        inputs, detail = request.arrays()
        features, modulation = self.trunk.run(TRUNK_OUTPUTS, inputs)
        halo = HALO_FEATURES
        features = np.pad(features, ((0, 0), (0, 0), (halo, halo), (halo, halo)), mode="edge")
        height, width = features.shape[2] - 2 * halo, features.shape[3] - 2 * halo
        cells = np.empty((NUM_COLOURS + 1, 4 * height, 4 * width), dtype=np.float32)
        step = tile or max(height, width)
        for top in range(0, height, step):
            for left in range(0, width, step):
                bottom, right = min(top + step, height), min(left + step, width)
                part = {
                    "tile": features[:, :, top : bottom + 2 * halo, left : right + 2 * halo], "tile_modulation": modulation,
                    "tile_detail": detail[:, :, 2 * top : 2 * bottom + 2 * HALO_DETAIL, 2 * left : 2 * right + 2 * HALO_DETAIL],
                }  # fmt: skip
                cells[:, 4 * top : 4 * bottom, 4 * left : 4 * right] = self.head.run(HEAD_OUTPUTS, part)[0][0]
        return cells


def run_network(generator: Generator, request: Request) -> np.ndarray:
    """The same cells from PyTorch."""
    inputs, detail = request.arrays()
    tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
    with torch.no_grad():
        return generator(**tensors, detail=torch.from_numpy(detail))[0].numpy()


def _trunk_example(latent: int, styles: int, offset: int, batch: int, rows: int, columns: int) -> tuple[torch.Tensor, ...]:
    shapes = [
        (latent,), (styles,), (NUM_COLOURS, 3), (offset,), (NOISE_CHANNELS, rows, columns),
        (MEDIUM_CHANNELS, MEDIUM_PER_UNIT * rows, MEDIUM_PER_UNIT * columns), (FEATURES_PER_UNIT * rows,),
    ]  # fmt: skip
    return tuple(torch.zeros(batch, *shape) for shape in shapes)


def _trace(module: torch.nn.Module, example, inputs: list[str], outputs: list[str], shapes) -> onnx.ModelProto:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations, nothing a user can act on
        program = torch.onnx.export(
            module.eval(), example, input_names=inputs, output_names=outputs, opset_version=OPSET, dynamo=True, dynamic_shapes=shapes, verbose=False
        )
    model = program.model_proto
    _strip_source_notes(model)
    return model


def _strip_source_notes(model: onnx.ModelProto) -> None:
    """The exporter writes stack traces with local paths into every node; nobody else needs them."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]


def _add_metadata(model: onnx.ModelProto, key: str, value: str) -> None:
    entry = model.metadata_props.add()
    entry.key, entry.value = key, value


def _open(content: bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
