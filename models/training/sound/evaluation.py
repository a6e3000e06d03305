"""How a network in training is doing: a fixed set of conditions and latents, measured now and then. Writes nothing."""

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import Diverged

from . import metrics
from .dataset import Batch, Dataset
from .grid import Grid
from .network import Generator
from .normalize import denormalize

EVALUATION_NOTES = 1024
WORSE_THAN_BEST = 6.0
"""Frechet distance over the run's best at which the run has left the data for good."""
COLLAPSED_VARIETY = 0.4
"""Variety over the data's below which a network that once had more paints few notes."""
HEALTHY_VARIETY = 0.7


class Evaluation:
    """Real features are computed once."""

    def __init__(self, dataset: Dataset, seed: int):
        random = np.random.default_rng([seed, 77])
        chosen = random.choice(len(dataset), 2 * EVALUATION_NOTES, p=dataset.weight / dataset.weight.sum())
        first, second = chosen[:EVALUATION_NOTES], chosen[EVALUATION_NOTES:]
        self.conditions = dataset.rows(first)
        self.grid = dataset.grid
        real = physical(dataset.grid, self.conditions.maps)
        self.components = metrics.Components.fit(real)
        self.real = self.components.project(real)
        other = self.components.project(physical(dataset.grid, dataset.rows(second).maps))
        self.floor = metrics.frechet(self.real, other)
        self.real_texture = metrics.texture(real)
        self.real_variety = metrics.diversity(self.real)

    @torch.no_grad()
    def measure(self, generator: Generator) -> dict:
        """Frechet distance, its floor, variety over the data's, and each texture figure beside the real notes'."""
        maps = physical(self.grid, generate(generator, self.conditions, seed=5))
        features = self.components.project(maps)
        whole = {"frechet": metrics.frechet(self.real, features), "floor": self.floor, "variety": metrics.diversity(features) / self.real_variety}
        return {name: round(value, 3) for name, value in whole.items()} | {
            name: [round(value, 3), round(self.real_texture[name], 3)] for name, value in metrics.texture(maps).items()
        }


class Health:
    """Remembers a run's best figures and stops it when they are lost for good."""

    def __init__(self, best: dict[str, float]):
        self.best = best

    def check(self, figures: dict) -> None:
        """Raises `Diverged` with the reason."""
        frechet, variety = figures["frechet"], figures["variety"]
        if not np.isfinite(frechet) or frechet > WORSE_THAN_BEST * self.best.get("frechet", np.inf):
            raise Diverged(f"Frechet distance {frechet:.3g}, once {self.best.get('frechet', np.nan):.3g}: the run has left the data; start again from an earlier checkpoint with a smaller learning rate")
        if variety < COLLAPSED_VARIETY and self.best.get("variety", 0.0) > HEALTHY_VARIETY:
            raise Diverged(f"variety {variety:.2f} of the data's, once {self.best['variety']:.2f}: the network has collapsed to few notes; try a larger gamma")
        self.best["frechet"] = min(frechet, self.best.get("frechet", np.inf))
        self.best["variety"] = max(variety, self.best.get("variety", 0.0))


@torch.no_grad()
def generate(generator: Generator, conditions: Batch, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Maps for given conditions, as the exported model would make them (each sound's own grain)."""
    latent = torch.randn(len(conditions.key), generator.latent_length, generator=torch.Generator().manual_seed(seed))
    device, parts = next(generator.parameters()).device, []
    for i in range(0, len(latent), 64):
        part = slice(i, i + 64)
        offset = torch.zeros(len(latent[part]), generator.style_length)
        asked = (latent[part], conditions.key[part], conditions.velocity[part], conditions.attributes[part], offset)
        parts.append([m.cpu() for m in generator(*(a.to(device) for a in asked))])
    return tuple(torch.cat(maps) for maps in zip(*parts))


def physical(grid: Grid, maps) -> metrics.Maps:
    """The network's units to dB and cents."""
    return tuple(np.asarray(m, dtype=np.float32) for m in denormalize(grid, *maps))
