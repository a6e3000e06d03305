"""Batches of a user's own pictures, from the corpus that `prepare` wrote: random crops and flips by seed and step."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch

from pipeline.errors import InputError

from .colour import srgb_to_oklab
from .config import Config
from .dataset import CELLS_PER_FEATURE, Batch, Window
from .geometry import CELLS_PER_UNIT, SHORT_UNITS


class FolderSource:
    """All pictures in memory as 8-bit pixels (about 0.3 MB each)."""

    def __init__(self, config: Config, folder: Path):
        self.size, self.seed, self.latent_length = config.data.size, config.seed, config.network.latent_length
        record = _record(folder)
        self.styles: list[str] = record["styles"]
        self.pictures: list[np.ndarray] = []
        palettes, self.by_style = [], [[] for _ in self.styles]
        for shard in record["shards"]:
            path = folder / shard["name"]
            if not path.is_file():
                raise InputError(f"{path}: missing, though corpus.json names it; run `models prepare` again")
            for row in pq.read_table(path).to_pylist():
                if row["style"] in self.styles:
                    self.by_style[self.styles.index(row["style"])].append(len(self.pictures))
                    self.pictures.append(np.frombuffer(row["rgb"], dtype=np.uint8).reshape(row["height"], row["width"], 3))
                    palettes.append(row["palette"])
        if not all(self.by_style):
            raise InputError(f"{folder}: corpus.json names a style without pictures; run `models prepare` again")
        self.palettes = torch.tensor(palettes).reshape(-1, 5, 3)

    def draw(self, size: int, step: int) -> Batch:
        random = torch.Generator().manual_seed((self.seed << 32) + step)
        style = torch.randint(len(self.styles), (size,), generator=random)
        draws = torch.rand(size, 4, generator=random).tolist()
        chosen = [self.by_style[s][int(draw[0] * len(self.by_style[s]))] for s, draw in zip(style.tolist(), draws)]
        window = Window.draw(size, self.size, random)
        crops, centres, halves = zip(*(self._crop(self.pictures[i], window, draw) for i, draw in zip(chosen, draws)))
        window = Window(window.units, torch.tensor(centres), torch.tensor(halves), window.top, window.left, window.size)
        picture = srgb_to_oklab(torch.from_numpy(np.stack(crops)).float() / 255).permute(0, 3, 1, 2).contiguous()
        noise, medium, detail = window.noise(size, random)
        return Batch(
            torch.randn(size, self.latent_length, generator=random), torch.nn.functional.one_hot(style, len(self.styles)).float(),
            self.palettes[chosen], noise, medium, detail, window.feature_y(), window.top, window.left, window.y(window.crop_v()), picture, None, None,
        )  # fmt: skip

    def _crop(self, pixels: np.ndarray, window: Window, draw: list[float]) -> tuple[np.ndarray, float, float]:
        """A crop, flipped left to right half of the time; where the picture's centre lies in the window; half its height in units."""
        height, width = pixels.shape[:2]
        top, left = int(draw[1] * (height - self.size + 1)), int(draw[2] * (width - self.size + 1))
        crop = pixels[top : top + self.size, left : left + self.size]
        centre = window.top * CELLS_PER_FEATURE / CELLS_PER_UNIT - (top - height / 2) / CELLS_PER_UNIT
        return crop[:, ::-1] if draw[3] < 0.5 else crop, centre, max(height / CELLS_PER_UNIT, SHORT_UNITS) / 2


def _record(folder: Path) -> dict:
    path = folder / "corpus.json"
    if not path.is_file():
        raise InputError(f"{path}: missing; run `models prepare` first")
    try:
        record = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(f"{path}: {error}; run `models prepare` again") from error
    if record.get("schema_version") != 1 or not record.get("styles"):
        raise InputError(f"{path}: not the corpus of pictures this version makes; run `models prepare` again")
    return record
