"""Named directions, and what each of them really does to pictures.

A direction is how the mean style point and the mean knobs of the latent move with a descriptor of the picture (a regression
on the descriptor, within styles): so it stays where pictures lie. A control ships only when its descriptor follows it
monotonically.
"""

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor

from pipeline.seeded import normal

from .colour import mix
from .geometry import Frame, frame_noise
from .network import NUM_COLOURS, Generator
from .palettes import random_palettes
from .wishes import NUM_KNOBS

RANGE = 2.0
STEPS = (-2.0, -1.0, 0.0, 1.0, 2.0)
LOWEST_SPEARMAN = 0.9
SAMPLES_PER_STYLE, MEASURED_PER_STYLE = 24, 2
FIRST_MEASURED_SEED = 90_001
STANDARD_ERRORS = 3.0
"""So far from 0 a knob's correlation must lie to count."""
POOL = 4
"""Descriptors look at pictures of 64 rows: cells by fours, in palette order (lightness), so that the palette does not matter."""


def descriptors(cells: Tensor) -> dict[str, Tensor]:
    """[n, 6, h, w] -> numbers [n], of the picture in five even greys."""
    weights = torch.nn.functional.avg_pool2d(cells[:, :NUM_COLOURS].softmax(dim=1), POOL)
    residual = torch.nn.functional.avg_pool2d(cells[:, NUM_COLOURS:], POOL)
    greys = torch.linspace(0.1, 0.9, NUM_COLOURS)
    palette = torch.stack([greys, torch.zeros(NUM_COLOURS), torch.zeros(NUM_COLOURS)], dim=1).expand(len(cells), -1, -1)
    light = mix(weights, residual, palette)[:, 0]
    step = 0.5 * (light.diff(dim=1).abs().mean(dim=(1, 2)) + light.diff(dim=2).abs().mean(dim=(1, 2)))
    bent = 0.5 * (light.diff(n=2, dim=1).abs().mean(dim=(1, 2)) + light.diff(n=2, dim=2).abs().mean(dim=(1, 2)))
    rows = light.mean(dim=2)
    half = rows.shape[1] // 2
    return {
        "lightness": light.mean(dim=(1, 2)), "contrast": light.std(dim=(1, 2)), "detail": torch.log(step + 1e-4),
        "softness": torch.log((step + 1e-4) / (bent + 1e-4)), "horizon": rows[:, :half].mean(dim=1) - rows[:, half:].mean(dim=1),
    }  # fmt: skip


UNITS = {
    "lightness": "OKLab L of a grey palette", "contrast": "standard deviation of L", "detail": "natural log of mean step of L",
    "softness": "natural log of step over bend", "horizon": "L of the upper half minus the lower half",
}  # fmt: skip


def _inputs(generator: Generator, styles: list[int], seeds: list[int]) -> dict[str, Tensor]:
    trunk, frame = generator.trunk, Frame.of_size(1, 1)
    noise, medium, detail = (np.stack(part) for part in zip(*(frame_noise(seed, frame) for seed in seeds)))
    latent = np.stack([normal(seed, 16, np.arange(trunk.latent_length)) for seed in seeds]).clip(-2, 2)
    parts = {"latent": latent, "noise": noise, "medium": medium, "detail": detail, "y": np.repeat(frame.feature_y()[None], len(seeds), axis=0)}
    tensors = {name: torch.from_numpy(np.asarray(part, dtype=np.float32)) for name, part in parts.items()}
    palette = random_palettes(len(seeds), torch.Generator().manual_seed(seeds[0]))
    return tensors | {"style": torch.nn.functional.one_hot(torch.tensor(styles), trunk.num_styles).float(), "palette": palette}


@torch.no_grad()
def _points(generator: Generator) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Style points followed by knobs, descriptors and styles of many pictures."""
    points, found, styles = [], [], []
    for style in range(generator.trunk.num_styles):
        for first in range(0, SAMPLES_PER_STYLE, 8):
            seeds = [1 + style * SAMPLES_PER_STYLE + first + i for i in range(8)]
            inputs = _inputs(generator, [style] * 8, seeds)
            point = generator.trunk.style_point(inputs["latent"], inputs["style"], inputs["palette"])
            points.append(torch.cat([point, inputs["latent"][:, :NUM_KNOBS]], dim=1))
            cells = generator(**inputs, style_offset=torch.zeros(8, generator.trunk.offset_length))
            found.append(descriptors(cells))
            styles += [style] * 8
    values = {name: torch.cat([d[name] for d in found]).numpy() for name in UNITS}
    return torch.cat(points).numpy(), values, np.array(styles)


def directions(generator: Generator) -> dict[str, np.ndarray]:
    """Per descriptor the style offset [w] that goes with one standard deviation of it; knobs whose correlation may be chance stay
    where they are."""
    points, values, styles = _points(generator)
    points = points - np.stack([points[styles == s].mean(axis=0) for s in styles])
    first_knob, likely = generator.trunk.point_length, STANDARD_ERRORS / np.sqrt(len(points))
    found = {}
    for name, value in values.items():
        value = value - np.array([value[styles == s].mean() for s in styles])
        found[name] = (points * value[:, None]).mean(axis=0) / (value.std() + 1e-9)
        knobs = found[name][first_knob:]
        knobs[np.abs(knobs) < likely * points[:, first_knob:].std(axis=0)] = 0
    return found


@torch.no_grad()
def measure_controls(generator: Generator) -> tuple[list[dict], list[dict]]:
    """Those that ship, as the manifest lists them, and those that do not, with the same figures."""
    shipped, refused = [], []
    count = generator.trunk.num_styles * MEASURED_PER_STYLE
    styles = [i % generator.trunk.num_styles for i in range(count)]
    inputs = _inputs(generator, styles, [FIRST_MEASURED_SEED + i for i in range(count)])
    for name, vector in directions(generator).items():
        control = _measured(generator, inputs, name, vector.round(6).astype(np.float32))
        (shipped if control["effect"]["spearman"] >= LOWEST_SPEARMAN else refused).append(control)
    return shipped, refused


def _measured(generator: Generator, inputs: dict[str, Tensor], name: str, vector: np.ndarray) -> dict:
    """A control along `vector` with its effect on the descriptor `name`, as the manifest lists it."""
    count = len(inputs["latent"])
    curves = []
    for value in STEPS:
        offset = torch.from_numpy(vector * np.float32(value)).expand(count, -1)
        curves.append(torch.cat([
            descriptors(generator(**{k: v[i : i + 8] for k, v in inputs.items()}, style_offset=offset[i : i + 8]))[name] for i in range(0, count, 8)
        ]).numpy())  # fmt: skip
    curves = np.stack(curves, axis=1)
    ranks = [spearmanr(STEPS, curve).statistic if np.ptp(curve) > 0 else 0.0 for curve in curves]
    effect = {
        "descriptor": name, "unit": UNITS[name], "per_unit": float(np.polyfit(STEPS, curves.mean(axis=0), 1)[0]), "spearman": float(np.mean(ranks)),
    }  # fmt: skip
    return {"name": name, "vector": vector.tolist(), "min": -RANGE, "max": RANGE, "effect": effect}
