"""Measures what each control really does to the descriptors, and writes what the manifest says of it."""

import numpy as np
import scipy.stats
import torch

from . import measures
from .conditions import NUM_ATTRIBUTES
from .dataset import Dataset
from .grid import Grid
from .network import Generator
from .normalize import denormalize

STEPS = np.linspace(-2, 2, 5)
KEYS = [36, 48, 60, 72, 84]
SOUNDS = 12
UNITS = {"brightness": "octave", "attack": "log10 s", "noisiness": "dB", "decay": "dB/s"}


def measure_controls(generator: Generator, grid: Grid, dataset: Dataset) -> list[dict]:
    """One entry per attribute: its vector, range, slope per unit and mean Spearman correlation over keys and sounds (0 where nothing moves)."""
    return [_measure(generator, grid, index, name) for index, name in enumerate(measures.ATTRIBUTES)]


def _measure(generator: Generator, grid: Grid, index: int, name: str) -> dict:
    raw = np.array([_raw_attributes(generator, grid, index, step)[:, index] for step in STEPS])
    correlations = [scipy.stats.spearmanr(STEPS, raw[:, i]).statistic if np.ptp(raw[:, i]) > 0 else 0.0 for i in range(raw.shape[1])]
    slope = np.polyfit(STEPS, raw.mean(axis=1), 1)[0]
    vector = [1.0 if i == index else 0.0 for i in range(NUM_ATTRIBUTES)]
    effect = {
        "descriptor": name, "unit": UNITS[name], "per_unit": round(float(slope), 4),
        "spearman": round(float(np.mean(correlations)), 4),
    }  # fmt: skip
    return {"name": name, "kind": "attribute", "vector": vector, "min": -2.0, "max": 2.0, "effect": effect}


@torch.no_grad()
def _raw_attributes(generator: Generator, grid: Grid, index: int, step: float) -> np.ndarray:
    """[sounds x keys, a] with one attribute held at `step`; the same latents for every step."""
    key = torch.tensor(KEYS, dtype=torch.float32).repeat(SOUNDS)
    random = torch.Generator().manual_seed(11)
    latent = torch.randn(SOUNDS, generator.latent_length, generator=random).repeat_interleave(len(KEYS), dim=0)
    attributes = torch.zeros(len(key), NUM_ATTRIBUTES)
    attributes[:, index] = float(step)
    maps = generator(latent, key, torch.full_like(key, 0.7), attributes, torch.zeros(len(key), generator.style_length))
    level, _, noise = (m.numpy() for m in denormalize(grid, *maps))
    return measures.attributes(level, noise, key.numpy())
