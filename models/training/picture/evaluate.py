"""An exported model against real pictures: `python -m picture.evaluate CONFIG --model FILE [--corpus DIR] [-o DIR]`.

Writes report.md with figures.json and contact sheets. Everything is measured on the ONNX file itself, run by ONNX
Runtime: what ships is what is judged. Beside each figure stands what real pictures reach against other real ones of the
same styles and palettes (the floor), and noise (the ceiling), so that a number means something.
"""

import argparse
import json
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from tqdm import tqdm

from pipeline.command import at_least
from pipeline.seeded import normal
from sound.metrics import frechet

from . import judge, metrics, sheets
from .colour import NUM_COLOURS, compose, oklab_to_srgb
from .config import load_config
from .dataset import Batch, Source
from .geometry import HALO_DETAIL, HALO_FEATURES, Frame
from .manifest import seeded_latent
from .model_file import HEAD_INPUTS, HEAD_OUTPUTS, TRUNK_INPUTS, TRUNK_OUTPUTS, Model, Request
from .paint import paint, to_oklab, upsample
from .palettes import random_palettes
from .sources import open_source

PER_STYLE = 64
SHEET_SEEDS, SHEET_SIZE = 5, (320, 180)
MORPH_STEPS = 5
FIRST_STEP = 2**31 + 1000
"""Steps whose batches no training step draws."""
LOOP_MOTION = 0.5
TIMED_RUNS = 5


@dataclass(frozen=True)
class Sample:
    """Pictures [n, 3, 64, 64] OKLab with their styles [n]; `sharp` [n, 3, h, w] before they were made small."""

    small: Tensor
    sharp: Tensor
    style: Tensor


def generated(model: Model, batch: Batch) -> Tensor:
    """What the file makes of a batch's crop."""
    inputs = {name: getattr(batch, name).numpy() for name in TRUNK_INPUTS if name != "style_offset"}
    inputs["style_offset"] = np.zeros((len(batch.latent), model.manifest["style_length"]), dtype=np.float32)
    features, modulation = model.trunk.run(TRUNK_OUTPUTS, inputs)
    halo, side = HALO_FEATURES, batch.crop_y.shape[1] // 4
    features = np.pad(features, ((0, 0), (0, 0), (halo, halo), (halo, halo)), mode="edge")
    tile = features[:, :, batch.top : batch.top + side + 2 * halo, batch.left : batch.left + side + 2 * halo]
    reach = 2 * side + 2 * HALO_DETAIL
    detail = batch.detail[:, :, 2 * batch.top : 2 * batch.top + reach, 2 * batch.left : 2 * batch.left + reach].numpy()
    cells = model.head.run(HEAD_OUTPUTS, dict(zip(HEAD_INPUTS, (tile, modulation, detail))))[0]
    return compose(torch.from_numpy(cells), batch.palette)


def gather(model: Model, source: Source, count: int) -> dict[str, Sample]:
    """Real pictures, other real ones, and generated ones under the same styles and palettes as the first."""
    parts: dict[str, list[Tensor]] = {"real": [], "other": [], "model": []}
    styles: dict[str, list[Tensor]] = {"real": [], "other": [], "model": []}
    for step in tqdm(range(-(-count // 20)), desc="pictures", unit="batch"):
        for name, offset in (("real", 0), ("other", 2**16)):
            batch = source.draw(20, FIRST_STEP + offset + step)
            parts[name].append(batch.picture)
            styles[name].append(batch.style.argmax(dim=1))
            if name == "other":  # the floor differs from `real` in palettes and noise as the model's pictures do
                parts["model"].append(generated(model, batch))
                styles["model"].append(styles[name][-1])
    found = {}
    for name, pictures in parts.items():
        sharp = torch.cat(pictures)
        found[name] = Sample(F.adaptive_avg_pool2d(sharp, judge.SIDE), sharp, torch.cat(styles[name]))
    return found


def distances(samples: dict[str, Sample], num_styles: int, seed: int) -> tuple[dict, dict[str, np.ndarray], judge.Judge]:
    """Frechet, kernel and sliced Wasserstein distance of each set to `real`; and the whitened features."""
    real = samples["real"]
    trained = judge.train_judge(real.small, real.style, num_styles, seed)
    random = torch.Generator().manual_seed(seed)
    sets = {name: sample.small for name, sample in samples.items()}
    sets["blurred"] = F.interpolate(F.avg_pool2d(samples["other"].small, 4), scale_factor=4, mode="bilinear", align_corners=False)
    sets["noise"] = torch.randn(real.small.shape, generator=random) * real.small.std(dim=(0, 2, 3))[:, None, None] + real.small.mean(dim=(0, 2, 3))[:, None, None]
    raw = {name: trained.features(pictures).numpy().astype(np.float64) for name, pictures in sets.items()}
    mean, matrix = judge.whitening(raw["real"])
    features = {name: (values - mean) @ matrix for name, values in raw.items()}
    figures = {
        name: {
            "frechet": float(frechet(features["real"], features[name])), "kernel": metrics.kernel_distance(features["real"], features[name]),
            "sliced_wasserstein": metrics.sliced_wasserstein(real.small, sets[name], seed),
        } for name in sets if name != "real"
    }  # fmt: skip
    return figures, features, trained


def by_style(samples: dict[str, Sample], features: dict[str, np.ndarray], trained: judge.Judge, styles: list[str]) -> dict[str, dict]:
    """Per style: slope of the spectrum, variety, nearness to real ones, and how often the judge recognises it."""
    found = {}
    recognised = {name: trained.style(trained.features(samples[name].small)).argmax(dim=1) == samples[name].style for name in ("model", "other")}
    for index, name in enumerate(styles):
        chosen = {key: sample.style == index for key, sample in samples.items()}
        if min(int(mask.sum()) for mask in chosen.values()) < 4:
            continue
        slope = {key: metrics.spectrum_slope(_square(samples[key].sharp[mask])[:, 0]) for key, mask in chosen.items()}
        alike = {key: _alike(samples[key].small[mask]) for key, mask in chosen.items()}
        near = {key: metrics.nearest(features[key][chosen[key].numpy()], features["real"]) for key in ("model", "other")}
        found[name] = {
            "slope": slope["model"], "slope_real": slope["other"], "similarity": alike["model"], "similarity_real": alike["other"],
            "nearest_real_ratio": near["model"] / near["other"],
            "recognised": float(recognised["model"][chosen["model"]].float().mean()), "recognised_real": float(recognised["other"][chosen["other"]].float().mean()),
        }  # fmt: skip
    return found


def _square(pictures: Tensor) -> Tensor:
    side = min(pictures.shape[2:])
    return pictures[:, :, :side, :side]


def _alike(pictures: Tensor) -> float:
    """Mean multi-scale similarity of pairs: lower is more various."""
    half = len(pictures) // 2
    return float(metrics.structural_similarity(pictures[:half], pictures[half : 2 * half]).mean())


def request(model: Model, seed: int, style: np.ndarray, palette: np.ndarray, size: tuple[int, int], offset: np.ndarray | None = None) -> Request:
    facts = model.manifest
    offset = np.zeros(facts["style_length"]) if offset is None else offset
    return Request(seeded_latent(seed, facts["latent_length"]), style, palette, offset, seed, Frame.of_size(*size))


def product_figures(model: Model) -> dict:
    """What a user of the file meets: colours, seams, loops, time and memory of the two networks at 16:9."""
    num_styles = len(model.manifest["styles"])
    palettes = random_palettes(num_styles, torch.Generator().manual_seed(4)).numpy().astype(np.float64)
    hull, seam, loop = 0.0, 0.0, 0.0
    for style in range(num_styles):
        asked = request(model, 11 + style, np.eye(num_styles)[style], palettes[style], (1280, 720))
        cells = model.cells(asked)
        seam = max(seam, float(np.abs(cells - model.cells(asked, tile=32)).max()))
        strict = to_oklab(upsample(cells, asked.frame, 320, 180), palettes[style], strict=True)
        weights = torch.from_numpy(upsample(cells, asked.frame, 320, 180)[:NUM_COLOURS]).softmax(dim=0)
        hull = max(hull, float((strict - torch.einsum("khw,kc->hwc", weights, torch.from_numpy(palettes[style]))).abs().max()), float((weights.sum(dim=0) - 1).abs().max()))
        first, last = (_looped(model, asked, phase) for phase in (0.0, 1.0))
        loop = max(loop, float(np.abs(first - last).max()))
    asked = request(model, 5, np.eye(num_styles)[0], palettes[0], (1920, 1080))
    times = []
    for _ in range(TIMED_RUNS):
        inputs, _ = asked.arrays()
        start = time.perf_counter()
        model.trunk.run(TRUNK_OUTPUTS, inputs)
        middle = time.perf_counter()
        model.cells(asked)
        times.append((1000 * (middle - start), 1000 * (time.perf_counter() - middle)))
    trunk_ms, whole_ms = (float(np.median(column)) for column in zip(*times))
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"hull_error": hull, "seam_error": seam, "loop_error": loop, "trunk_ms": trunk_ms, "noise_trunk_head_ms": whole_ms, "evaluation_peak_mib": peak_mib}


def _looped(model: Model, asked: Request, phase: float) -> np.ndarray:
    """Features of a frame of a closed loop of the latent (the contract's formula)."""
    turn = 2 * np.pi * (phase % 1.0)
    inputs, _ = asked.arrays()
    one, two = (normal(seed, 16, np.arange(len(asked.latent))) for seed in (asked.seed + 1, asked.seed + 2))
    still = np.sqrt(1 - LOOP_MOTION**2)
    inputs["latent"] = (still * asked.latent + LOOP_MOTION * (np.cos(turn) * one + np.sin(turn) * two)).astype(np.float32)[None]
    return model.trunk.run(TRUNK_OUTPUTS, inputs)[0]


def contact_sheets(model: Model, folder: Path) -> None:
    """Fixed seeds: each style; morphs from each style to the next; each control from -2 to 2."""
    styles, size = model.manifest["styles"], SHEET_SIZE
    count = len(styles)
    palettes = random_palettes(SHEET_SEEDS * count, torch.Generator().manual_seed(2024)).numpy()
    rows = [[paint(model.cells(request(model, 100 + s, np.eye(count)[k], palettes[k * SHEET_SEEDS + s], size)), *size, palettes[k * SHEET_SEEDS + s]) for s in range(SHEET_SEEDS)] for k in range(count)]
    sheets.write_sheet(rows, folder / "styles.png")
    rows = []
    for k in range(count):
        weights = [np.eye(count)[k] * (1 - t) + np.eye(count)[(k + 1) % count] * t for t in np.linspace(0, 1, MORPH_STEPS)]
        rows.append([paint(model.cells(request(model, 200, w, palettes[k], size)), *size, palettes[k]) for w in weights])
    sheets.write_sheet(rows, folder / "morphs.png")
    rows = []
    for k, control in enumerate(model.manifest["controls"]):
        vector = np.array(control["vector"])
        style = np.eye(count)[(3 * k + 2) % count]
        rows.append([paint(model.cells(request(model, 300, style, palettes[k], size, value * vector)), *size, palettes[k]) for value in np.linspace(control["min"], control["max"], 5)])
    if rows:
        sheets.write_sheet(rows, folder / "controls.png")


def pair_sheet(samples: dict[str, Sample], folder: Path) -> None:
    """Real pictures, under each a generated one of the same style, palette and (for families) noise."""
    order = samples["other"].style.argsort(stable=True)
    order = order[:: max(1, len(order) // 40)][:40]
    real, made = (oklab_to_srgb(samples[name].sharp[order].permute(0, 2, 3, 1)).numpy() for name in ("other", "model"))
    rows = []
    for start in range(0, len(order), 10):
        rows += [list(real[start : start + 10]), list(made[start : start + 10])]
    sheets.write_sheet(rows, folder / "pairs.png")


def to_markdown(figures: dict) -> str:
    """The report, a table per question."""
    sets = {"other": "other real pictures (floor)", "model": "**model**", "blurred": "real ones, blurred", "noise": "noise (ceiling)"}
    floor, product = figures["distances"]["other"], figures["product"]
    lines = [
        f"# {figures['model']['name']} {figures['model']['version']}: report", "",
        f"{figures['model']['parameters']:,} parameters, {figures['samples_seen']:,} samples seen; {figures['pictures']} pictures of each kind.", "",
        "| distance to real pictures | Frechet | x floor | kernel | x floor | sliced Wasserstein | x floor |", "|---|---|---|---|---|---|---|",
        *("| " + label + " | " + " | ".join(f"{figures['distances'][name][k]:.4f} | {figures['distances'][name][k] / floor[k]:.1f}" if floor[k] > 0 else f"{figures['distances'][name][k]:.4f} | -" for k in ("frechet", "kernel", "sliced_wasserstein")) + " |" for name, label in sets.items()), "",
        "| style | spectrum slope | real | similarity of pairs | real | nearest real, x real to real | judge recognises | real |", "|---|---|---|---|---|---|---|---|",
        *(f"| {name} | {f['slope']:.2f} | {f['slope_real']:.2f} | {f['similarity']:.2f} | {f['similarity_real']:.2f} | {f['nearest_real_ratio']:.2f} | {f['recognised']:.2f} | {f['recognised_real']:.2f} |" for name, f in figures["styles"].items()), "",
        "| figure | value |", "|---|---|",
        f"| largest colour error to the palette's hull, strict | {product['hull_error']:.1e} |", f"| seam between tiles | {product['seam_error']:.1e} |",
        f"| loop: frame N against frame 0 | {product['loop_error']:.1e} |", f"| trunk at 16:9, one thread | {product['trunk_ms']:.1f} ms |",
        f"| noise, trunk and head at 16:9, one thread | {product['noise_trunk_head_ms']:.1f} ms |", "",
        "| control | effect per unit | Spearman |", "|---|---|---|",
        *(f"| {c['name']} | {c['effect']['per_unit']:+.4f} {c['effect']['unit']} | {c['effect']['spearman']:.2f} |" for c in figures["controls"]), "",
        "![Real above, generated below](pairs.png)", "", "![Styles](styles.png)", "", "![Morphs](morphs.png)", "",
        *(["![Controls](controls.png)", ""] if figures["controls"] else []),
    ]  # fmt: skip
    return "\n".join(lines)


def evaluate(model: Model, source: Source, folder: Path, per_style: int, seed: int) -> dict:
    """Writes the report into `folder` and returns its figures."""
    folder.mkdir(parents=True, exist_ok=True)
    facts = model.manifest
    samples = gather(model, source, per_style * len(source.styles))
    found, features, trained = distances(samples, len(source.styles), seed)
    figures = {
        "model": {k: facts[k] for k in ("name", "version", "parameters", "experimental")}, "samples_seen": facts["training"]["samples_seen"],
        "pictures": len(samples["real"].style), "distances": found, "styles": by_style(samples, features, trained, source.styles),
        "product": product_figures(model), "controls": [{"name": c["name"], "effect": c["effect"]} for c in facts["controls"]],
    }  # fmt: skip
    pair_sheet(samples, folder)
    contact_sheets(model, folder)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1, allow_nan=False))
    (folder / "report.md").write_text(to_markdown(figures))
    return figures


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models evaluate", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--model", required=True, help="the exported .onnx file")
    parser.add_argument("--corpus", help="folder made by `models prepare` (for a configuration whose source is a folder)")
    parser.add_argument("--pictures-per-style", type=at_least(8), default=PER_STYLE)
    parser.add_argument("-o", "--out", default="report", help="folder of the report")
    parser.add_argument("--seed", type=at_least(0), default=1)
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    source = open_source(config, options.corpus)
    model = Model.load(Path(options.model))
    figures = evaluate(model, source, Path(options.out), options.pictures_per_style, options.seed)
    print(to_markdown(figures), file=sys.stderr)
    return {"folder": options.out, **figures}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
