"""Your own sounds -> a model, in one command: `python -m sound.own SOURCE -o MODEL.onnx [--minutes M] [--estimate]`.

SOURCE is a folder of recordings, an SFZ instrument, NSynth's layout or a SoundFont. Says first how long it will take and what
to expect, then prepares, trains and exports. Every part can be stopped; the same command goes on where it stopped.
"""

import argparse
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from pipeline.cache import CACHE, run_folder
from pipeline.command import at_least
from pipeline.errors import InputError, RequestError
from pipeline.settings import CONFIGS

from .config import Config, load_config
from .dataset import Dataset, load_dataset
from .export import export
from .grid import Grid
from .own_estimate import Estimate, estimate
from .places import corpus_folder
from .prepare import prepare
from .sources import kinds
from .sources.found import FAMILY_WORDS
from .train import train
from .wrangling_report import write_report

MIN_NOTES = 16
DEFAULT_SAMPLES = 40_000
MOST_SAMPLES = 400_000
FONT_KEY_STEP = 3
FONT_VELOCITIES = [0.4, 0.8]


@dataclass(frozen=True)
class Wish:
    """What was asked for, checked."""

    source: str
    sha256: str
    out: Path
    name: str
    licence: str
    like: str
    minutes: float | None
    samples: int | None
    jobs: int


def write_configuration(wish: Wish, samples: int, folder: Path) -> Path:
    """Two files that `prepare`, `train`, `export` and `evaluate` take like any other; nothing of `own` is hidden in code."""
    folder.mkdir(parents=True, exist_ok=True)
    families = [*FAMILY_WORDS, "own"]
    variants = [{"kind": kind, "key_step": 1 if kind == "transposed" else 6, "families": families} for kind in ("transposed", "stacked", "swept")]
    corpus = {
        "key_step": FONT_KEY_STEP, "velocities": FONT_VELOCITIES, "range_margin": 0, "programs": [], "variants": variants,
        "sources": [{"name": wish.name, "path": wish.source, "licence": wish.licence, "sha256": wish.sha256}],
    }  # fmt: skip
    (folder / "corpus.toml").write_text("".join(f"{name} = {_toml(value)}\n" for name, value in corpus.items()))
    text = (CONFIGS / f"{wish.like}.toml").read_text()
    settings = {"name": wish.name, "corpus": "corpus.toml", "samples": samples, "evaluate_every": min(max(samples // 4, 1_024), 12_000)}
    for setting, value in settings.items():
        text = re.sub(rf"^{setting} = .*$", lambda _, line=f"{setting} = {_toml(value)}": line, text, count=1, flags=re.MULTILINE)
    (folder / "model.toml").write_text(text)
    return folder / "model.toml"


def _toml(value) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(inner)}" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def samples_for(wish: Wish, found: Estimate) -> int:
    """As many as the time allows, in whole thousands; without a time, as many as a small corpus gains from."""
    if wish.samples is not None:
        return wish.samples
    if wish.minutes is None:
        return DEFAULT_SAMPLES
    return int(min(max(found.samples_per_s * wish.minutes * 60 // 1000 * 1000, 2_000), MOST_SAMPLES))


def make(wish: Wish, only_estimate: bool) -> dict:
    """All steps; what was made, or with `only_estimate` what would be."""
    folder = CACHE / "own" / f"{wish.name}-{wish.sha256[:12]}"
    draft = load_config(str(write_configuration(wish, DEFAULT_SAMPLES, folder)))
    found = estimate(draft, wish.jobs)
    samples = samples_for(wish, found)
    _say(found.words(samples))
    facts = found.to_dict(samples)
    if only_estimate:
        return facts
    config = load_config(str(write_configuration(wish, samples, folder)))
    dataset, report = _prepared(config, wish.jobs)
    _say(f"2 of 3: training on {len(dataset)} notes; Ctrl-C stops it, the same command goes on")
    run = run_folder(config.name, config.sha256, None)
    train(config, dataset, run)
    _say("3 of 3: writing the model")
    made = export(config, dataset, run, wish.out)
    _say(f"{wish.out}: {made['parameters']} parameters; what went into it: {report}")
    return {**facts, "file": str(wish.out), "configuration": str(folder / "model.toml"), "report": str(report), "notes_used": len(dataset)}


def _prepared(config: Config, jobs: int) -> tuple[Dataset, Path]:
    corpus = corpus_folder(config, None)
    _say(f"1 of 3: analysing the notes, into {corpus}")
    summary = prepare(config, corpus, jobs)
    report = corpus / "report" / "report.md"
    if summary["notes"]:
        write_report(corpus, report.parent)
    recorded = sum(len(entry.get("pitches", [])) for entry in summary["entries"])
    plain = recorded or summary["notes"]
    if plain < MIN_NOTES:
        raise InputError(f"{corpus}: only {plain} notes can be used, a model needs {MIN_NOTES} at least and about 200 to be worth playing; corpus.json there says what was left out and why")
    return load_dataset(corpus, Grid(), config.corpus_sha256), report


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _wish(options: argparse.Namespace) -> Wish:
    source = Path(options.source).absolute()
    name = options.name or re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-") or "own"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise RequestError(f"--name {name}: letters, digits, dots, dashes; it becomes part of file names")
    if options.minutes is not None and not options.minutes > 0:
        raise RequestError(f"--minutes {options.minutes}: must be above 0")
    if not (CONFIGS / f"{options.like}.toml").is_file():
        raise RequestError(f"--like {options.like}: no such configuration; sound_narrow is the usual one, sound a larger one")
    out = Path(options.out or f"{name}.onnx")
    if out.exists() and not options.force and not options.estimate:
        raise RequestError(f"{out}: is already there; choose another -o, or --force to replace it")
    if not source.exists():
        raise RequestError(f"{source}: no such file or folder")
    return Wish(str(source), kinds.digest(str(source)), out, name, options.licence, options.like, options.minutes, options.samples, options.jobs)


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models own", description=__doc__)
    parser.add_argument("source", help="folder of recordings, .sfz, .sf2 or .sf3")
    parser.add_argument("-o", "--out", help="the model to write; NAME.onnx here by default")
    parser.add_argument("--name", help="what the model is called; by default as the source")
    parser.add_argument("--licence", default="own recordings, all rights with their owner", help="of the recordings; goes into the model")
    parser.add_argument("--minutes", type=float, help="how long to train; without it, as long as a small collection gains from")
    parser.add_argument("--samples", type=at_least(32), help="how many notes to train on, instead of a time")
    parser.add_argument("--like", default="sound_narrow", help="the configuration whose network is used")
    parser.add_argument("--estimate", action="store_true", help="only say how long it takes and what to expect")
    parser.add_argument("--force", action="store_true", help="replace a model that is already there")
    parser.add_argument("--jobs", type=at_least(1), default=os.cpu_count())
    parser.add_argument("--threads", type=at_least(1), default=max(1, (os.cpu_count() or 1) // 2))
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    return make(_wish(options), options.estimate)


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
