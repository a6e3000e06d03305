"""An exported model against its corpus: `python -m sound.evaluate CONFIG --model FILE [--previous FIGURES] [--corpus DIR] [-o DIR]`.

Writes report.md with figures.json and pictures. Everything is measured on the ONNX file itself, run by ONNX Runtime:
what ships is what is judged. Beside each figure stands what real notes reach (a second half of the corpus), the
ceiling (grids of noise) and, with `--previous`, what another model's figures.json says.
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from pipeline.command import at_least
from pipeline.errors import InputError
from pipeline.whole_file import whole_file

from . import measures, metrics, pictures
from .conditions import Whitening
from .config import load_config
from .dataset import Batch, Dataset, load_dataset
from .decode import decode_straight
from .evaluation import EVALUATION_NOTES, physical
from .gates import gates
from .grid import Grid, key_to_hz
from .onnx_model import OUTPUTS, Model
from .pitch import f0_hz
from .places import corpus_folder
from .report import to_markdown

PITCH_NOTES = 64
PITCH_LIMIT_CENTS = 20.0
ALIKE = 0.5
"""Standard deviations from the middle within which the attributes of real notes count as held."""
FEWEST_ALIKE = 32
SHEET_SEEDS, SHEET_KEYS = 8, [36, 55, 72]


class Measurement:
    """The figures, each computed once."""

    def __init__(self, model: Model, dataset: Dataset, seed: int):
        self.model, self.dataset, self.grid = model, dataset, dataset.grid
        random = np.random.default_rng([seed, 99])
        size = min(EVALUATION_NOTES, len(dataset) // 2)
        chosen = random.choice(len(dataset), 2 * size, replace=False, p=dataset.weight / dataset.weight.sum())
        self.conditions = dataset.rows(chosen[:size])
        self.real = physical(self.grid, self.conditions.maps)
        others = dataset.rows(chosen[size:])
        self.other = physical(self.grid, others.maps)
        self.conditions, others = (self._in_the_models_units(batch, rows) for batch, rows in ((self.conditions, chosen[:size]), (others, chosen[size:])))
        self.fake = model.like(self.conditions, seed)
        self.crossed = model.like(others, seed)
        """Asked for what the other half is: differs from the first half in its conditions too, as the floor does."""
        self.components = metrics.Components.fit(self.real)

    def _in_the_models_units(self, batch: Batch, rows: np.ndarray) -> Batch:
        """The attributes as this model was taught them: its whitening, not that of the corpus at hand."""
        whitening = Whitening.from_dict(self.model.manifest["whitening"])
        asked = whitening.apply(self.dataset.raw_attributes[rows], self.dataset.key[rows])
        return replace(batch, attributes=torch.from_numpy(asked.astype(np.float32)))

    @cached_property
    def features(self) -> dict[str, np.ndarray]:
        random = np.random.default_rng(3)
        noise = tuple(random.uniform(m.min(), m.max(), m.shape).astype(np.float32) for m in self.real)
        average = tuple(np.repeat(m.mean(axis=0, keepdims=True), len(m), axis=0) + random.normal(0, 1e-3, m.shape) for m in self.real)
        sets = {"real": self.real, "other": self.other, "model": self.fake, "crossed": self.crossed, "noise": noise, "average": average}
        return {name: self.components.project(maps) for name, maps in sets.items()}

    def frechet(self) -> dict[str, float]:
        """Distance of each set to one half of the real notes."""
        real = self.features["real"]
        return {name: metrics.frechet(real, self.features[name]) for name in ("other", "crossed", "model", "average", "noise")}

    def frechet_per_map(self) -> dict[str, float]:
        """Times the floor, on one map alone: the distance on all three hardly sees the deviation."""
        ratios = {}
        for i, name in enumerate(OUTPUTS):
            real, other, crossed = ((maps[i],) for maps in (self.real, self.other, self.crossed))
            components = metrics.Components.fit(real)
            features = [components.project(maps) for maps in (real, other, crossed)]
            ratios[name] = metrics.frechet(features[0], features[2]) / metrics.frechet(features[0], features[1])
        return ratios

    def bins(self) -> dict[str, dict[str, float]]:
        """Shares of the kinds of notes: model, and the other half of the real ones."""
        return {name: metrics.bins_apart(self.features["real"], self.features[key]) for name, key in (("model", "crossed"), ("real", "other"), ("noise", "noise"))}

    def textures(self) -> dict[str, dict[str, float]]:
        noise = tuple(np.random.default_rng(3).uniform(m.min(), m.max(), m.shape).astype(np.float32) for m in self.real)
        return {"model": metrics.texture(self.fake), "real": metrics.texture(self.real), "noise": metrics.texture(noise)}

    def keys(self) -> list[dict[str, float]]:
        """64 notes spread over keys and sounds, decoded: cents off by YIN, peak, milliseconds in ONNX Runtime."""
        random, size = np.random.default_rng(21), (PITCH_NOTES, len(self.model.manifest["attributes"]))
        keys = np.linspace(28, 96, PITCH_NOTES).round()
        attributes = np.clip(random.normal(0, 0.7, size), -1.5, 1.5)
        latents = random.standard_normal((PITCH_NOTES, self.model.manifest["latent_length"]))
        rows = []
        for i, key in enumerate(tqdm(keys, desc="pitch", unit="note")):
            started = time.perf_counter()
            maps = self.model.generate(latents[i : i + 1], keys[i : i + 1], np.full(1, 0.7), attributes[i : i + 1])
            spent_ms = 1000 * (time.perf_counter() - started)
            samples = decode_straight(self.grid, *(m[0] for m in maps), key=float(key), seed=i, sample_rate_hz=48_000)
            cents = 1200 * np.log2(f0_hz(samples[24_000:96_000], 48_000) / float(key_to_hz(key)))
            rows.append({"key": int(key), "cents": float(cents), "peak_db": float(20 * np.log10(np.abs(samples).max())), "ms": spent_ms})
        return rows

    def tails(self) -> dict[str, float]:
        """Share of decaying notes (whose real partner falls faster than 8 dB/s) whose last column is below -40 dB; model and real."""
        keys = self.conditions.key.numpy()
        slopes = measures.decay(measures.partial_power(self.real[0], keys))
        result = {}
        for name, maps in (("model", self.fake), ("real", self.real)):
            last = 10 * np.log10(measures.partial_power(maps[0], keys).sum(axis=1)[:, -1] + 1e-9)
            result[name] = float(np.mean(last[slopes < -8] < -40))
        return result

    def neighbours_db(self) -> float:
        """95th percentile of the loudness step between neighbouring keys of one sound (partials and noise together)."""
        keys = np.arange(30, 91)
        steps = []
        for seed in range(6):
            latent = np.repeat(np.random.default_rng(seed).standard_normal((1, self.model.manifest["latent_length"])), len(keys), axis=0)
            level, _, noise = self.model.generate(latent, keys, np.full(len(keys), 0.7), np.zeros((len(keys), len(self.model.manifest["attributes"]))))
            power = measures.partial_power(level, keys).sum(axis=1)[:, 20:90].mean(axis=1) + (10 ** (noise / 10)).sum(axis=1)[:, 20:90].mean(axis=1)
            steps.append(np.abs(np.diff(10 * np.log10(power))))
        return float(np.percentile(np.concatenate(steps), 95))

    def variety(self) -> dict[str, float]:
        """Mean distance between notes: the model's over the data's; by latent alone; and to the nearest real note against real to real.

        Beside the latent alone, what is left of the data's own variety where its attributes are as good as held: no
        model that obeys its attributes has more.
        """
        features = self.features
        key = np.full(256, 60.0)
        latent = np.random.default_rng(8).standard_normal((256, self.model.manifest["latent_length"]))
        alone = self.model.generate(latent, key, np.full(256, 0.7), np.zeros((256, len(self.model.manifest["attributes"]))))
        near = np.abs(self.dataset.key - 60) <= 2
        at_key = self.components.project(physical(self.grid, self.dataset.rows(np.flatnonzero(near)).maps))
        alike = (np.abs(self.dataset.attributes[near]) < ALIKE).all(axis=1)
        found = {
            "model_over_data": metrics.diversity(features["model"]) / metrics.diversity(features["real"]),
            "latent_alone_over_data_at_key_60": metrics.diversity(self.components.project(alone)) / metrics.diversity(at_key),
            "nearest_real_ratio": _nearest(features["model"], features["real"]) / _nearest(features["other"], features["real"]),
        }
        if alike.sum() >= FEWEST_ALIKE:
            found["real_of_like_attributes_over_data_at_key_60"] = metrics.diversity(at_key[alike]) / metrics.diversity(at_key)
        return found

    def attribute_accuracy(self) -> dict[str, float]:
        """Correlation of the attribute asked for and the one measured on the generated grid."""
        keys = self.conditions.key.numpy()
        raw = measures.attributes(self.fake[0], self.fake[2], keys)
        measured, asked = Whitening.from_dict(self.model.manifest["whitening"]).apply(raw, keys), self.conditions.attributes.numpy()
        return {name: correlation(measured[:, i], asked[:, i]) for i, name in enumerate(measures.ATTRIBUTES)}

    def figures(self) -> dict:
        keys = self.keys()
        return {
            "model": {k: self.model.manifest[k] for k in ("name", "version", "parameters")},
            "samples_seen": self.model.manifest["training"]["samples_seen"], "notes_in_corpus": len(self.dataset),
            "frechet": self.frechet(), "frechet_per_map": self.frechet_per_map(), "bins": self.bins(),
            "texture": self.textures(), "pitch": pitch_summary(keys), "keys": keys, "tails_below_minus_40_db": self.tails(),
            "neighbouring_keys_db_p95": self.neighbours_db(), "variety": self.variety(), "attributes": self.attribute_accuracy(),
            "controls": {c["name"]: c["effect"] for c in self.model.manifest["controls"]}, "ms_per_note": self.model.milliseconds_per_note(),
        }  # fmt: skip


def _nearest(a: np.ndarray, b: np.ndarray) -> float:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return float(np.sqrt(np.maximum(squares, 0).min(axis=1)).mean())


def correlation(measured: np.ndarray, asked: np.ndarray) -> float:
    """Pearson's; 0 where one of the two never moves."""
    return float(np.corrcoef(measured, asked)[0, 1]) if measured.std() > 0 and asked.std() > 0 else 0.0


def pitch_summary(keys: list[dict[str, float]]) -> dict[str, float]:
    off = np.abs([row["cents"] for row in keys])
    return {"notes": len(off), "within": int(np.sum(off <= PITCH_LIMIT_CENTS)), "worst_cents": float(max(off)), "median_cents": float(np.median(off))}


def finite(figures, where: str = "figures"):
    """The same, if every number in it is one."""
    if isinstance(figures, dict):
        return {name: finite(value, f"{where}.{name}") for name, value in figures.items()}
    if isinstance(figures, list):
        return [finite(value, f"{where}[{i}]") for i, value in enumerate(figures)]
    if isinstance(figures, float) and not np.isfinite(figures):
        raise InputError(f"{where} is {figures}: the model's output cannot be measured; look at the log of its training")
    return figures


def evaluate(model: Model, dataset: Dataset, folder: Path, seed: int, previous: dict | None = None) -> dict:
    """Writes the report into `folder` and returns its figures."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = finite(Measurement(model, dataset, seed).figures())
    with whole_file(folder / "figures.json") as part:
        part.write_text(json.dumps(figures, indent=1, allow_nan=False))
    (folder / "report.md").write_text(to_markdown(figures, previous))
    _pictures(model, dataset, folder)
    return figures


def _pictures(model: Model, dataset: Dataset, folder: Path) -> None:
    """24 fixed seeds and keys, and real notes of the same keys."""
    keys = np.tile(SHEET_KEYS, SHEET_SEEDS)
    random = np.random.default_rng(1234)
    latent = np.repeat(random.standard_normal((SHEET_SEEDS, model.manifest["latent_length"])), len(SHEET_KEYS), axis=0)
    attributes = np.repeat(np.clip(random.normal(0, 0.7, (SHEET_SEEDS, len(model.manifest["attributes"]))), -1.5, 1.5), len(SHEET_KEYS), axis=0)
    pictures.sheet(model.generate(latent, keys, np.full(len(keys), 0.7), attributes), [f"seed {i // 3}, key {k}" for i, k in enumerate(keys)], folder / "generated.png")
    near = [int(np.argmin(np.abs(dataset.key - k) + random.random(len(dataset)))) for k in keys]
    pictures.sheet(physical(dataset.grid, dataset.rows(np.array(near)).maps), [f"{dataset.preset[i].split(' / ')[0]}, {dataset.key[i]:.0f}" for i in near], folder / "real.png")


def read_figures(path: Path) -> dict:
    """Another model's figures.json."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: not a figures.json of an earlier report ({error})") from error


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models evaluate", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--model", required=True, help="the exported .onnx file")
    parser.add_argument("--previous", type=Path, help="figures.json of the model to compare with")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("-o", "--out", default="report", help="folder of the report")
    parser.add_argument("--seed", type=at_least(0), default=1)
    options = parser.parse_args(arguments)
    config, previous = load_config(options.config), read_figures(options.previous) if options.previous else None
    model = Model.load(Path(options.model))
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    figures = evaluate(model, dataset, Path(options.out), options.seed, previous)
    print(to_markdown(figures, previous), file=sys.stderr)
    return {"folder": options.out, "gates": {gate.name: gate.met for gate in gates(figures)}, **figures}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
