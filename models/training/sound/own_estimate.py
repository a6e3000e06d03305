"""What a model of somebody's own sounds will cost and be worth, before an hour is spent: measured on a few of the notes.

Times are measured here and now. The quality is a judgement from the number of notes and keys; only the report after training
measures it.
"""

import itertools
import json
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import InputError

from .config import Config
from .corpus_row import admit
from .dataset import Dataset, load_dataset
from .font_notes import FontNotes, requests
from .grid import Grid
from .prepare import Task, tasks_of, write_rows
from .sources.found import Found, Rejected
from .sources.recorded_notes import candidates
from .trainer import new_trainer

PROBED = 8
TRAINING_PROBE_S = 20.0
QUALITY = [
    (50, "a sketch: it repeats its few notes with small changes and blurs between them"),
    (300, "one recognisable colour, softened; little to explore in the latent space"),
    (2_000, "a family of related sounds: neighbours are believable, rare ones are blurred"),
    (None, "a latent space worth exploring"),
]
"""Up to so many different notes; a judgement, not a measurement."""


@dataclass(frozen=True)
class Estimate:
    """Counts of the source, and speeds measured on a few of its notes."""

    recordings: int
    """Files, or notes that a font will be asked for."""
    usable_share: float
    """Of the probed ones."""
    notes: int
    """Rows of the corpus to expect, variants included."""
    different: int
    """The same without variants."""
    prepare_s: float
    samples_per_s: float
    reasons: list[str]

    def quality(self) -> str:
        return next(words for most, words in QUALITY if most is None or self.different <= most)

    def to_dict(self, samples: int) -> dict:
        return {**asdict(self), "samples": samples, "train_s": round(samples / self.samples_per_s, 1), "quality": self.quality()}

    def words(self, samples: int) -> str:
        train_s = samples / self.samples_per_s
        left_out = f"; left out, for instance: {self.reasons[0]}" if self.reasons else ""
        return "\n".join([
            f"{self.recordings} notes found, about {self.usable_share:.0%} of them usable (tried {PROBED} at most){left_out}",
            f"time on this machine as it is now: {_minutes(self.prepare_s)} to analyse, {_minutes(train_s)} to train ({samples} samples at {self.samples_per_s:.0f} a second)",
            f"to expect of about {self.different} notes: {self.quality()} (a judgement; the shipped model learnt from tens of thousands)",
        ])  # fmt: skip


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def estimate(config: Config, jobs: int) -> Estimate:
    """Looks at the whole list, reads a few notes of it, and trains a few steps on those."""
    tasks = [task for source in config.corpus.sources for task in tasks_of(config.corpus, source)[0]]
    if not tasks:
        raise InputError(f"{config.corpus.sources[0].path}: nothing in it that makes notes")
    listed = [found for task in tasks for found in task.recordings]
    started = time.monotonic()
    rows, reasons, tried = _probe_recordings(config, listed) if listed else _probe_font(config, tasks)
    seconds_per_row = (time.monotonic() - started) / max(len(rows), 1)
    plain = [row for row in rows if row["variant"] == "plain"]
    share = len(plain) / max(tried, 1)
    if not plain:
        raise InputError(f"{config.corpus.sources[0].path}: none of {tried} notes tried can be used: {'; '.join(reasons[:3])}")
    total = len(listed) or sum(len(requests(config.corpus, task.program)) for task in tasks if task.program)
    per_plain = len(rows) / len(plain)
    different = round(total * share)
    return Estimate(total, share, round(different * per_plain), different, different * per_plain * seconds_per_row / jobs, _training_speed(config, rows), reasons)


def _probe_recordings(config: Config, listed: list[Found]) -> tuple[list[dict], list[str], int]:
    step = max(1, len(listed) // PROBED)
    chosen = listed[::step][:PROBED]
    rows, reasons = [], []
    for name, candidate, _ in candidates(config.corpus, chosen):
        row = candidate.why if isinstance(candidate, Rejected) else admit(candidate, "probe", "")
        rows.append(row) if isinstance(row, dict) else reasons.append(f"{name}: {row}")
    return rows, reasons, len(chosen)


def _probe_font(config: Config, tasks: list[Task]) -> tuple[list[dict], list[str], int]:
    middle = tasks[len(tasks) // 2]
    notes = FontNotes(config.corpus, middle.source, middle.program)
    rows, reasons = [], []
    for name, candidate in itertools.islice(notes.candidates(), PROBED):
        row = admit(candidate, "probe", "")
        rows.append(row) if isinstance(row, dict) else reasons.append(f"{notes.name}, {name}: {row}")
    notes.close()
    return rows, reasons, PROBED


def _training_speed(config: Config, rows: list[dict]) -> float:
    """Samples per second of some steps on the probed notes; the first, which warms up, is not counted."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = new_trainer(config, _dataset(rows, Path(folder)))
        trainer.train_step()
        started, steps = time.monotonic(), 0
        while steps < config.training.penalty_every and time.monotonic() - started < TRAINING_PROBE_S:
            trainer.train_step()
            steps += 1
    return steps * config.training.batch / (time.monotonic() - started)


def _dataset(rows: list[dict], folder: Path) -> Dataset:
    write_rows(rows, folder / "probe.parquet")
    (folder / "corpus.json").write_text(json.dumps({"notes": len(rows)}))
    return load_dataset(folder, Grid())
