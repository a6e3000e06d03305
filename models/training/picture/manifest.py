"""What a model file says about itself (PICTURE_CONTRACT.md 1), and the reference that a reader checks it by."""

import subprocess
from pathlib import Path

import numpy as np

from pipeline.seeded import hashed, sound_point

from . import geometry
from .config import Config
from .geometry import Frame
from .model_file import HEAD_INPUTS, HEAD_OUTPUTS, TRUNK_INPUTS, TRUNK_OUTPUTS, Model, Request
from .network import NUM_COLOURS, RESIDUAL_BOUND, Generator

REFERENCE_SEED, REFERENCE_WIDTH, REFERENCE_HEIGHT, REFERENCE_TRUNCATION = 1, 320, 180, 2.0
REFERENCE_PALETTE = [[0.2, 0.01, -0.05], [0.4, 0.05, -0.08], [0.55, 0.1, 0.0], [0.7, 0.06, 0.08], [0.9, -0.01, 0.05]]
NUM_SPOTS, SPOT_STREAM = 48, 0
CELLS_TOLERANCE, COLOUR_TOLERANCE = 1e-2, 2e-3


def seeded_latent(seed: int, length: int) -> np.ndarray:
    """PICTURE_CONTRACT.md 6."""
    return sound_point(seed, length, 0, REFERENCE_TRUNCATION)[0]


def reference_request(latent_length: int, num_styles: int, style_length: int) -> Request:
    """The reference picture: all styles alike, so that each of them takes part."""
    style = np.full(num_styles, 1 / num_styles)
    frame = Frame.of_size(REFERENCE_WIDTH, REFERENCE_HEIGHT)
    return Request(seeded_latent(REFERENCE_SEED, latent_length), style, np.array(REFERENCE_PALETTE), np.zeros(style_length), REFERENCE_SEED, frame)


def reference(request: Request, cells: np.ndarray) -> dict:
    indices = hashed(REFERENCE_SEED, SPOT_STREAM, np.arange(NUM_SPOTS)) % cells.size
    return {
        "seed": REFERENCE_SEED, "style": request.style.tolist(), "palette": REFERENCE_PALETTE, "width": REFERENCE_WIDTH, "height": REFERENCE_HEIGHT,
        "spots": [{"index": int(i), "value": float(cells.flat[i])} for i in indices],
    }  # fmt: skip


def manifest(config: Config, styles: list[str], generator: Generator, model: Model, facts: dict) -> dict:
    """`facts`: samples_seen, sources, attribution, controls, experimental."""
    network = config.network
    request = reference_request(network.latent_length, len(styles), generator.trunk.offset_length)
    width, modulation = generator.trunk.num_features, network.head_channels
    places = {
        "short_units": geometry.SHORT_UNITS, "max_long_units": geometry.MAX_LONG_UNITS, "medium_per_unit": geometry.MEDIUM_PER_UNIT,
        "features_per_unit": geometry.FEATURES_PER_UNIT, "detail_per_unit": geometry.DETAIL_PER_UNIT, "cells_per_unit": geometry.CELLS_PER_UNIT,
        "halo_features": geometry.HALO_FEATURES, "halo_detail": geometry.HALO_DETAIL, "noise_channels": geometry.NOISE_CHANNELS,
        "medium_channels": geometry.MEDIUM_CHANNELS, "detail_channels": geometry.DETAIL_CHANNELS,
    }  # fmt: skip
    return {
        "schema_version": 1, "name": config.name, "version": "1.0.0", "kind": "picture", "experimental": facts["experimental"],
        "licence": config.data.licence, "attribution": facts["attribution"], "sources": facts["sources"],
        "training": {"config_sha256": config.sha256, "commit": commit(), "samples_seen": facts["samples_seen"], "seed": config.seed},
        "parameters": sum(p.numel() for p in generator.parameters()), "latent_length": network.latent_length,
        "style_length": generator.trunk.offset_length, "styles": styles, "geometry": places, "residual_bound": RESIDUAL_BOUND,
        "trunk": {
            "inputs": _shapes(TRUNK_INPUTS, [
                ["n", network.latent_length], ["n", len(styles)], ["n", NUM_COLOURS, 3], ["n", generator.trunk.offset_length],
                ["n", geometry.NOISE_CHANNELS, "rows", "columns"], ["n", geometry.MEDIUM_CHANNELS, "4*rows", "4*columns"], ["n", "8*rows"],
            ]),
            "outputs": _shapes(TRUNK_OUTPUTS, [["n", width, "8*rows", "8*columns"], ["n", modulation]]),
        },
        "head": {
            "inputs": _shapes(HEAD_INPUTS, [["n", width, "h+4", "w+4"], ["n", modulation], ["n", geometry.DETAIL_CHANNELS, "2*h+6", "2*w+6"]]),
            "outputs": _shapes(HEAD_OUTPUTS, [["n", NUM_COLOURS + 1, "4*h", "4*w"]]),
        },
        "controls": facts["controls"], "tolerance": {"cells_abs": CELLS_TOLERANCE, "colour_oklab": COLOUR_TOLERANCE},
        "reference": reference(request, model.cells(request)),
    }  # fmt: skip


def _shapes(names: list[str], shapes: list[list]) -> list[dict]:
    return [{"name": name, "shape": shape} for name, shape in zip(names, shapes, strict=True)]


def commit() -> str:
    """The source's commit, or `unknown` outside a checkout."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
