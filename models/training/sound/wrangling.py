"""What is in a corpus, as numbers: what was left out and why, and what a careful person would look at before training on it.

Reads one Parquet file at a time; keeps of each note its numbers and a picture of 16 x 16 cells. Pictures and words are in
`wrangling_report.py`.
"""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from pipeline.errors import InputError

from .descriptors import ATTRIBUTES
from .grid import Grid

NUMBERS = ["key", "velocity", "weight", "peak_db", "tuning_cents", "dc_db", "explained_share", "vibrato_hz", "vibrato_cents"]
WORDS = ["family", "preset", "variant", "source"]
MAPS = ("level_db", "deviation_cents", "noise_db")
COARSE = 16
SAME_DB = 0.5
"""Two notes of one key whose coarse pictures differ by less, on average, are the same sample twice."""
OUTLIER_DEVIATIONS = 6.0
"""Robust standard deviations from the median of notes within six semitones."""
SMALLEST_SPREAD = {"brightness": 0.1, "attack": 0.1, "noisiness": 1.0, "decay": 1.0}
"""In each attribute's own unit: in a corpus of one instrument a difference that nobody hears is no outlier."""
NEAR_CONSTANT = {"level_db": 0.5, "deviation_cents": 0.05, "noise_db": 0.5}
"""A cell that varies less than this (standard deviation, in its own unit) over the corpus teaches nothing."""
DC_DB = -40.0
_GRID = Grid()


@dataclass(frozen=True)
class Inventory:
    """All notes of a corpus; arrays [notes]."""

    summary: dict
    numbers: dict[str, np.ndarray]
    words: dict[str, np.ndarray]
    attributes: np.ndarray
    coarse: np.ndarray
    """[notes, 256] level in dB, means over 4 rows x 8 columns."""
    cell_deviation: dict[str, np.ndarray]
    """Standard deviation over the corpus of each cell of the three maps."""
    where: list[tuple[Path, int]]
    """File and row of each note."""

    def __len__(self) -> int:
        return len(self.where)

    def name(self, note: int) -> str:
        source, preset, variant = (self.words[w][note] for w in ("source", "preset", "variant"))
        return f"{preset} / {source}, key {self.numbers['key'][note]:.0f}, velocity {self.numbers['velocity'][note]:.2f}, {variant}"


def take_inventory(folder: Path) -> Inventory:
    """Reads a finished corpus."""
    path = folder / "corpus.json"
    files = sorted(folder.glob("*.parquet"))
    if not files or not path.is_file():
        raise InputError(f"{folder}: no finished corpus; run `models prepare` first")
    columns: dict[str, list] = {name: [] for name in (*NUMBERS, *WORDS, "attributes")}
    coarse, where, moments = [], [], {name: np.zeros((2, 64 * 128)) for name in MAPS}
    for file in files:
        try:
            table = pq.read_table(file)
            for name, column in columns.items():
                column.extend(table.column(name).to_pylist())
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{file}: unreadable ({error}); delete it and its .json and run `models prepare` again") from error
        where += [(file, row) for row in range(table.num_rows)]
        for name in MAPS:
            values = as_array(table.column(name)).reshape(table.num_rows, -1)
            moments[name] += values.sum(axis=0, dtype=np.float64), np.square(values, dtype=np.float64).sum(axis=0)
            if name == "level_db":
                coarse.append(values.reshape(-1, COARSE, 4, COARSE, 8).mean(axis=(2, 4)).reshape(-1, COARSE**2))
    deviation = {name: np.sqrt(np.maximum(m[1] / len(where) - (m[0] / len(where)) ** 2, 0)).reshape(64, 128) for name, m in moments.items()}
    numbers = {name: np.array(columns[name], dtype=np.float64) for name in NUMBERS}
    words = {name: np.array(columns[name]) for name in WORDS}
    return Inventory(json.loads(path.read_text()), numbers, words, np.array(columns["attributes"]), np.concatenate(coarse), deviation, where)


def as_array(column) -> np.ndarray:
    """[notes, 64, 128] of a column of float16 bytes."""
    return np.frombuffer(b"".join(value.as_py() for value in column), dtype=np.float16).reshape(-1, 64, 128).astype(np.float32)


def maps_of(inventory: Inventory, notes: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The three maps of some notes, read again from disk."""
    rows = [pq.read_table(file, columns=list(MAPS)).slice(row, 1) for file, row in (inventory.where[note] for note in notes)]
    return tuple(np.concatenate([as_array(row.column(name)) for row in rows]) for name in MAPS)


def left_out(summary: dict) -> dict:
    """Notes asked for and kept per source, and what the rest was left out for."""
    result = {}
    for entry in summary["entries"]:
        counts = result.setdefault(entry["source"], {"asked": 0, "kept": 0, "not in the source": 0, "dropped presets": [], "reasons": Counter()})
        if entry.get("dropped") == "not in this font":
            counts["not in the source"] += 1
            continue
        counts["asked"] += entry.get("notes", 0)
        counts["kept"] += entry["kept"]
        counts["reasons"].update(general(rejected["why"]) for rejected in entry["rejected"])
        if "dropped" in entry:
            counts["dropped presets"].append(f"{entry.get('preset')} ({entry['dropped']})")
    return result


def general(why: str) -> str:
    """A reason without the figures of one note, so that reasons can be counted."""
    for known in ("no clear pitch", "too short to be held", "its pitch moves", "cannot be read", "is outside"):
        if known in why:
            return known
    return "name and sound disagree" if "but it sounds as key" in why else why


def duplicates(inventory: Inventory) -> dict:
    """Plain notes that another preset has too: how many, and between which presets most."""
    plain = np.flatnonzero(inventory.words["variant"] == "plain")
    keys, same, pairs = inventory.numbers["key"][plain], set(), Counter()
    for key in np.unique(keys):
        notes = plain[keys == key]
        presets = np.array([f"{inventory.words['preset'][n]} / {inventory.words['source'][n]}" for n in notes])
        for i, note in enumerate(notes):
            near = np.abs(inventory.coarse[notes[i + 1 :]] - inventory.coarse[note]).mean(axis=1) < SAME_DB
            for other in np.flatnonzero(near) + i + 1:
                if presets[other] != presets[i]:
                    same |= {note, notes[other]}
                    pairs[" = ".join(sorted((presets[i], presets[other])))] += 1
    return {"notes": len(same), "share": len(same) / max(len(plain), 1), "pairs": pairs.most_common(12)}


def outliers(inventory: Inventory) -> list[tuple[int, str, float]]:
    """Notes far from the notes around their key: which, in what, how many robust standard deviations; worst first."""
    found: dict[int, tuple[str, float]] = {}
    keys = inventory.numbers["key"]
    for key in np.unique(keys):
        near, here = np.abs(keys - key) <= 6, np.flatnonzero(keys == key)
        for index, name in enumerate(ATTRIBUTES):
            values = inventory.attributes[near, index]
            middle = np.median(values)
            spread = max(1.4826 * float(np.median(np.abs(values - middle))), SMALLEST_SPREAD[name])
            for note, far in zip(here, (inventory.attributes[here, index] - middle) / spread):
                if abs(far) > max(OUTLIER_DEVIATIONS, abs(found.get(note, ("", 0.0))[1])):
                    found[int(note)] = (name, float(far))
    return sorted(((note, name, far) for note, (name, far) in found.items()), key=lambda o: -abs(o[2]))


def figures(inventory: Inventory) -> dict:
    """All of the report that is numbers."""
    numbers, total = inventory.numbers, len(inventory)
    tuning = np.abs(numbers["tuning_cents"])
    weight_share = {f: float(numbers["weight"][inventory.words["family"] == f].sum() / numbers["weight"].sum()) for f in np.unique(inventory.words["family"])}
    return {
        "notes": total, "presets": len({*zip(inventory.words["preset"].tolist(), inventory.words["source"].tolist())}), "left_out": left_out(inventory.summary),
        "told_at_a_glance": inventory.summary.get("rejected", []),
        "dc_above_minus_40_db": int((numbers["dc_db"] > DC_DB).sum()), "worst_dc_db": float(numbers["dc_db"].max()),
        "tuning": {"median_cents": float(np.median(tuning)), "above_5_cents": float((tuning > 5).mean()), "above_20_cents": float((tuning > 20).mean())},
        "explained_below_0_7": float((numbers["explained_share"] < 0.7).mean()),
        "constant_cells": {name: float((inventory.cell_deviation[name] < NEAR_CONSTANT[name]).mean()) for name in MAPS},
        "constant_columns": [name for name in NUMBERS if np.ptp(numbers[name]) < 1e-6],
        "duplicates": duplicates(inventory), "outliers": len(outliers(inventory)),
        "families": {f: {"notes": int((inventory.words["family"] == f).sum()), "weight": share} for f, share in weight_share.items()},
        "variants": dict(Counter(inventory.words["variant"].tolist())), "velocities": dict(Counter(np.round(numbers["velocity"], 2).tolist())),
        "keys": {"lowest": int(numbers["key"].min()), "highest": int(numbers["key"].max()), "fewest": _rarest_key(numbers["key"])},
        "vibrato_above_10_cents": int((numbers["vibrato_cents"] > 10).sum()),
    }  # fmt: skip


def _rarest_key(keys: np.ndarray) -> dict:
    counts = Counter(keys.astype(int).tolist())
    within = range(min(counts), max(counts) + 1)
    key = min(within, key=lambda k: counts[k])
    return {"key": key, "notes": counts[key]}
