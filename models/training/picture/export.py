"""Checkpoint -> ONNX file with manifest: `python -m picture.export CONFIG [--run DIR] [--corpus DIR] [-o FILE] [--start-file FILE] [--experimental]`.

Ends by running the file in ONNX Runtime against PyTorch, whole and in tiles; a file that differs is not kept.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from pipeline import checkpoint, start_file
from pipeline.cache import run_folder
from pipeline.errors import InputError

from . import sources
from .config import Config, load_config
from .controls import measure_controls
from .geometry import Frame
from .manifest import manifest, reference_request
from .model_file import Model, Request, add_manifest, run_network, write
from .network import Generator

EXPORT_TOLERANCE = 1e-3
"""Largest |ONNX Runtime - PyTorch| of a cell; logits span about ± 20."""
COMPARED_SIZES = [(320, 180), (90, 160), (128, 128)]
TILE_FEATURES = 24


def load_generator(config: Config, folder: Path) -> tuple[Generator, int, list[str]]:
    """The averaged generator of a run, the samples it saw and its styles."""
    if not checkpoint.exists(folder):
        raise InputError(f"{folder}: no checkpoint; run `models train` first")
    state = checkpoint.load(folder, config.sha256)
    generator = Generator(config.network, len(state["styles"]))
    generator.load_state_dict(state["average"])
    return generator.eval().requires_grad_(False), state["samples"] + state["samples_before"], state["styles"]


def compare(generator: Generator, model: Model, base: Request) -> float:
    """Largest difference between ONNX Runtime and PyTorch; refuses a head whose tiles do not fit together exactly."""
    worst = 0.0
    for width, height in COMPARED_SIZES:
        request = Request(base.latent, base.style, base.palette, base.style_offset, base.seed, Frame.of_size(width, height))
        whole = model.cells(request)
        seam = float(np.abs(whole - model.cells(request, tile=TILE_FEATURES)).max())
        if seam != 0:
            raise InputError(f"{width} x {height}: tiles differ from the whole by {seam:.2g}; they must not differ at all")
        worst = max(worst, float(np.abs(whole - run_network(generator, request)).max()))
    return worst


def export(config: Config, folder: Path, path: Path, corpus: str | None, experimental: bool) -> dict:
    """Writes `path` whole or not at all; returns its manifest."""
    generator, samples, styles = load_generator(config, folder)
    part = path.with_suffix(".part.onnx")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        write(generator, part)
        model = Model.load(part)
        difference = compare(generator, model, reference_request(config.network.latent_length, len(styles), generator.trunk.offset_length))
        if not difference < EXPORT_TOLERANCE:
            raise InputError(f"{folder}: ONNX Runtime differs from PyTorch by {difference:.2g}, more than {EXPORT_TOLERANCE:g}")
        controls, refused = measure_controls(generator)
        described = sources.described(config, corpus)
        facts = {
            "samples_seen": samples, "attribution": "Understory; trained on " + described[0]["name"], "sources": described,
            "controls": controls, "experimental": experimental,
        }  # fmt: skip
        described_model = manifest(config, styles, generator, model, facts)
        add_manifest(part, described_model)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return {**described_model, "onnx_difference": difference, "refused_controls": refused}


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models export", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--run", help="folder of the run")
    parser.add_argument("--corpus", help="folder made by `models prepare` (for a configuration whose source is a folder)")
    parser.add_argument("--experimental", action="store_true", help="say in the manifest that some styles are not recognisable yet")
    parser.add_argument("--start-file", type=Path, help="also write the networks, discriminator included, for `models train --start-from`")
    parser.add_argument("-o", "--out", help="the file to write; NAME.onnx here by default")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    path, folder = Path(options.out or f"{config.name}.onnx"), run_folder(config.name, config.sha256, options.run)
    facts = export(config, folder, path, options.corpus, options.experimental)
    if options.start_file:
        start_file.save(options.start_file, checkpoint.load(folder, config.sha256))
    controls = {c["name"]: c["effect"]["spearman"] for c in facts["controls"]}
    refused = {c["name"]: round(c["effect"]["spearman"], 3) for c in facts["refused_controls"]}
    print(f"{path}: {facts['parameters']} parameters, {path.stat().st_size} bytes, ONNX Runtime within {facts['onnx_difference']:.1e}", file=sys.stderr)
    print(f"controls: {', '.join(controls) or 'none'}; not monotonic enough to ship: {refused or 'none'}", file=sys.stderr)
    return {"file": str(path), "parameters": facts["parameters"], "onnx_difference": facts["onnx_difference"], "controls": controls, "refused_controls": refused}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
