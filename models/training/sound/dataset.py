"""A corpus on disk -> arrays in memory, and batches drawn from them by seed and step."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import torch
from torch import Tensor

from pipeline.errors import InputError

from . import measures
from .conditions import Whitening
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid
from .normalize import normalize

KEY_JITTER = 1
NOISE_JITTER_DB = 2.0


@dataclass(frozen=True)
class Batch:
    """Maps normalised [n, rows, columns]; key [n], velocity [n], attributes [n, a] (whitened)."""

    level: Tensor
    deviation: Tensor
    noise: Tensor
    key: Tensor
    velocity: Tensor
    attributes: Tensor

    def map(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        """The same with every tensor changed."""
        return Batch(*(change(getattr(self, f.name)) for f in fields(self)))

    @property
    def maps(self) -> tuple[Tensor, Tensor, Tensor]:
        return self.level, self.deviation, self.noise


@dataclass(frozen=True)
class Dataset:
    """All notes; maps are normalised float16 [notes, 3, rows, columns]."""

    maps: np.ndarray
    key: np.ndarray
    velocity: np.ndarray
    weight: np.ndarray
    raw_attributes: np.ndarray
    attributes: np.ndarray
    family: np.ndarray
    preset: np.ndarray
    whitening: Whitening
    grid: Grid

    def __len__(self) -> int:
        return len(self.key)

    def rows(self, indices: np.ndarray) -> Batch:
        maps = torch.from_numpy(self.maps[indices]).float()
        columns = [torch.from_numpy(np.asarray(a[indices], dtype=np.float32)) for a in (self.key, self.velocity, self.attributes)]
        return Batch(maps[:, 0], maps[:, 1], maps[:, 2], *columns)

    def draw(self, size: int, seed: int, step: int, attribute_jitter: float = 0.0) -> Batch:
        """The batch of a step: always the same for the same seed and step, so that training resumes exactly.

        `attribute_jitter` blurs what a note is said to be, in standard deviations: what the attributes no longer say, the
        latent has to. The blurred ones are scaled back to the spread they had, since nobody blurs what a user asks for.
        """
        random = np.random.default_rng([seed, step])
        batch = self.rows(random.choice(len(self), size, p=self.weight / self.weight.sum()))
        shift = torch.from_numpy(random.integers(-KEY_JITTER, KEY_JITTER + 1, size).astype(np.float32))
        noise_db = random.normal(0, NOISE_JITTER_DB, (size, 1, 1)).astype(np.float32)
        low, high = self.grid.noise_range_db
        noise = (batch.noise + torch.from_numpy(noise_db) * (2 / (high - low))).clamp(-1, 1)
        key = torch.where((batch.key + shift >= LOWEST_KEY) & (batch.key + shift <= HIGHEST_KEY), batch.key + shift, batch.key)
        blur = torch.from_numpy(random.normal(0, attribute_jitter, batch.attributes.shape).astype(np.float32))
        blurred = (batch.attributes + blur) / math.sqrt(1 + attribute_jitter**2)
        return Batch(batch.level, batch.deviation, noise, key, batch.velocity, blurred)


def load_dataset(folder: Path, grid: Grid, corpus_sha256: str | None = None) -> Dataset:
    """Reads every Parquet file of a corpus, in name order. With `corpus_sha256`, refuses the corpus of another configuration."""
    files, summary_path = sorted(folder.glob("*.parquet")), folder / "corpus.json"
    if not files or not summary_path.is_file():
        raise InputError(f"{folder}: no finished corpus; run `models prepare` first")
    try:
        summary = json.loads(summary_path.read_text())
    except ValueError as error:
        raise InputError(f"{summary_path}: unreadable ({error}); run `models prepare` again") from error
    if corpus_sha256 and summary.get("corpus_sha256", corpus_sha256) != corpus_sha256:
        raise InputError(f"{folder}: made for another configuration, and a model would name the wrong sources; run `models prepare` first")
    shape = (-1, grid.num_rows, grid.num_columns)
    maps = np.empty((int(summary["notes"]), 3, grid.num_rows, grid.num_columns), np.float16)  # filled in place: the corpus is 2 GB
    measured, columns = [], {name: [] for name in ("key", "velocity", "weight", "family", "preset", "source")}
    for file in files:
        try:
            table = pq.read_table(file)
        except (OSError, ValueError) as error:
            raise InputError(f"{file}: unreadable ({error}); delete it and its .json and run `models prepare` again") from error
        physical = [_grids(table.column(name), shape) for name in ("level_db", "deviation_cents", "noise_db")]
        measured.append(measures.attributes(physical[0], physical[2], table.column("key").to_numpy().astype(np.float64)))
        first = len(columns["key"])
        for name in columns:
            columns[name].extend(table.column(name).to_pylist())
        if len(columns["key"]) <= len(maps):
            maps[first : len(columns["key"])] = np.stack(normalize(grid, *physical), axis=1)
    if len(columns["key"]) != len(maps):
        raise InputError(f"{folder}: holds {len(columns['key'])} notes, corpus.json says {summary['notes']}; run `models prepare` again (in an empty folder if files were added)")
    key, velocity, weight = (np.array(columns[name], dtype=np.float32) for name in ("key", "velocity", "weight"))
    raw = np.concatenate(measured)
    whitening = Whitening.fit(raw, key, weight)
    return Dataset(
        maps, key, velocity, weight, raw, whitening.apply(raw, key).astype(np.float32),
        np.array(columns["family"]), np.array([f"{p} / {s}" for p, s in zip(columns["preset"], columns["source"])]), whitening, grid,
    )  # fmt: skip


def _grids(column, shape: tuple[int, ...]) -> np.ndarray:
    joined = b"".join(chunk.as_py() for chunk in column)
    return np.frombuffer(joined, dtype=np.float16).reshape(shape).astype(np.float32)
