"""Corpus -> checkpoint: `python -m sound.train CONFIG [--corpus DIR] [--out DIR] [--start-from DIR or FILE] [--stop-after-s S] [--threads N]`.

Resumes by itself from the checkpoint in --out. On one machine a run is a function of the configuration, the corpus, the
number of threads and processes, and UNDERSTORY_FP32 (=1: no bf16). `torchrun --nproc-per-node N -m sound.train ...`
shares each batch among N processes. `train.jsonl` in --out is the log, one line every `evaluate_every` samples (twice
for what a killed run did after its checkpoint); `tensorboard --logdir DIR` shows the same.
"""

import argparse
import json
import math
import sys
import time
from pathlib import Path

import torch
from torch.utils.tensorboard import SummaryWriter
from tqdm import tqdm

from pipeline import checkpoint, start_file
from pipeline.cache import run_folder
from pipeline.command import at_least

from .config import Config, load_config
from .dataset import Dataset, load_dataset
from .distributed import Crew
from .evaluation import Evaluation, Health
from .grid import Grid
from .places import corpus_folder
from .trainer import Trainer, learning_rate, new_trainer


class Log:
    """The figures of a run, as lines of JSON and for TensorBoard."""

    def __init__(self, folder: Path):
        self.lines = (folder / "train.jsonl").open("a")
        self.board = SummaryWriter(str(folder / "tensorboard"))

    def write(self, samples: int, figures: dict) -> None:
        print(json.dumps({"samples": samples, **figures}), file=self.lines, flush=True)
        for name, value in figures.items():
            if isinstance(value, list):  # ours, and beside it the real notes'
                self.board.add_scalars(name, dict(zip(("model", "real"), value)), samples)
            else:
                self.board.add_scalar(name, value, samples)
        self.board.flush()

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_) -> None:
        self.lines.close()
        self.board.close()


def train(config: Config, dataset: Dataset, folder: Path, stop_after_s: float = math.inf, start: Path | None = None, crew: Crew | None = None) -> Trainer:
    """Trains until the configured number of samples, or until the time is up; the checkpoint is always current."""
    crew = crew or Crew()
    folder.mkdir(parents=True, exist_ok=True)
    trainer = new_trainer(config, dataset, crew)
    if checkpoint.exists(folder):
        trainer.restore(checkpoint.load(folder, config.sha256))
    elif start is not None:
        _start_from(trainer, start)
    if crew.leads:
        evaluation = Evaluation(dataset, config.seed)
        with tqdm(total=config.training.samples, initial=trainer.samples, desc="train", unit="sample", mininterval=5) as bar, Log(folder) as log:
            _loop(trainer, folder, stop_after_s, _Reporter(trainer, evaluation, bar, log))
        checkpoint.save(folder, trainer.state())
    else:
        _loop(trainer, folder, stop_after_s, None)
    return trainer


def _start_from(trainer: Trainer, start: Path) -> None:
    new = trainer.start_from(start_file.load(start))
    if trainer.crew.leads:
        words = f"; new are {len(new)} tensors: {', '.join(new[:5])}{' ...' if len(new) > 5 else ''}" if new else ""
        print(f"starting from the networks in {start}{words}", file=sys.stderr)


class _Reporter:
    """Evaluates every so many samples; the leading process has one."""

    def __init__(self, trainer: Trainer, evaluation: Evaluation, bar: tqdm, log: Log):
        self.trainer, self.evaluation, self.bar, self.log = trainer, evaluation, bar, log
        self.health, self.started = Health(trainer.best), time.monotonic()

    def after_step(self, losses: dict[str, float], samples: int) -> None:
        settings, trainer = self.trainer.config.training, self.trainer
        self.bar.update(samples)
        if trainer.samples // settings.evaluate_every == (trainer.samples - samples) // settings.evaluate_every:
            return
        figures = self.evaluation.measure(trainer.average)
        rate = learning_rate(settings, trainer.samples)
        self.log.write(trainer.samples, {"seconds": round(time.monotonic() - self.started, 1), "learning_rate": rate, **losses, **figures})
        self.bar.set_postfix(frechet=figures["frechet"], lead=round(losses["lead"], 2))
        self.health.check(figures)


def _loop(trainer: Trainer, folder: Path, stop_after_s: float, reporter: _Reporter | None) -> None:
    settings, crew = trainer.config.training, trainer.crew
    started = saved = time.monotonic()
    while trainer.samples < settings.samples and not crew.agree(time.monotonic() - started >= stop_after_s):
        before = trainer.samples
        losses = trainer.train_step()
        if reporter is not None:
            reporter.after_step(losses, trainer.samples - before)
            if time.monotonic() - saved > settings.checkpoint_every_s:
                checkpoint.save(folder, trainer.state())
                saved = time.monotonic()


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models train", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("-o", "--out", help="folder of the run")
    parser.add_argument("--start-from", type=Path, help="another run's folder, or a file of `models export --start-file`: networks to begin with")
    parser.add_argument("--stop-after-s", type=float, default=math.inf)
    parser.add_argument("--threads", type=at_least(1), default=1, help="two threads on less than two free cores are five times slower than one")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    config, crew = load_config(options.config), Crew.join()
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    folder = run_folder(config.name, config.sha256, options.out)
    trainer = train(config, dataset, folder, options.stop_after_s, options.start_from, crew)
    crew.leave()
    print(f"{trainer.samples} samples seen; checkpoint in {folder}", file=sys.stderr)
    return {"folder": str(folder), "samples": trainer.samples, "finished": trainer.samples >= config.training.samples}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
