"""Checkpoint -> ONNX file with manifest: `python -m sound.export CONFIG [--run DIR] [--corpus DIR] [-o FILE] [--start-file FILE]`.

Ends by running the file in ONNX Runtime against PyTorch; a file that differs is not kept. The file speaks physical units.
"""

import argparse
import json
import subprocess
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from pipeline import checkpoint, start_file
from pipeline.cache import run_folder
from pipeline.errors import InputError
from pipeline.seeded import hashed, sound_point

from .conditions import NUM_ATTRIBUTES
from .config import Config, load_config
from .controls import Painter, measure_controls, moods
from .dataset import Dataset, load_dataset
from .flutter import FlutterFilter
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid
from .measures import ATTRIBUTES
from .network import Generator
from .normalize import denormalize
from .octave import OctaveGuard
from .onnx_model import INPUTS, METADATA_KEY, OUTPUTS, open_session
from .places import corpus_folder

OPSET = 20
REFERENCE_SEED, REFERENCE_KEYS = 1, [36, 48, 60, 72, 84]
OUTPUT_TOLERANCE = 1e-2
"""dB or cents that another machine's arithmetic may differ by; export itself demands EXPORT_TOLERANCE."""
SPOTS_PER_NOTE = 8
EXPORT_TOLERANCE = 1e-4
"""Largest |ONNX Runtime - PyTorch| in normalised units."""
REFERENCE_TRUNCATION = 2.0
LICENCE = "MIT"
FREE_LICENCES = {"MIT", "CC0-1.0"}
"""Of sources: what was learnt from them may be given on as we like, with their notices."""


class PhysicalGenerator(nn.Module):
    """The generator with its outputs in dB and cents, calm and heard at their key."""

    def __init__(self, generator: Generator, grid: Grid):
        super().__init__()
        self.generator, self.grid = generator, grid
        self.calm, self.guard = FlutterFilter(grid), OctaveGuard(grid)

    def forward(self, latent: Tensor, key: Tensor, velocity: Tensor, attributes: Tensor, style_offset: Tensor):
        level_db, deviation_cents, noise_db = denormalize(self.grid, *self.generator(latent, key, velocity, attributes, style_offset))
        return self.guard(self.calm(level_db)), deviation_cents, noise_db


def load_generator(config: Config, folder: Path) -> tuple[Generator, int]:
    """The averaged generator of a run and the samples it saw."""
    if not checkpoint.exists(folder):
        raise InputError(f"{folder}: no checkpoint in it; run `models train` first")
    state = checkpoint.load(folder, config.sha256)
    generator = Generator(config.network, Grid())
    generator.load_state_dict(state["average"])
    return generator.eval().requires_grad_(False), state["samples"] + state["samples_before"]


def reference_inputs(latent_length: int, style_length: int) -> dict[str, np.ndarray]:
    """The sound of REFERENCE_SEED at the reference keys (CONTRACT.md 5)."""
    latent, attributes = sound_point(REFERENCE_SEED, latent_length, NUM_ATTRIBUTES, REFERENCE_TRUNCATION)
    count = len(REFERENCE_KEYS)
    return {
        "latent": np.repeat(latent[None], count, axis=0), "key": np.array(REFERENCE_KEYS, dtype=np.float32),
        "velocity": np.full(count, 0.7, dtype=np.float32), "attributes": np.repeat(attributes[None], count, axis=0),
        "style_offset": np.zeros((count, style_length), dtype=np.float32),
    }  # fmt: skip


def to_onnx(generator: Generator, grid: Grid, path: Path) -> None:
    """Traces the network with a free batch size."""
    example = {name: torch.from_numpy(array) for name, array in reference_inputs(generator.latent_length, generator.style_length).items()}
    batch = torch.export.Dim("n", min=1, max=4096)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own deprecations, nothing a user can act on
        program = torch.onnx.export(
            PhysicalGenerator(generator, grid).eval(), tuple(example.values()), input_names=INPUTS, output_names=OUTPUTS, opset_version=OPSET,
            dynamo=True, dynamic_shapes=tuple({0: batch} for _ in INPUTS), verbose=False,
        )  # fmt: skip
    program.save(str(path), external_data=False)


def compare(generator: Generator, grid: Grid, path: Path) -> tuple[float, list[np.ndarray]]:
    """Largest difference between ONNX Runtime and PyTorch in normalised units, and ONNX Runtime's outputs."""
    inputs = reference_inputs(generator.latent_length, generator.style_length)
    outputs = open_session(path).run(OUTPUTS, inputs)
    expected = PhysicalGenerator(generator, grid)(*(torch.from_numpy(array) for array in inputs.values()))
    units = [40.0, 25.0, 52.5]
    return max(float(np.abs(o - e.numpy()).max() / u) for o, e, u in zip(outputs, expected, units)), outputs


def manifest(config: Config, grid: Grid, generator: Generator, dataset: Dataset, samples: int, outputs: list[np.ndarray]) -> dict:
    """Everything a reader of the file must know (CONTRACT.md 1)."""
    shapes = {
        "latent": ["n", config.network.latent_length], "key": ["n"], "velocity": ["n"], "attributes": ["n", NUM_ATTRIBUTES],
        "style_offset": ["n", config.network.style_length], "level_db": ["n", grid.num_rows, grid.num_columns],
        "deviation_cents": ["n", grid.num_rows, grid.num_columns], "noise_db": ["n", grid.num_bands, grid.num_columns],
    }  # fmt: skip
    controls = measure_controls(_painter(generator, grid))
    return {
        "schema_version": 1, "name": config.name, "version": "1.0.0", "kind": "sound", "licence": licence(config),
        "attribution": "Understory; trained on notes of " + " and ".join(source.name for source in config.corpus.sources),
        "sources": [{k: asdict(source)[k] for k in ("name", "licence", "sha256")} for source in config.corpus.sources],
        "training": {"config_sha256": config.sha256, "commit": commit(), "samples_seen": samples, "seed": config.seed},
        "parameters": sum(p.numel() for p in generator.parameters()), "representation": "pitch_aligned", "grid": grid.to_manifest(),
        "latent_length": config.network.latent_length, "style_length": config.network.style_length, "key_range": [LOWEST_KEY, HIGHEST_KEY],
        "inputs": [{"name": n, "shape": shapes[n]} for n in INPUTS], "outputs": [{"name": n, "shape": shapes[n]} for n in OUTPUTS],
        "attributes": ATTRIBUTES, "whitening": dataset.whitening.to_dict(),
        "controls": controls, "moods": moods(controls),
        "tolerance": {"output_abs": OUTPUT_TOLERANCE, "audio_db": -60.0},
        "reference": {"seed": REFERENCE_SEED, "keys": REFERENCE_KEYS, "spots": spots(outputs)},
    }  # fmt: skip


def _painter(generator: Generator, grid: Grid) -> Painter:
    """The network for `controls`, which sees it from outside."""
    physical = PhysicalGenerator(generator, grid).eval()

    @torch.no_grad()
    def paint(latent, key, attributes, offset):
        parts = []
        for i in range(0, len(key), 64):
            latent_part, key_part, attributes_part, offset_part = (torch.from_numpy(np.asarray(a[i : i + 64], dtype=np.float32)) for a in (latent, key, attributes, offset))
            parts.append([m.numpy() for m in physical(latent_part, key_part, torch.full_like(key_part, 0.7), attributes_part, offset_part)])
        return tuple(np.concatenate(maps) for maps in zip(*parts))

    return Painter(paint, generator.latent_length, generator.style_length)


def licence(config: Config) -> str:
    """Ours, where the sources let us choose; else theirs."""
    theirs = sorted({source.licence for source in config.corpus.sources} - FREE_LICENCES)
    return " and ".join(theirs) or LICENCE


def spots(outputs: list[np.ndarray]) -> list[dict]:
    """A few cells of each output at each reference key, the same cells for every model."""
    found = []
    for stream, (name, cells) in enumerate(zip(OUTPUTS, outputs)):
        for note, key in enumerate(REFERENCE_KEYS):
            indices = hashed(key, stream, np.arange(SPOTS_PER_NOTE)) % cells[note].size
            found += [{"output": name, "key": key, "index": int(i), "value": float(cells[note].flat[i])} for i in indices]
    return found


def commit() -> str:
    """The source's commit, or `unknown` outside a checkout."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def export(config: Config, dataset: Dataset, folder: Path, path: Path) -> dict:
    """Writes `path` whole or not at all; returns its manifest."""
    grid = Grid()
    generator, samples = load_generator(config, folder)
    part = path.with_suffix(".part.onnx")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        to_onnx(generator, grid, part)
        difference, outputs = compare(generator, grid, part)
        if not difference < EXPORT_TOLERANCE:
            raise InputError(f"{folder}: ONNX Runtime differs from PyTorch by {difference:.2g}, more than {EXPORT_TOLERANCE:g}")
        model = onnx.load(str(part))
        facts = manifest(config, grid, generator, dataset, samples, outputs)
        entry = model.metadata_props.add()
        entry.key, entry.value = METADATA_KEY, json.dumps(facts)
        _strip_source_notes(model)
        onnx.save(model, str(part))
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    return {**facts, "onnx_difference": difference}


def _strip_source_notes(model: onnx.ModelProto) -> None:
    """The exporter writes stack traces with local paths into every node; nobody else needs them."""
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in [*model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer]:
        del value.metadata_props[:]
    del model.graph.metadata_props[:]


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models export", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--run", help="folder of the run")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("--start-file", type=Path, help="also write the networks, discriminator included, for `models train --start-from`")
    parser.add_argument("-o", "--out", help="the file to write; NAME.onnx here by default")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    path, folder = Path(options.out or f"{config.name}.onnx"), run_folder(config.name, config.sha256, options.run)
    facts = export(config, dataset, folder, path)
    if options.start_file:
        start_file.save(options.start_file, checkpoint.load(folder, config.sha256))
    print(f"{path}: {facts['parameters']} parameters, {path.stat().st_size} bytes, ONNX Runtime within {facts['onnx_difference']:.1e}", file=sys.stderr)
    return {"file": str(path), "parameters": facts["parameters"], "onnx_difference": facts["onnx_difference"]}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
