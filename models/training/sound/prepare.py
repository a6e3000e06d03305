"""Sources -> a corpus of analysed notes on disk: `python -m sound.prepare CONFIG [--out DIR] [--jobs N]`.

One Parquet file per preset of a font or per `RECORDINGS_PER_FILE` recordings, written whole or not at all, so that an
interrupted run goes on where it stopped; then `corpus.json` (what was kept, what was left out and why) and the wrangling report. Each file is made by
one process in a fixed order: the corpus does not depend on the number of jobs.
"""

import argparse
import concurrent.futures
import json
import multiprocessing
import os
import signal
import sys
from collections import Counter
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from pipeline.command import at_least
from pipeline.errors import InputError, RequestError
from pipeline.whole_file import whole_file

from .config import Config, CorpusConfig, Program, Source, load_config
from .corpus_row import admit, schema
from .font_notes import FontNotes
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid
from .places import corpus_folder
from .soundfont import presets_of
from .sources import kinds
from .sources.found import Found, Rejected, family_of
from .sources.recorded_notes import candidates

MIN_KEPT_SHARE = 0.6
"""Of a preset of a font; below, the preset is not what its program number says."""
RECORDINGS_PER_FILE = 32


@dataclass(frozen=True)
class Task:
    """A preset of a font, or some recordings of a folder: the unit of work and of storage."""

    source: Source
    stem: str
    program: Program | None = None
    recordings: tuple[Found, ...] = ()


def tasks_of(config: CorpusConfig, source: Source) -> tuple[list[Task], list[Rejected]]:
    """All work of a source in a fixed order, and what is left out before it begins."""
    name = "".join(c if c.isalnum() else "_" for c in source.name.lower())
    kind = kinds.kind_of(source.path)
    if kind in ("font", "tones"):
        programs = config.programs or [
            Program(bank, number, family_of(words), LOWEST_KEY, HIGHEST_KEY, 1.0) for bank, number, words in presets_of(source.path)
        ]
        return [Task(source, f"{name}-{p.bank:03d}-{p.number:03d}", program=p) for p in programs], []
    found, rejected = kinds.find(source.path)
    chunks = [found[i : i + RECORDINGS_PER_FILE] for i in range(0, len(found), RECORDINGS_PER_FILE)]
    return [Task(source, f"{name}-{i:05d}", recordings=tuple(chunk)) for i, chunk in enumerate(chunks)], rejected


def prepare_preset(config: CorpusConfig, task: Task, folder: Path) -> dict:
    """Renders, analyses and writes one preset; returns its entry of `corpus.json`."""
    program = task.program
    entry = {"source": task.source.name, "bank": program.bank, "program": program.number, "family": program.family, "rejected": [], "kept": 0}
    try:
        notes = FontNotes(config, task.source, program)
    except KeyError:
        return {**entry, "dropped": "not in this font"}
    entry |= {"preset": notes.name, "octave_shift": notes.octave_shift, "notes": len(notes.wanted)}
    rows = []
    for name, candidate in notes.candidates():
        row = admit(candidate, task.source.name, task.source.licence)
        if isinstance(row, str):
            entry["rejected"].append({"note": name, "why": row})
        else:
            rows.append(row)
    notes.close()
    if len(rows) < MIN_KEPT_SHARE * len(notes.wanted):
        reasons = Counter(rejected["why"] for rejected in entry["rejected"])
        return {**entry, "dropped": "mostly " + (reasons.most_common(1)[0][0] if reasons else "outside the key range")}
    write_rows(rows, folder / f"{task.stem}.parquet")
    return {**entry, "kept": len(rows)}


def prepare_recordings(config: CorpusConfig, task: Task, folder: Path) -> dict:
    """Reads, analyses and writes some recordings; returns their entry of `corpus.json`."""
    entry = {"source": task.source.name, "preset": task.stem, "notes": 0, "kept": 0, "rejected": [], "pitches": []}
    rows = []
    for name, candidate, pitch in candidates(config, list(task.recordings)):
        row = candidate.why if isinstance(candidate, Rejected) else admit(candidate, task.source.name, task.source.licence)
        entry["notes"] += 1
        if isinstance(row, str):
            entry["rejected"].append({"note": name, "why": row})
            continue
        rows.append(row)
        if pitch:
            entry["pitches"].append({"note": name, "key": pitch.key, "from": pitch.key_from, "confidence": round(pitch.confidence, 3)})
    if rows:
        write_rows(rows, folder / f"{task.stem}.parquet")
    return {**entry, "kept": len(rows)}


def write_rows(rows: list[dict], path: Path) -> None:
    """Rows as `admit` gives them, whole or not at all."""
    with whole_file(path) as part:
        pq.write_table(pa.Table.from_pylist(rows, schema=schema(Grid())), part, compression="zstd")


def check_sources(sources: list[Source]) -> None:
    """Every source is there and is the one the configuration names."""
    for source in sources:
        found = kinds.digest(source.path)
        if found != source.sha256:
            raise InputError(f"{source.path}: SHA-256 is {found}, the configuration says {source.sha256 or 'none'}")


def _prepare_and_record(config: CorpusConfig, task: Task, folder: Path) -> dict:
    record = folder / f"{task.stem}.json"
    entry = _made_before(record, folder / f"{task.stem}.parquet")
    if entry is not None:
        return entry
    entry = (prepare_preset if task.program else prepare_recordings)(config, task, folder)
    with whole_file(record) as part:
        part.write_text(json.dumps(entry))
    return entry


def _made_before(record: Path, rows: Path) -> dict | None:
    """The entry of a task that an earlier run finished; None when it, or its file of rows, is lost or damaged."""
    try:
        entry = json.loads(record.read_text())
        return entry if entry["kept"] == 0 or pq.read_metadata(rows).num_rows == entry["kept"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _claim(folder: Path, corpus_sha256: str) -> None:
    """Makes the folder; refuses one that holds presets of another configuration, which would be taken for this one's."""
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / "corpus_sha256"
    if mark.is_file() and mark.read_text() != corpus_sha256:
        raise RequestError(f"{folder}: holds the corpus of another configuration; choose another --out, or delete it")
    for left_by_a_killed_run in folder.glob("*.part"):
        left_by_a_killed_run.unlink(missing_ok=True)
    with whole_file(mark) as part:
        part.write_text(corpus_sha256)


def prepare(config: Config, folder: Path, jobs: int) -> dict:
    """Makes the corpus; returns the content of `corpus.json`."""
    check_sources(config.corpus.sources)
    listed = [tasks_of(config.corpus, source) for source in config.corpus.sources]
    tasks = [task for part, _ in listed for task in part]
    if len({task.stem for task in tasks}) < len(tasks):
        raise RequestError("two sources or two programs of the configuration have the same name: their files would overwrite each other")
    _claim(folder, config.corpus_sha256)
    entries = _prepare_all(config.corpus, tasks, folder, jobs)
    summary = {
        "corpus_sha256": config.corpus_sha256, "notes": sum(e["kept"] for e in entries),
        "presets": sum(e["kept"] > 0 for e in entries), "sources": [asdict(source) for source in config.corpus.sources],
        "rejected": [asdict(rejected) for _, part in listed for rejected in part], "entries": entries,
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
    parser.add_argument("--no-report", action="store_true", help="leave out the wrangling report")
    options = parser.parse_args(arguments)
    config = load_config(options.config)
    folder = corpus_folder(config, options.out)
    summary = prepare(config, folder, options.jobs)
    print(f"{summary['notes']} notes of {summary['presets']} presets in {folder}", file=sys.stderr)
    result = {"folder": str(folder), "notes": summary["notes"], "presets": summary["presets"]}
    if summary["notes"] == 0:
        raise InputError(f"{folder}: not one note could be used; corpus.json in it says why of each")
    if not options.no_report:
        from .wrangling_report import write_report  # here, so that no worker process loads what draws pictures

        write_report(folder, folder / "report")
        print(f"what was found in it: {folder / 'report' / 'report.md'}", file=sys.stderr)
        result["report"] = str(folder / "report" / "report.md")
    return result


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
