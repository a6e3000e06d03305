"""One note on its way into a corpus: samples -> tuned, analysed, measured -> a row, or the reason why it stays out.

The same for every kind of source. No files here; `prepare.py` writes the rows.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from .analysis import Analyzer, NoteGrid
from .descriptors import harmonics_per_row, held_columns, raw_attributes, vibrato
from .grid import NUM_SINGLE_ROWS, Grid
from .retune import retune
from .variants import Performance, sweep

SILENT_PEAK_DB = -70.0
MAX_TUNING_CENTS = 35.0
RETUNE_FROM_CENTS = 1.0
MIN_EXPLAINED = 0.5
"""Share of a note's power that must lie on the harmonics of its key; bells and stacked fifths fall below."""
MIN_ODD_SHARE = 0.05
"""Share of the harmonics' power that odd ones must have. With less a note is heard an octave above its key: some presets jump
there on their highest keys (1.8 % of two General MIDI fonts, plucks most of all), and a network learns to jump with them."""


@dataclass(frozen=True)
class Candidate:
    """A note that wants into the corpus; `samples` at the grid's rate, note-on at frame 0, released where the grid says."""

    key: int
    velocity: float
    samples: np.ndarray
    preset: str
    family: str
    weight: float
    performance: Performance = Performance()
    max_tuning_cents: float = MAX_TUNING_CENTS


def schema(grid: Grid) -> pa.Schema:
    """Grids are float16, row-major, as in CONTRACT.md; `key` is the sounding one."""
    grids = {
        "level_db": grid.num_rows * grid.num_columns,
        "deviation_cents": grid.num_rows * grid.num_columns,
        "noise_db": grid.num_bands * grid.num_columns,
    }
    numbers = ("velocity", "weight", "peak_db", "tuning_cents", "dc_db", "explained_share", "vibrato_hz", "vibrato_cents")
    words = ("family", "preset", "variant", "source", "licence")
    columns = [
        ("key", pa.int16()), *[(name, pa.float32()) for name in numbers], *[(name, pa.string()) for name in words],
        ("attributes", pa.list_(pa.float32(), 4)), *[(name, pa.binary(2 * size)) for name, size in grids.items()],
    ]  # fmt: skip
    return pa.schema(columns)


@cache
def analyzer(key: int) -> Analyzer:
    """Kept for every key: together about 150 MB, and a basis takes as long to make as a dozen notes to analyse."""
    return Analyzer(Grid(), key)


def explained_share(samples: np.ndarray, grid: NoteGrid, key: int) -> float:
    """Share of the power between 0.1 and 1 s that lies on the harmonics."""
    layout, part = Grid(), held_columns(0.1, 1.0)
    power = (10 ** ((grid.level_db[:, part] + grid.peak_db) / 10) * (grid.level_db[:, part] > -79)).mean(axis=1) @ harmonics_per_row(key) / 2
    window = samples[int(0.1 * layout.sample_rate_hz) : layout.sample_rate_hz]
    return float(power / max(np.mean(np.square(window - window.mean())), 1e-20))


def odd_share(level_db: np.ndarray) -> np.ndarray:
    """[...] of level maps [..., rows, columns]: of the power of the rows that hold one harmonic each, between 0.1 and 1 s, that of the odd ones."""
    power = (10 ** (level_db[..., :NUM_SINGLE_ROWS, held_columns(0.1, 1.0)] / 10)).sum(axis=-1)
    return power[..., 0::2].sum(axis=-1) / np.maximum(power.sum(axis=-1), 1e-20)


def admit(candidate: Candidate, source: str, licence: str) -> dict | str:
    """The note's row (without a fault), or why it is left out."""
    samples, key = candidate.samples, candidate.key
    if not np.isfinite(samples).all():
        return "not finite"
    loudest = float(np.abs(samples).max(initial=0.0))
    if 20 * np.log10(max(loudest, 1e-20)) < SILENT_PEAK_DB:
        return "silent"
    mistuning_cents = analyzer(key).mistuning_cents(samples)
    if abs(mistuning_cents) > candidate.max_tuning_cents:
        return "out of tune"
    if abs(mistuning_cents) > RETUNE_FROM_CENTS:
        samples = retune(samples, mistuning_cents)
    else:
        mistuning_cents = 0.0
    grid = analyzer(key).analyze(samples)
    if grid.peak_db < SILENT_PEAK_DB:
        return "silent"
    share = explained_share(samples, grid, key)
    if share < MIN_EXPLAINED:
        return "not harmonic"
    if odd_share(grid.level_db) < MIN_ODD_SHARE:
        return "an octave high"
    if candidate.performance.kind == "swept":
        grid = sweep(Grid(), grid, key, candidate.performance)
    rate_hz, depth_cents = vibrato(grid.level_db, grid.deviation_cents)
    as_bytes = {name: getattr(grid, name).astype(np.float16).tobytes() for name in ("level_db", "deviation_cents", "noise_db")}
    return {
        "key": key, "velocity": candidate.velocity, "weight": candidate.weight, "family": candidate.family, "preset": candidate.preset,
        "variant": candidate.performance.kind, "source": source, "licence": licence, "attributes": raw_attributes(grid, key).tolist(),
        "peak_db": grid.peak_db, "tuning_cents": mistuning_cents + grid.tuning_cents, "explained_share": share,
        "dc_db": 20 * float(np.log10(max(abs(samples.mean()) / loudest, 1e-9))), "vibrato_hz": rate_hz, "vibrato_cents": depth_cents, **as_bytes,
    }  # fmt: skip
