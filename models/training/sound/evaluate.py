"""An exported model against its corpus: `python -m sound.evaluate CONFIG --model FILE [--corpus DIR] [-o DIR]`.

Writes report.md with figures.json and pictures. Everything is measured on the ONNX file itself, run by ONNX Runtime:
what ships is what is judged. Beside each figure stands what real notes reach (a second half of the corpus) and the
ceiling (grids of noise), so that a number means something.
"""

import argparse
import json
import sys
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from tqdm import tqdm

from . import descriptors, measures, metrics, pictures
from .command import at_least
from .config import InputError, load_config
from .dataset import Batch, Dataset, load_dataset
from .decode import decode_straight
from .export import INPUTS, METADATA_KEY, OUTPUTS, open_session
from .grid import Grid, key_to_hz
from .pitch import f0_hz
from .prepare import corpus_folder
from .evaluation import EVALUATION_NOTES, physical

PITCH_NOTES = 64
PITCH_LIMIT_CENTS = 20.0
SHEET_SEEDS, SHEET_KEYS = 8, [36, 55, 72]


@dataclass(frozen=True)
class Model:
    """An ONNX file seen as a function of conditions."""

    session: onnxruntime.InferenceSession
    manifest: dict

    @staticmethod
    def load(path: Path) -> "Model":
        try:
            facts = {p.key: p.value for p in onnx.load(str(path)).metadata_props}
            return Model(open_session(path), json.loads(facts[METADATA_KEY]))
        except Exception as error:  # onnx and onnxruntime raise a dozen unrelated types for a bad file
            raise InputError(f"{path}: not an Understory sound model ({type(error).__name__}: {error})") from error

    def generate(self, latent: np.ndarray, key, velocity, attributes) -> metrics.Maps:
        """latent [n, z], the rest [n] and [n, a] -> the three maps in physical units."""
        offset = np.zeros((len(latent), self.manifest["style_length"]))
        columns = [np.asarray(a, dtype=np.float32) for a in (latent, key, velocity, attributes, offset)]
        parts = []
        for i in range(0, len(latent), 32):
            parts.append(self.session.run(OUTPUTS, dict(zip(INPUTS, (c[i : i + 32] for c in columns)))))
        return tuple(np.concatenate(maps) for maps in zip(*parts))

    def like(self, conditions: Batch, seed: int) -> metrics.Maps:
        """One note for each row of conditions, latents from `seed`."""
        latent = np.random.default_rng(seed).standard_normal((len(conditions.key), self.manifest["latent_length"]))
        return self.generate(latent, conditions.key, conditions.velocity, conditions.attributes)

    def milliseconds_per_note(self) -> float:
        """Median of 30 single notes on one thread."""
        times = []
        for seed in range(35):
            latent = np.random.default_rng(seed).standard_normal((1, self.manifest["latent_length"]))
            start = time.perf_counter()
            self.generate(latent, [60], [0.7], np.zeros((1, len(self.manifest["attributes"]))))
            times.append(1000 * (time.perf_counter() - start))
        return float(np.median(times[5:]))


class Report:
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
        self.fake = model.like(self.conditions, seed)
        self.crossed = model.like(others, seed)
        """Asked for what the other half is: differs from the first half in its conditions too, as the floor does."""
        self.components = metrics.Components.fit(self.real)

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

    def textures(self) -> dict[str, dict[str, float]]:
        return {"model": metrics.texture(self.fake), "real": metrics.texture(self.real)}

    def pitch(self) -> dict[str, float]:
        """YIN on decoded audio of 64 notes spread over keys and sounds."""
        random = np.random.default_rng(21)
        keys = np.linspace(28, 96, PITCH_NOTES).round()
        attributes = np.clip(random.normal(0, 0.7, (PITCH_NOTES, len(self.model.manifest["attributes"]))), -1.5, 1.5)
        maps = self.model.generate(random.standard_normal((PITCH_NOTES, self.model.manifest["latent_length"])), keys, np.full(PITCH_NOTES, 0.7), attributes)
        off = []
        for i, key in enumerate(tqdm(keys, desc="pitch", unit="note")):
            samples = decode_straight(self.grid, *(m[i] for m in maps), key=float(key), seed=i, sample_rate_hz=48_000)
            off.append(abs(1200 * np.log2(f0_hz(samples[24_000:96_000], 48_000) / float(key_to_hz(key)))))
        return {"notes": PITCH_NOTES, "within": int(np.sum(np.array(off) <= PITCH_LIMIT_CENTS)), "worst_cents": float(max(off)), "median_cents": float(np.median(off))}

    def tails(self) -> dict[str, float]:
        """Share of decaying notes (whose real partner falls faster than 8 dB/s) whose last column is below -40 dB; model and real."""
        keys = self.conditions.key.numpy()
        slopes = np.array([descriptors.decay(level, key) for level, key in zip(self.real[0], keys)])
        result = {}
        for name, maps in (("model", self.fake), ("real", self.real)):
            last = 10 * np.log10(total_power(maps[0], keys)[:, -1] + 1e-9)
            result[name] = float(np.mean(last[slopes < -8] < -40))
        return result

    def neighbours_db(self) -> float:
        """95th percentile of the loudness step between neighbouring keys of one sound (partials and noise together)."""
        keys = np.arange(30, 91)
        steps = []
        for seed in range(6):
            latent = np.repeat(np.random.default_rng(seed).standard_normal((1, self.model.manifest["latent_length"])), len(keys), axis=0)
            level, _, noise = self.model.generate(latent, keys, np.full(len(keys), 0.7), np.zeros((len(keys), len(self.model.manifest["attributes"]))))
            power = total_power(level, keys)[:, 20:90].mean(axis=1) + (10 ** (noise / 10)).sum(axis=1)[:, 20:90].mean(axis=1)
            steps.append(np.abs(np.diff(10 * np.log10(power))))
        return float(np.percentile(np.concatenate(steps), 95))

    def variety(self) -> dict[str, float]:
        """Mean distance between notes: the model's over the data's; by latent alone; and to the nearest real note against real to real."""
        features = self.features
        key = np.full(256, 60.0)
        latent = np.random.default_rng(8).standard_normal((256, self.model.manifest["latent_length"]))
        alone = self.model.generate(latent, key, np.full(256, 0.7), np.zeros((256, len(self.model.manifest["attributes"]))))
        near = np.abs(self.dataset.key - 60) <= 2
        at_key = self.components.project(physical(self.grid, self.dataset.rows(np.flatnonzero(near)).maps))
        return {
            "model_over_data": metrics.diversity(features["model"]) / metrics.diversity(features["real"]),
            "latent_alone_over_data_at_key_60": metrics.diversity(self.components.project(alone)) / metrics.diversity(at_key),
            "nearest_real_ratio": _nearest(features["model"], features["real"]) / _nearest(features["other"], features["real"]),
        }

    def attribute_accuracy(self) -> dict[str, float]:
        """Correlation of the attribute asked for and the one measured on the generated grid."""
        keys = self.conditions.key.numpy()
        raw = measures.attributes(self.fake[0], self.fake[2], keys)
        measured, asked = self.dataset.whitening.apply(raw, keys), self.conditions.attributes.numpy()
        return {name: float(np.corrcoef(measured[:, i], asked[:, i])[0, 1]) for i, name in enumerate(measures.ATTRIBUTES)}

    def figures(self) -> dict:
        return {
            "model": {k: self.model.manifest[k] for k in ("name", "version", "parameters")},
            "samples_seen": self.model.manifest["training"]["samples_seen"], "notes_in_corpus": len(self.dataset),
            "frechet": self.frechet(), "texture": self.textures(), "pitch": self.pitch(), "tails_below_minus_40_db": self.tails(),
            "neighbouring_keys_db_p95": self.neighbours_db(), "variety": self.variety(), "attributes": self.attribute_accuracy(),
            "controls": {c["name"]: c["effect"] for c in self.model.manifest["controls"]}, "ms_per_note": self.model.milliseconds_per_note(),
        }  # fmt: skip


def total_power(level_db: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """[notes, columns] power of all partials."""
    return np.stack([descriptors.partial_power(level, float(key)).sum(axis=0) for level, key in zip(level_db, keys)])


def _nearest(a: np.ndarray, b: np.ndarray) -> float:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return float(np.sqrt(np.maximum(squares, 0).min(axis=1)).mean())


def to_markdown(figures: dict) -> str:
    """The report, a table per question."""
    frechet, texture = figures["frechet"], figures["texture"]
    lines = [
        f"# {figures['model']['name']} {figures['model']['version']}: report", "",
        f"{figures['model']['parameters']:,} parameters, {figures['samples_seen']:,} samples seen, against a corpus of {figures['notes_in_corpus']:,} notes.", "",
        "| Frechet distance to half the real notes | value | x floor |", "|---|---|---|",
        *(f"| {label} | {frechet[name]:.2f} | {frechet[name] / frechet['other']:.1f} |" for name, label in (("other", "the other half (floor)"), ("crossed", "**model**, asked for the other half"), ("model", "model, asked for the very half it is compared with"), ("average", "the mean note"), ("noise", "noise (ceiling)"))), "",
        "| texture | model | real |", "|---|---|---|",
        *(f"| {name} | {texture['model'][name]:.3f} | {value:.3f} |" for name, value in texture["real"].items()), "",
        "| figure | value |", "|---|---|",
        f"| pitch within 20 cents | {figures['pitch']['within']} of {figures['pitch']['notes']} (median {figures['pitch']['median_cents']:.2f}, worst {figures['pitch']['worst_cents']:.2f} cents) |",
        *(f"| {name} | {value:.3f} |" for name, value in figures["variety"].items()),
        f"| decaying notes whose tail is below -40 dB | {figures['tails_below_minus_40_db']['model']:.2f} (real {figures['tails_below_minus_40_db']['real']:.2f}) |",
        f"| loudness step of neighbouring keys, 95th percentile | {figures['neighbouring_keys_db_p95']:.2f} dB |",
        f"| ONNX Runtime, one thread, one note | {figures['ms_per_note']:.2f} ms |", "",
        "| control | asked against measured (correlation) | effect per unit | Spearman |", "|---|---|---|---|",
        *(f"| {name} | {figures['attributes'][name]:.2f} | {e['per_unit']:.3f} {e['unit']} | {e['spearman']:.2f} |" for name, e in figures["controls"].items()), "",
        "![Generated notes](generated.png)", "", "![Real notes of the same keys](real.png)", "",
    ]  # fmt: skip
    return "\n".join(lines)


def evaluate(model: Model, dataset: Dataset, folder: Path, seed: int) -> dict:
    """Writes the report into `folder` and returns its figures."""
    folder.mkdir(parents=True, exist_ok=True)
    report = Report(model, dataset, seed)
    figures = report.figures()
    (folder / "figures.json").write_text(json.dumps(figures, indent=1))
    (folder / "report.md").write_text(to_markdown(figures))
    keys = np.tile(SHEET_KEYS, SHEET_SEEDS)
    random = np.random.default_rng(1234)
    latent = np.repeat(random.standard_normal((SHEET_SEEDS, model.manifest["latent_length"])), len(SHEET_KEYS), axis=0)
    attributes = np.repeat(np.clip(random.normal(0, 0.7, (SHEET_SEEDS, len(model.manifest["attributes"]))), -1.5, 1.5), len(SHEET_KEYS), axis=0)
    pictures.sheet(model.generate(latent, keys, np.full(len(keys), 0.7), attributes), [f"seed {i // 3}, key {k}" for i, k in enumerate(keys)], folder / "generated.png")
    near = [int(np.argmin(np.abs(dataset.key - k) + random.random(len(dataset)))) for k in keys]
    pictures.sheet(physical(dataset.grid, dataset.rows(np.array(near)).maps), [f"{dataset.preset[i].split(' / ')[0]}, {dataset.key[i]:.0f}" for i in near], folder / "real.png")
    return figures


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models evaluate", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--model", required=True, help="the exported .onnx file")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("-o", "--out", default="report", help="folder of the report")
    parser.add_argument("--seed", type=at_least(0), default=1)
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    model = Model.load(Path(options.model))
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    figures = evaluate(model, dataset, Path(options.out), options.seed)
    print(to_markdown(figures), file=sys.stderr)
    return {"folder": options.out, **figures}


if __name__ == "__main__":
    from .command import run

    run(main)
