"""Corpus -> checkpoint: `python -m sound.train CONFIG [--corpus DIR] [--out DIR] [--stop-after-s S] [--threads N]`.

Resumes by itself from the checkpoint in --out. On one machine a run is a function of the configuration, the corpus, the
number of threads and UNDERSTORY_FP32 (=1: no bf16): batches and latents of a step are drawn from (seed, step).
`train.jsonl` in --out is the log, one line every `evaluate_every` samples (twice for what a killed run did after its checkpoint).
"""

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from . import checkpoint, metrics
from .command import at_least
from .config import Config, Diverged, TrainingConfig, load_config
from .dataset import Batch, Dataset, load_dataset
from .grid import Grid
from .losses import discriminator_loss, generator_loss, gradient_penalty
from .network import Discriminator, Generator
from .normalize import denormalize
from .prepare import CACHE, corpus_folder

EVALUATION_NOTES = 1024
DIVERGED_LEAD = 30.0
"""Mean lead of real over generated at which the discriminator has won for good."""


SURPRISE_LIMIT = 4.0
"""Largest root mean square of gradient over expected gradient, per tensor (Adam's own memory; 2.5 with a penalty is normal).
One outlying batch reached 20 times the usual norm; Adam turned that into a step as large as the weights, and the game was lost."""


@dataclass
class Trainer:
    config: Config
    dataset: Dataset
    generator: Generator
    discriminator: Discriminator
    average: Generator
    """The exponential moving average of the generator: what is exported."""
    step: int = 0

    def __post_init__(self):
        options = {"lr": self.config.training.learning_rate, "betas": (0.0, 0.99), "eps": 1e-8}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **options)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **options)

    @property
    def samples(self) -> int:
        return self.step * self.config.training.batch

    def train_step(self) -> dict[str, float]:
        settings, step = self.config.training, self.step
        self._set_learning_rate(learning_rate(settings, self.samples))
        torch.manual_seed((self.config.seed << 32) + step)
        batch = self.dataset.draw(settings.batch, self.config.seed, 2 * step)
        with torch.no_grad(), _mixed():
            fake = self._generate(batch)
        losses = self._discriminator_step(batch, fake)
        batch = self.dataset.draw(settings.batch, self.config.seed, 2 * step + 1)
        self.discriminator.requires_grad_(False)
        with _mixed():
            loss = generator_loss(self.discriminator, batch, self._generate(batch), settings.attribute_weight)
        if not math.isfinite(loss.item()):
            raise Diverged(f"step {self.step}: generator loss {loss.item():.3g}; try a smaller learning rate")
        self.generator_optimizer.zero_grad(set_to_none=True)
        loss.backward()
        limit_surprise(self.generator_optimizer)
        self.generator_optimizer.step()
        self.discriminator.requires_grad_(True)
        self._update_average()
        self.step += 1
        return {**losses, "generator": loss.item()}

    def _generate(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        latent = torch.randn(len(batch.key), self.generator.latent_length)
        offset = torch.zeros(len(batch.key), self.generator.style_length)
        return self.generator(latent, batch.key, batch.velocity, batch.attributes, offset, fresh_noise=True)

    def _discriminator_step(self, batch: Batch, fake) -> dict[str, float]:
        settings = self.config.training
        with _mixed():
            loss, lead = discriminator_loss(self.discriminator, batch, fake, settings.attribute_weight)
        if not math.isfinite(loss.item()) or abs(lead.item()) > DIVERGED_LEAD:
            raise Diverged(f"step {self.step}: discriminator loss {loss.item():.3g}, lead {lead.item():.3g}; try a larger gamma")
        penalty = None
        if self.step % settings.penalty_every == 0:
            r1 = gradient_penalty(self.discriminator, batch.maps, batch)
            r2 = gradient_penalty(self.discriminator, fake, batch)
            penalty = settings.gamma / 2 * settings.penalty_every * (r1 + r2)
        self.discriminator_optimizer.zero_grad(set_to_none=True)
        (loss if penalty is None else loss + penalty).backward()
        limit_surprise(self.discriminator_optimizer)
        self.discriminator_optimizer.step()
        return {"discriminator": loss.item(), "lead": lead.item()} | ({} if penalty is None else {"penalty": penalty.item()})

    def _set_learning_rate(self, rate: float) -> None:
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate

    @torch.no_grad()
    def _update_average(self) -> None:
        # Short memory at first, or the average would carry the random start for many half-lives.
        half_life = min(self.config.training.ema_half_life, 0.1 * self.samples + 1)
        keep = 0.5 ** (self.config.training.batch / half_life)
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)

    def state(self) -> dict:
        parts = ("generator", "discriminator", "average", "generator_optimizer", "discriminator_optimizer")
        return {"config_sha256": self.config.sha256, "step": self.step} | {p: getattr(self, p).state_dict() for p in parts}

    def restore(self, state: dict) -> None:
        self.step = state["step"]
        for part in ("generator", "discriminator", "average", "generator_optimizer", "discriminator_optimizer"):
            getattr(self, part).load_state_dict(state[part])


@torch.no_grad()
def limit_surprise(optimizer: torch.optim.Adam) -> None:
    """Scales down each gradient that is far larger than Adam has seen (update clipping as in Adafactor, arXiv 1804.04235, section 6)."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            state = optimizer.state.get(parameter)
            if not state or parameter.grad is None:
                continue
            expected = (state["exp_avg_sq"] / (1 - group["betas"][1] ** float(state["step"]))).sqrt_().add_(1e-6)
            surprise = float((parameter.grad / expected).square().mean().sqrt())
            if not math.isfinite(surprise):  # stepping on would write a network of NaN into the next checkpoint
                raise Diverged("a gradient is not finite; try a smaller learning rate or a larger gamma")
            if surprise > SURPRISE_LIMIT:
                parameter.grad.mul_(SURPRISE_LIMIT / surprise)


def learning_rate(settings: TrainingConfig, samples: int) -> float:
    """Cosine by samples, not by the clock: the same on every machine."""
    progress = min(samples / settings.samples, 1.0)
    low, high = settings.final_learning_rate, settings.learning_rate
    return low + (high - low) * (1 + math.cos(math.pi * progress)) / 2


def _mixed():
    """bf16 where it pays (weights, norms of the loss and penalties stay fp32)."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=os.environ.get("UNDERSTORY_FP32") != "1")


def new_trainer(config: Config, dataset: Dataset) -> Trainer:
    torch.manual_seed(config.seed)
    generator = Generator(config.network, dataset.grid).to(memory_format=torch.channels_last)
    discriminator = Discriminator(config.network, dataset.grid).to(memory_format=torch.channels_last)
    average = Generator(config.network, dataset.grid)
    average.load_state_dict(generator.state_dict())
    return Trainer(config, dataset, generator, discriminator, average.requires_grad_(False))


class Evaluation:
    """A fixed set of conditions and latents; real features computed once."""

    def __init__(self, dataset: Dataset, seed: int):
        random = np.random.default_rng([seed, 77])
        chosen = random.choice(len(dataset), 2 * EVALUATION_NOTES, p=dataset.weight / dataset.weight.sum())
        first, second = chosen[:EVALUATION_NOTES], chosen[EVALUATION_NOTES:]
        self.conditions = dataset.rows(first)
        self.grid = dataset.grid
        real = physical(dataset.grid, self.conditions.maps)
        self.components = metrics.Components.fit(real)
        self.real = self.components.project(real)
        other = self.components.project(physical(dataset.grid, dataset.rows(second).maps))
        self.floor = metrics.frechet(self.real, other)
        self.real_texture = metrics.texture(real)

    @torch.no_grad()
    def measure(self, generator: Generator) -> dict:
        maps = physical(self.grid, generate(generator, self.conditions, seed=5))
        features = self.components.project(maps)
        return {"frechet": round(metrics.frechet(self.real, features), 3), "floor": round(self.floor, 3)} | {
            name: [round(value, 3), round(self.real_texture[name], 3)] for name, value in metrics.texture(maps).items()
        }


@torch.no_grad()
def generate(generator: Generator, conditions: Batch, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Maps for given conditions, as the exported model would make them (fixed noise)."""
    latent = torch.randn(len(conditions.key), generator.latent_length, generator=torch.Generator().manual_seed(seed))
    parts = []
    for i in range(0, len(latent), 64):
        part = slice(i, i + 64)
        offset = torch.zeros(len(latent[part]), generator.style_length)
        parts.append(generator(latent[part], conditions.key[part], conditions.velocity[part], conditions.attributes[part], offset))
    return tuple(torch.cat(maps) for maps in zip(*parts))


def physical(grid: Grid, maps) -> metrics.Maps:
    return tuple(np.asarray(m, dtype=np.float32) for m in denormalize(grid, *maps))


def train(config: Config, dataset: Dataset, folder: Path, stop_after_s: float = math.inf) -> Trainer:
    """Trains until the configured number of samples, or until the time is up; the checkpoint is always current."""
    folder.mkdir(parents=True, exist_ok=True)
    trainer, path = new_trainer(config, dataset), folder / "checkpoint.pt"
    if path.is_file():
        trainer.restore(checkpoint.load(path, config.sha256))
    settings, evaluation = config.training, Evaluation(dataset, config.seed)
    started = saved = time.monotonic()
    with tqdm(total=settings.samples, initial=trainer.samples, desc="train", unit="sample", mininterval=5) as bar, (folder / "train.jsonl").open("a") as log:
        while trainer.samples < settings.samples and time.monotonic() - started < stop_after_s:
            losses = trainer.train_step()
            bar.update(settings.batch)
            if trainer.samples // settings.evaluate_every != (trainer.samples - settings.batch) // settings.evaluate_every:
                figures = evaluation.measure(trainer.average)
                entry = {"samples": trainer.samples, "seconds": round(time.monotonic() - started, 1), **losses, **figures}
                print(json.dumps(entry), file=log, flush=True)
                bar.set_postfix(frechet=figures["frechet"], lead=round(losses["lead"], 2))
            if time.monotonic() - saved > settings.checkpoint_every_s:
                checkpoint.save(path, trainer.state())
                saved = time.monotonic()
    checkpoint.save(path, trainer.state())
    return trainer


def run_folder(config: Config, out: str | None) -> Path:
    return Path(out) if out else CACHE / "runs" / f"{config.name}-{config.sha256[:12]}"


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models train", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--corpus", help="folder made by `models prepare`")
    parser.add_argument("-o", "--out", help="folder of the run")
    parser.add_argument("--stop-after-s", type=float, default=math.inf)
    parser.add_argument("--threads", type=at_least(1), default=1, help="two threads on less than two free cores are five times slower than one")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    config = load_config(options.config)
    dataset = load_dataset(corpus_folder(config, options.corpus), Grid(), config.corpus_sha256)
    folder = run_folder(config, options.out)
    trainer = train(config, dataset, folder, options.stop_after_s)
    print(f"{trainer.samples} samples seen; checkpoint in {folder}", file=sys.stderr)
    return {"folder": str(folder), "samples": trainer.samples, "finished": trainer.samples >= config.training.samples}


if __name__ == "__main__":
    from .command import run

    run(main)
