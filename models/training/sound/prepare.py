"""SoundFonts -> a corpus of analysed notes on disk: `python -m sound.prepare CONFIG [--out DIR] [--jobs N]`.

One Parquet file per preset, written whole or not at all, so that an interrupted run goes on where it stopped; then
`corpus.json` (what was kept, what was dropped and why). Each preset is rendered by one process in a fixed order:
the corpus does not depend on the number of jobs.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import signal
import sys
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from .analysis import Analyzer, NoteGrid
from .command import at_least
from .config import Config, CorpusConfig, Font, InputError, Program, RequestError, load_config
from .descriptors import raw_attributes
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid
from .soundfont import BLOCK_FRAMES, Preset, RenderedNote
from .tones import PATH as TONES_PATH
from .tones import Tone
from .whole_file import whole_file

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "understory"

SILENT_PEAK_DB = -70.0
MAX_TUNING_CENTS = 35.0
MIN_EXPLAINED = 0.5
"""Share of a note's power that must lie on the harmonics of its key; bells and stacked fifths fall below."""
MIN_KEPT_SHARE = 0.6


@dataclass(frozen=True)
class Task:
    """One preset of one font: the unit of work and of storage."""

    font: Font
    program: Program

    @property
    def stem(self) -> str:
        font = "".join(c if c.isalnum() else "_" for c in self.font.name.lower())
        return f"{font}-{self.program.number:03d}"


def schema(grid: Grid) -> pa.Schema:
    """Grids are float16, row-major, as in CONTRACT.md; `key` is the sounding one."""
    grids = {
        "level_db": grid.num_rows * grid.num_columns,
        "deviation_cents": grid.num_rows * grid.num_columns,
        "noise_db": grid.num_bands * grid.num_columns,
    }
    columns = [
        ("key", pa.int16()), ("velocity", pa.float32()), ("weight", pa.float32()), ("family", pa.string()), ("preset", pa.string()),
        ("source", pa.string()), ("licence", pa.string()), ("attributes", pa.list_(pa.float32(), 4)), ("peak_db", pa.float32()),
        ("tuning_cents", pa.float32()),
    ]  # fmt: skip
    return pa.schema(columns + [(name, pa.binary(2 * size)) for name, size in grids.items()])


@lru_cache(maxsize=4)
def _analyzer(key: int) -> Analyzer:
    return Analyzer(Grid(), key)


def requests(config: CorpusConfig, program: Program) -> list[tuple[int, float]]:
    """The (key, velocity) pairs of a preset, ordered by key so that one analyzer serves its neighbours."""
    low = max(LOWEST_KEY, program.low - config.range_margin)
    high = min(HIGHEST_KEY, program.high + config.range_margin)
    pairs = [
        (key, velocity)
        for layer, velocity in enumerate(config.velocities)
        for key in range(low + layer % config.key_step, high + 1, config.key_step)
    ]
    return sorted(pairs)


def sounding_octave(note: RenderedNote) -> int:
    """Semitones (-12, 0 or 12) from the played key to the pitch that sounds: organs and basses are often an octave off."""
    held = np.array([0.5, 0.7, 0.9])
    half = np.abs(_analyzer(note.key - 12).complex_amplitudes(note.samples, held)) ** 2
    power = half.mean(axis=0)
    between, on = power[0::2][:8].sum(), power[1::2][:8].sum()
    if note.key >= 36 and between > 0.1 * on:
        return -12
    odd, even = power[1::4][:4].sum(), power[3::4][:4].sum()
    return 12 if odd < 1e-3 * even else 0


def explained_share(note: RenderedNote, grid: NoteGrid) -> float:
    """Share of the power between 0.1 and 1 s that lies on the harmonics."""
    layout = Grid()
    times = np.asarray(layout.column_times_s)
    part = (times > 0.1) & (times < 1.0)
    count = np.asarray(layout.row_last_harmonic) - np.asarray(layout.row_first_harmonic) + 1
    power = (10 ** ((grid.level_db[:, part] + grid.peak_db) / 10) * (grid.level_db[:, part] > -79)).mean(axis=1) @ count / 2
    window = note.samples[int(0.1 * layout.sample_rate_hz) : layout.sample_rate_hz]
    return float(power / max(np.mean(np.square(window - window.mean())), 1e-20))


def fault(note: RenderedNote, grid: NoteGrid) -> str | None:
    """Why a note is left out, or None."""
    if not np.isfinite(note.samples).all():
        return "not finite"
    if grid.peak_db < SILENT_PEAK_DB:
        return "silent"
    if np.abs(note.samples).max() >= 1.0:
        return "clipped"
    if abs(grid.tuning_cents) > MAX_TUNING_CENTS:
        return "out of tune"
    if explained_share(note, grid) < MIN_EXPLAINED:
        return "not harmonic"
    return None


def open_preset(task: Task, sample_rate_hz: int) -> Preset | Tone:
    """The instrument of a task; KeyError when the font has no such program."""
    if task.font.path == TONES_PATH:
        return Tone(task.program.number, sample_rate_hz)
    return Preset(task.font.path, 0, task.program.number, sample_rate_hz)


def prepare_preset(config: CorpusConfig, task: Task, folder: Path) -> dict:
    """Renders, analyses and writes one preset; returns its entry of `corpus.json`."""
    layout = Grid()
    pairs = requests(config, task.program)
    entry = {"source": task.font.name, "program": task.program.number, "family": task.program.family, "faults": {}, "kept": 0}
    try:
        preset = open_preset(task, layout.sample_rate_hz)
    except KeyError:
        return {**entry, "dropped": "not in this font"}
    middle = pairs[len(pairs) // 2][0]
    hold, total = (_frames(layout, s) for s in (layout.release_start_s, layout.duration_s))
    shift = sounding_octave(next(preset.notes([(middle, 0.7)], hold, total)))
    entry |= {"preset": preset.name, "octave_shift": shift, "notes": len(pairs)}
    rows = []
    for note in preset.notes(pairs, hold, total):
        key = note.key + shift
        if not LOWEST_KEY <= key <= HIGHEST_KEY:
            continue
        grid = _analyzer(key).analyze(note.samples)
        why = fault(note, grid)
        if why:
            entry["faults"][why] = entry["faults"].get(why, 0) + 1
            continue
        rows.append(_row(task, preset.name, key, note, grid))
    preset.close()
    entry["kept"] = len(rows)
    if len(rows) < MIN_KEPT_SHARE * len(pairs):
        return {**entry, "kept": 0, "dropped": "mostly " + (max(entry["faults"], key=entry["faults"].get, default="outside the key range"))}
    with whole_file(folder / f"{task.stem}.parquet") as part:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema(layout)), part, compression="zstd")
    return entry


def _row(task: Task, preset: str, key: int, note: RenderedNote, grid: NoteGrid) -> dict:
    as_bytes = {name: getattr(grid, name).astype(np.float16).tobytes() for name in ("level_db", "deviation_cents", "noise_db")}
    return {
        "key": key, "velocity": note.velocity, "weight": task.program.weight, "family": task.program.family, "preset": preset,
        "source": task.font.name, "licence": task.font.licence, "attributes": raw_attributes(grid, key).tolist(),
        "peak_db": grid.peak_db, "tuning_cents": grid.tuning_cents, **as_bytes,
    }  # fmt: skip


def _frames(layout: Grid, seconds: float) -> int:
    return round(seconds * layout.sample_rate_hz) // BLOCK_FRAMES * BLOCK_FRAMES


def check_fonts(fonts: list[Font]) -> None:
    """Every font is there and is the one the configuration names."""
    for font in fonts:
        path = Path(font.path)
        if font.path == TONES_PATH:
            continue
        if not path.is_file():
            raise InputError(f"{path}: missing; run `cargo xtask setup --corpus`, or name your own font in the configuration")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != font.sha256:
            raise InputError(f"{path}: SHA-256 is {found}, the configuration says {font.sha256}")


def corpus_folder(config: Config, out: str | None) -> Path:
    return Path(out) if out else CACHE / "corpus" / f"sound-{config.corpus_sha256[:12]}"


def _prepare_and_record(config: CorpusConfig, task: Task, folder: Path) -> dict:
    record = folder / f"{task.stem}.json"
    if record.is_file():
        entry = json.loads(record.read_text())
        if entry["kept"] == 0 or (folder / f"{task.stem}.parquet").is_file():
            return entry
    entry = prepare_preset(config, task, folder)
    with whole_file(record) as part:
        part.write_text(json.dumps(entry))
    return entry


def _claim(folder: Path, corpus_sha256: str) -> None:
    """Makes the folder; refuses one that holds presets of another configuration, which would be taken for this one's."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "corpus_sha256"
    if mark.is_file() and mark.read_text() != corpus_sha256:
        raise RequestError(f"{folder}: holds the corpus of another configuration; choose another --out, or delete it")
    with whole_file(mark) as part:
        part.write_text(corpus_sha256)


def prepare(config: Config, folder: Path, jobs: int) -> dict:
    """Makes the corpus; returns the content of `corpus.json`."""
    check_fonts(config.corpus.fonts)
    tasks = [Task(font, program) for font in config.corpus.fonts for program in config.corpus.programs]
    if len({task.stem for task in tasks}) < len(tasks):
        raise RequestError("two fonts or two programs of the configuration have the same name: their files would overwrite each other")
    _claim(folder, config.corpus_sha256)
    entries = _prepare_all(config.corpus, tasks, folder, jobs)
    summary = {
        "corpus_sha256": config.corpus_sha256, "notes": sum(e["kept"] for e in entries),
        "presets": sum(e["kept"] > 0 for e in entries), "entries": entries,
    }  # fmt: skip
    with whole_file(folder / "corpus.json") as part:
        part.write_text(json.dumps(summary, indent=1))
    return summary


def _prepare_all(config: CorpusConfig, tasks: list[Task], folder: Path, jobs: int) -> list[dict]:
    """The presets' entries in the order of `tasks`. The first failure, or Ctrl-C, ends it after the presets at hand."""
    with concurrent.futures.ProcessPoolExecutor(jobs, initializer=_leave_interrupts_to_the_parent) as pool:
        futures = [pool.submit(_prepare_and_record, config, task, folder) for task in tasks]
        try:
            for done in tqdm(concurrent.futures.as_completed(futures), total=len(futures), desc="presets", unit="preset"):
                done.result()
        except BrokenProcessPool as error:
            raise OSError("a worker process was killed (out of memory?); run again with a smaller --jobs, it goes on where it stopped") from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return [future.result() for future in futures]


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models prepare", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("-o", "--out", help="folder of the corpus")
    parser.add_argument("--jobs", type=at_least(1), default=os.cpu_count())
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    folder = corpus_folder(config, options.out)
    summary = prepare(config, folder, options.jobs)
    print(f"{summary['notes']} notes of {summary['presets']} presets in {folder}", file=sys.stderr)
    return {"folder": str(folder), "notes": summary["notes"], "presets": summary["presets"]}


if __name__ == "__main__":
    from .command import run

    run(main)
