"""A Magenta GANSynth checkpoint -> ONNX file with manifest: `python -m gansynth.import_checkpoint FOLDER [-o FILE]`.

Ends by running the file in ONNX Runtime against the plain network in PyTorch; a file that differs is not kept.
"""

import argparse
import hashlib
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from pipeline.errors import InputError, RequestError
from pipeline.seeded import hashed, sound_point
from pipeline.whole_file import whole_file

from . import mel
from .analysis_grid import analysis_grid
from .architecture import Architecture, find_checkpoint, find_flags, read_architecture
from .checkpoint_file import CheckpointFile
from .foreign import import_foreign, read_mapping
from .graph import build_graph
from .network import paint

METADATA_KEY = "understory_manifest"
LOWEST_KEY, HIGHEST_MIDI_KEY = 24, 127
REFERENCE_SEED = 1
SPOTS_PER_NOTE = 16
EXPORT_TOLERANCE = 2e-2
"""Largest |ONNX Runtime - PyTorch| in log power or in pi per hop. Pixel norm divides by what may be near zero, so single cells of
a float32 network are that uncertain: Magenta's own run of the test network is 1.3e-3 from the same arithmetic in float64."""
OUTPUT_TOLERANCE = 5e-2
AUDIO_TOLERANCE_DB = -55.0
LICENCE = "not stated by the checkpoint; the weights' own licence applies"


def manifest(architecture: Architecture, checkpoint: CheckpointFile, keys: list[int], outputs: np.ndarray, licence: str) -> dict:
    """What a reader must know of a `mel_if` model (CONTRACT.md 6)."""
    return {
        "schema_version": 1, "name": checkpoint.prefix.name, "version": "1.0.0", "kind": "sound", "licence": licence,
        "attribution": "Imported from a GANSynth checkpoint (magenta/magenta, models/gansynth)",
        "sources": [{"name": checkpoint.prefix.name + ".index", "licence": licence, "sha256": _sha256(checkpoint.prefix.with_name(checkpoint.prefix.name + ".index"))}],
        "parameters": architecture.num_parameters, "representation": "mel_if",
        "mel_if": mel.format_facts(),
        "grid": analysis_grid(mel.SAMPLE_RATE_HZ, mel.NUM_SAMPLES),
        "latent_length": architecture.latent_length, "key_range": [keys[0], keys[-1]],
        "inputs": [{"name": "latent", "shape": ["n", architecture.latent_length]}, {"name": "key", "shape": ["n"]}],
        "outputs": [{"name": "mel", "shape": ["n", mel.NUM_FRAMES, mel.NUM_BINS, 2]}],
        "tolerance": {"output_abs": OUTPUT_TOLERANCE, "audio_db": AUDIO_TOLERANCE_DB},
        "reference": {"seed": REFERENCE_SEED, "keys": _reference_keys(keys), "spots": _spots(_reference_keys(keys), outputs)},
    }  # fmt: skip


def reference_inputs(architecture: Architecture, keys: list[int]) -> dict[str, np.ndarray]:
    """The latent of REFERENCE_SEED at the lowest, the middle and the highest key."""
    latent, _ = sound_point(REFERENCE_SEED, architecture.latent_length, 1)
    chosen = _reference_keys(keys)
    return {"latent": np.repeat(latent[None], len(chosen), axis=0), "key": np.array(chosen, dtype=np.float32)}


def compare(architecture: Architecture, model: onnx.ModelProto, keys: list[int]) -> tuple[float, np.ndarray]:
    """Largest difference of the file's output from PyTorch's, and the file's output."""
    inputs = reference_inputs(architecture, keys)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = session.run(["mel"], inputs)[0]
    index = torch.from_numpy(inputs["key"]).long() - keys[0]
    picture = paint(architecture, torch.from_numpy(inputs["latent"]), index).permute(0, 2, 3, 1).numpy()
    scale, offset = zip(architecture.magnitude, architecture.phase)
    expected = (picture - np.array(offset, dtype=np.float32)) / np.array(scale, dtype=np.float32)
    return float(np.abs(found - expected).max()), found


def import_checkpoint(folder: Path, path: Path, lowest_key: int, licence: str) -> dict:
    """Writes `path` whole or not at all; returns the manifest's facts."""
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give the one that holds model.ckpt-NUMBER.index or the stage_ folders")
    checkpoint = find_checkpoint(folder)
    architecture = read_architecture(checkpoint, find_flags(checkpoint))
    keys = list(range(lowest_key, lowest_key + architecture.num_pitches))
    if keys[-1] > HIGHEST_MIDI_KEY:
        raise RequestError(f"--lowest-key {lowest_key}: the model's {len(keys)} keys would end at {keys[-1]}, above {HIGHEST_MIDI_KEY}")
    model = build_graph(architecture, lowest_key)
    difference, outputs = compare(architecture, model, keys)
    if not difference < EXPORT_TOLERANCE:
        raise InputError(f"{checkpoint.prefix}: the rebuilt network differs from the checkpoint's by {difference:.2g}, more than {EXPORT_TOLERANCE:g}")
    facts = manifest(architecture, checkpoint, keys, outputs, licence)
    write_model(model, facts, path)
    return {**facts, "onnx_difference": difference, "progress": architecture.progress}


def write_model(model: onnx.ModelProto, facts: dict, path: Path) -> None:
    """Puts the manifest into the model and both into a file, whole or not at all."""
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, json.dumps(facts)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        onnx.save(model, str(part))


def _reference_keys(keys: list[int]) -> list[int]:
    return [keys[0], keys[len(keys) // 2], keys[-1]]


def _spots(keys: list[int], outputs: np.ndarray) -> list[dict]:
    return [
        {"output": "mel", "key": key, "index": int(i), "value": float(cells.flat[i])}
        for key, cells in zip(keys, outputs)
        for i in hashed(key, 0, np.arange(SPOTS_PER_NOTE)) % cells.size
    ]


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models import", description=__doc__)
    parser.add_argument("folder", type=Path, help="the checkpoint's folder, or the run's folder with its stage_ folders; or an ONNX file of somebody else")
    parser.add_argument("--map", type=Path, help="what that ONNX file takes and gives: a TOML file (models/CONTRACT.md, section 8)")
    parser.add_argument("-o", "--out", type=Path, help="the file to write; NAME.onnx here by default")
    parser.add_argument("--lowest-key", type=int, default=LOWEST_KEY, help="MIDI key of the first pitch label (default %(default)s)")
    parser.add_argument("--licence", default=LICENCE, help="licence of the weights, kept in the file")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    options = parser.parse_args(arguments)
    path = options.out or Path(f"{options.folder.resolve().stem}-imported.onnx" if options.map else f"{options.folder.resolve().name}.onnx")
    if path.exists() and not options.force:
        raise RequestError(f"{path}: is there already; choose another name with -o or replace it with --force")
    if not 0 <= options.lowest_key <= HIGHEST_MIDI_KEY:
        raise RequestError(f"--lowest-key {options.lowest_key}: must be 0 to {HIGHEST_MIDI_KEY}")
    if options.map or options.folder.is_file():
        return _import_file(options.folder, options.map, path)
    start_s = time.monotonic()
    facts = import_checkpoint(options.folder, path, options.lowest_key, options.licence)
    words = f"{path}: {facts['parameters']} parameters, keys {facts['key_range'][0]} to {facts['key_range'][1]}, progress {facts['progress']:.2f}"
    print(f"{words}, ONNX Runtime within {facts['onnx_difference']:.1e} of PyTorch, {time.monotonic() - start_s:.1f} s", file=sys.stderr)
    return {"file": str(path), "parameters": facts["parameters"], "key_range": facts["key_range"], "onnx_difference": facts["onnx_difference"]}


def _import_file(source: Path, mapping_path: Path | None, path: Path) -> dict:
    """An ONNX file of somebody else, which a TOML file describes."""
    if mapping_path is None:
        raise RequestError(f"{source}: is a file; say what its network takes and gives with --map FILE.toml (models/CONTRACT.md, section 8)")
    if not source.is_file():
        raise RequestError(f"{source}: no such file")
    if path.resolve() == source.resolve():
        raise RequestError(f"{path}: is the file to be imported; choose another name with -o")
    model, facts = import_foreign(source, read_mapping(mapping_path))
    write_model(model, facts, path)
    low, high = facts["key_range"]
    print(f"{path}: {facts['parameters']} parameters, keys {low} to {high}, paints {facts['representation']}", file=sys.stderr)
    return {"file": str(path), "parameters": facts["parameters"], "key_range": facts["key_range"], "representation": facts["representation"]}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
