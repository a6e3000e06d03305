"""Named controls: the attributes a network was trained on, and directions found in its style space afterwards.

Each is measured as a user would use it, on every kind of key, and a direction that is not monotonic does not ship. Moods
are mixes of what ships. `python -m sound.controls --model FILE -o FILE [--version V]` finds and writes those of a model
that is exported already; its weights stay as they are.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import scipy.stats
from tqdm import tqdm

from pipeline.whole_file import whole_file

from . import measures
from .conditions import NUM_ATTRIBUTES
from .metrics import Maps
from .onnx_model import METADATA_KEY, Model

STEPS = np.linspace(-2, 2, 5)
KEYS = [36, 48, 60, 72, 84]
SOUNDS = 12
UNITS = {
    "brightness": "octave", "attack": "log10 s", "noisiness": "dB", "decay": "dB/s",
    "warmth": "dB", "hollowness": "dB", "body": "dB", "movement": "log2 cents", "breath": "dB",
}  # fmt: skip
DIRECTIONS = ("warmth", "movement", "breath", "hollowness", "body")
PROBES = 2304
"""With a third of them sound-v5's hollowness came out at Spearman 0.90, with these at 1.00: noise in a direction moves all else."""
PROBE_SIZE = 0.15
"""Standard deviation of a probe's style offset: small enough that descriptors answer nearly on a straight line."""
RIDGE = 0.02
SMALLEST_SPEARMAN = 0.9
MOODS = {
    "warm": {"brightness": -0.7, "attack": 0.5, "warmth": 0.8, "body": 0.4},
    "tense": {"brightness": 0.8, "noisiness": 0.6, "movement": 0.8, "hollowness": 0.4},
    "airy": {"noisiness": 0.9, "attack": 0.7, "breath": 0.9, "body": -0.5},
    "dark": {"brightness": -1.3, "decay": 0.3, "body": 0.7},
    "bright": {"brightness": 1.1, "attack": -0.4, "warmth": -0.4},
    "calm": {"brightness": -0.5, "attack": 0.9, "noisiness": -0.3, "movement": -0.6},
    "urgent": {"brightness": 0.6, "attack": -1.2, "decay": -0.5},
    "hollow": {"hollowness": 1.2, "brightness": -0.2, "body": -0.3},
}
"""Standard deviations of each control; what a model does not ship is left out of its mix."""


@dataclass(frozen=True)
class Painter:
    """A network seen from outside, in PyTorch or ONNX Runtime."""

    paint: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Maps]
    """latent [n, z], key [n], attributes [n, a], style offset [n, w] -> maps in dB and cents."""
    latent_length: int
    style_length: int


def measure_controls(painter: Painter) -> list[dict]:
    """One entry per control that moves its descriptor the same way on every key: vector, range, effect (CONTRACT.md, 4).

    The attributes come first and always: they are inputs, and a reader must know what each does.
    """
    attributes = [_measured(painter, name, "attribute", np.eye(NUM_ATTRIBUTES)[i]) for i, name in enumerate(measures.ATTRIBUTES)]
    vectors = style_directions(painter)
    directions = [_measured(painter, name, "style", vectors[name]) for name in DIRECTIONS]
    return attributes + [d for d in directions if d["effect"]["spearman"] > SMALLEST_SPEARMAN]


def moods(controls: list[dict]) -> list[dict]:
    """The mixes, of the controls there are."""
    known = {control["name"] for control in controls}
    return [{"name": name, "controls": {c: value for c, value in mix.items() if c in known}} for name, mix in MOODS.items()]


def style_directions(painter: Painter) -> dict[str, np.ndarray]:
    """[style_length] per descriptor: one unit moves it by about a standard deviation of what the network paints at a key.

    Ridge regression of what a small random style offset changes: the same notes with and without it, so that nothing
    else differs.
    """
    random = np.random.default_rng(12)
    latent = random.standard_normal((PROBES, painter.latent_length))
    attributes = np.clip(random.standard_normal((PROBES, NUM_ATTRIBUTES)), -2, 2)
    key, offset = random.uniform(36, 84, PROBES), PROBE_SIZE * random.standard_normal((PROBES, painter.style_length))
    before, after = (measures.timbre(*painter.paint(latent, key, attributes, o), key) for o in (np.zeros_like(offset), offset))
    powers = np.stack([np.ones_like(key), key, key**2], axis=1)
    held = offset.T @ offset + RIDGE * PROBES * PROBE_SIZE**2 * np.eye(painter.style_length)
    found = {}
    for name, values in before.items():
        slope = np.linalg.solve(held, offset.T @ (after[name] - values))
        spread = (values - powers @ np.linalg.lstsq(powers, values, rcond=None)[0]).std()
        found[name] = slope * spread / max(float(slope @ slope), 1e-9)
    return found


def _measured(painter: Painter, name: str, kind: str, vector: np.ndarray) -> dict:
    """A control's entry: slope per unit and mean Spearman correlation over sounds and keys (0 where nothing moves)."""
    values = np.stack([_moved(painter, name, kind, step * vector) for step in STEPS])
    correlations = np.array([scipy.stats.spearmanr(STEPS, v).statistic if np.ptp(v) > 0 else 0.0 for v in values.T])
    effect = {
        "descriptor": name, "unit": UNITS[name], "per_unit": round(float(np.polyfit(STEPS, values.mean(axis=1), 1)[0]), 4),
        "spearman": round(float(correlations.mean()), 4), "steady_share": round(float(np.mean(correlations > SMALLEST_SPEARMAN)), 3),
    }  # fmt: skip
    return {"name": name, "kind": kind, "vector": [round(float(v), 6) for v in vector], "min": -2.0, "max": 2.0, "effect": effect}


def _moved(painter: Painter, name: str, kind: str, by: np.ndarray) -> np.ndarray:
    """[sounds x keys] the descriptor with a control held at one place; the same latents every time."""
    key = np.tile(np.array(KEYS, dtype=np.float64), SOUNDS)
    latent = np.repeat(np.random.default_rng(11).standard_normal((SOUNDS, painter.latent_length)), len(KEYS), axis=0)
    attributes, offset = np.zeros((len(key), NUM_ATTRIBUTES)), np.zeros((len(key), painter.style_length))
    (attributes if kind == "attribute" else offset)[:] = by
    level, deviation, noise = painter.paint(latent, key, attributes, offset)
    if name in measures.ATTRIBUTES:
        return measures.attributes(level, noise, key)[:, measures.ATTRIBUTES.index(name)]
    return measures.timbre(level, deviation, noise, key)[name]


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models controls", description=__doc__)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("-o", "--out", required=True, type=Path, help="the file to write; may be the model itself")
    parser.add_argument("--version", help="the model's new version; its sounds change where a control is used")
    options = parser.parse_args(arguments)
    model = Model.load(options.model)
    with tqdm(desc="controls", unit="note") as bar:
        painter = Painter(lambda *asked: _counted(model, bar, *asked), model.manifest["latent_length"], model.manifest["style_length"])
        controls = measure_controls(painter)
    manifest = model.manifest | {"controls": controls, "moods": moods(controls), "version": options.version or model.manifest["version"]}
    graph = onnx.load(str(options.model))
    next(p for p in graph.metadata_props if p.key == METADATA_KEY).value = json.dumps(manifest)
    with whole_file(options.out) as part:
        onnx.save(graph, str(part))
    for control in controls:
        print(f"{control['name']:12} {control['effect']['per_unit']:8.3f} {control['effect']['unit']:12} Spearman {control['effect']['spearman']:.2f}", file=sys.stderr)
    return {"file": str(options.out), "controls": {c["name"]: c["effect"] for c in controls}}


def _counted(model: Model, bar: tqdm, latent, key, attributes, offset) -> Maps:
    bar.update(len(key))
    return model.generate(latent, key, np.full(len(key), 0.7), attributes, offset)


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
