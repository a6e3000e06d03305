"""SoundFonts -> a corpus of analysed notes on disk: `python -m sound.prepare CONFIG [--out DIR] [--jobs N]`.

One Parquet file per preset, written whole or not at all, so that an interrupted run goes on where it stopped; then
`corpus.json` (what was kept, what was dropped and why). Each preset is rendered by one process in a fixed order:
the corpus does not depend on the number of jobs.
"""

import argparse
import concurrent.futures
import hashlib
import json
import multiprocessing
import os
import signal
import sys
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from .command import at_least
from .config import VARIANTS, Config, CorpusConfig, InputError, Program, RequestError, Source, load_config
from .corpus_row import Candidate, admit, analyzer, schema
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid, key_to_hz
from .soundfont import Preset, RenderedNote, Request, whole_blocks
from .tones import PATH as TONES_PATH
from .tones import Tone
from .variants import draw, fit_hold
from .whole_file import whole_file

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "understory"
MIN_KEPT_SHARE = 0.6
MAX_SUSTAIN_LOSS_DB = 12.0
_RATE_HZ = Grid().sample_rate_hz
_HOLD_FRAMES = whole_blocks(Grid().release_start_s * _RATE_HZ)
_TOTAL_FRAMES = whole_blocks(Grid().duration_s * _RATE_HZ)


@dataclass(frozen=True)
class Task:
    """One preset of one font: the unit of work and of storage."""

    source: Source
    program: Program

    @property
    def stem(self) -> str:
        return f"{_plain(self.source.name)}-{self.program.bank:03d}-{self.program.number:03d}"


def _plain(name: str) -> str:
    return "".join(c if c.isalnum() else "_" for c in name.lower())


def requests(config: CorpusConfig, program: Program) -> list[Request]:
    """The notes of a preset: the plain ones ordered by key, then each kind of variant."""
    low = max(LOWEST_KEY, program.low - config.range_margin)
    high = min(HIGHEST_KEY, program.high + config.range_margin)
    plain = [
        Request(key, velocity)
        for layer, velocity in enumerate(config.velocities)
        for key in range(low + layer % config.key_step, high + 1, config.key_step)
    ]
    varied = []
    for variant in config.variants:
        if program.family not in variant.families:
            continue
        for index, key in enumerate(range(low, high + 1, variant.key_step)):
            layer = (index + VARIANTS.index(variant.kind)) % len(config.velocities)
            performance = draw(variant.kind, [program.bank, program.number, key, VARIANTS.index(variant.kind)])
            varied.append(Request(key, config.velocities[layer], performance))
    return sorted(plain, key=lambda r: (r.key, r.velocity)) + varied


def sounding_octave(note: RenderedNote) -> int:
    """Semitones (-12, 0 or 12) from the played key to the pitch that sounds: organs and basses are often an octave off."""
    held = np.array([0.5, 0.7, 0.9])
    half = np.abs(analyzer(note.key - 12).complex_amplitudes(note.samples, held)) ** 2
    power = half.mean(axis=0)
    between, on = power[0::2][:8].sum(), power[1::2][:8].sum()
    if note.key >= 36 and between > 0.1 * on:
        return -12
    odd, even = power[1::4][:4].sum(), power[3::4][:4].sum()
    return 12 if odd < 1e-3 * even else 0


def sustains(note: RenderedNote) -> bool:
    """Whether a held key goes on sounding: at 2.5 to 2.9 s not more than 12 dB below 0.4 to 0.8 s."""
    early, late = (float(np.mean(np.square(note.samples[int(a * _RATE_HZ) : int(b * _RATE_HZ)]))) for a, b in ((0.4, 0.8), (2.5, 2.9)))
    return late > early * 10 ** (-MAX_SUSTAIN_LOSS_DB / 10)


def open_preset(task: Task) -> Preset | Tone:
    """The instrument of a task; KeyError when the font has no such program."""
    if task.source.path == TONES_PATH:
        return Tone(task.program.number, _RATE_HZ)
    return Preset(task.source.path, task.program.bank, task.program.number, _RATE_HZ)


def prepare_preset(config: CorpusConfig, task: Task, folder: Path) -> dict:
    """Renders, analyses and writes one preset; returns its entry of `corpus.json`."""
    program = task.program
    wanted = requests(config, program)
    entry = {"source": task.source.name, "bank": program.bank, "program": program.number, "family": program.family, "rejected": [], "kept": 0}
    try:
        preset = open_preset(task)
    except KeyError:
        return {**entry, "dropped": "not in this font"}
    middle = wanted[len([r for r in wanted if r.performance.kind == "plain"]) // 2].key
    probe = next(preset.notes([Request(middle, 0.7)], _HOLD_FRAMES, _TOTAL_FRAMES))
    shift = sounding_octave(probe)
    if not sustains(probe):
        wanted = [r for r in wanted if r.performance.kind != "long"]
    entry |= {"preset": preset.name, "octave_shift": shift, "notes": len(wanted)}
    rows = []
    for note in preset.notes(wanted, _HOLD_FRAMES, _TOTAL_FRAMES):
        key = note.key + shift
        if not LOWEST_KEY <= key <= HIGHEST_KEY:
            continue
        candidate = Candidate(key, note.velocity, held_as_the_grid(note, key), preset.name, program.family, program.weight, note.performance)
        row = admit(candidate, task.source.name, task.source.licence)
        if isinstance(row, str):
            entry["rejected"].append({"note": f"key {note.key}, velocity {note.velocity}, {note.performance.kind}", "why": row})
        else:
            rows.append(row)
    preset.close()
    entry["kept"] = len(rows)
    if len(rows) < MIN_KEPT_SHARE * len(wanted):
        reasons = Counter(rejected["why"] for rejected in entry["rejected"])
        return {**entry, "kept": 0, "dropped": "mostly " + (reasons.most_common(1)[0][0] if reasons else "outside the key range")}
    write_rows(rows, folder / f"{task.stem}.parquet")
    return entry


def held_as_the_grid(note: RenderedNote, key: int) -> np.ndarray:
    """Samples of a note whose release is where the grid wants it, and which end where the grid ends."""
    samples = note.samples
    if note.released_frame != _HOLD_FRAMES:
        samples = fit_hold(samples, note.released_frame, _HOLD_FRAMES, _RATE_HZ, float(key_to_hz(key)))
    return np.pad(samples[:_TOTAL_FRAMES], (0, max(0, _TOTAL_FRAMES - len(samples))))


def write_rows(rows: list[dict], path: Path) -> None:
    with whole_file(path) as part:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema(Grid())), part, compression="zstd")


def check_sources(sources: list[Source]) -> None:
    """Every font is there and is the one the configuration names."""
    for source in sources:
        path = Path(source.path)
        if source.path == TONES_PATH:
            continue
        if not path.is_file():
            raise InputError(f"{path}: missing; run `cargo xtask setup --corpus`, or name your own font in the configuration")
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != source.sha256:
            raise InputError(f"{path}: SHA-256 is {found}, the configuration says {source.sha256}")


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
    check_sources(config.corpus.sources)
    tasks = [Task(source, program) for source in config.corpus.sources for program in config.corpus.programs]
    if len({task.stem for task in tasks}) < len(tasks):
        raise RequestError("two sources or two programs of the configuration have the same name: their files would overwrite each other")
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
    # Each worker is one thread: matrix products on two threads each would fight for the cores that the other workers use.
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    fresh = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(jobs, fresh, _leave_interrupts_to_the_parent) as pool:
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
