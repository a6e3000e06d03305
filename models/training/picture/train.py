"""Pictures -> checkpoint: `python -m picture.train CONFIG [--corpus DIR] [--out DIR] [--start-from DIR or FILE] [--stop-after-s S] [--threads N]`.

Resumes by itself from the checkpoint in --out. On one machine a run is a function of the configuration, the corpus, the
number of threads and UNDERSTORY_FP32 (=1: no bf16): batch and noise of a step are drawn from (seed, step). `train.jsonl`
in --out is the log, one line every `evaluate_every` samples, and `sheet.png` what the average paints now.
"""

import argparse
import json
import math
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from tqdm import tqdm

from pipeline import checkpoint, start_file
from pipeline.cache import run_folder
from pipeline.command import at_least
from pipeline.errors import Diverged, RequestError
from pipeline.update_limit import limit_surprise

from . import sheets
from .begin import begin_at_families
from .colour import compose
from .config import Config, TrainingConfig, load_config
from .dataset import Batch, FamilySource, Source, cells_of
from .losses import company_loss, discriminator_loss, generator_loss, gradient_penalty, paired_loss, pairing_loss
from .network import Discriminator, Generator
from .sources import open_source

DIVERGED_LEAD = 30.0
"""Mean lead of real over generated at which the discriminator has won for good."""
PAIRED_BETAS, ADVERSARIAL_BETAS = (0.9, 0.99), (0.0, 0.99)
"""Of Adam: momentum helps a plain regression and harms a game of two."""
SHAPE_SHARE = 0.01
"""Of the learning rate, for the layers that say where shapes lie: Adam moves a weight as far for noise as for truth. At the whole
rate it carried every disc and ridge away before anything had learnt to use it; at a tenth it bent a straight horizon from
0.15 to 0.38 units in 10,400 samples, at a hundredth from 0 to 0.08 in 23,000."""
WARM_UP_SAMPLES = 800
EVALUATION_STEP = 2**31
"""The step whose batches no training step draws."""
PARTS = ("generator", "discriminator", "average", "generator_optimizer", "discriminator_optimizer")


@dataclass
class Trainer:
    config: Config
    source: Source
    generator: Generator
    discriminator: Discriminator
    average: Generator
    """The exponential moving average of the generator: what is exported."""
    step: int = 0
    samples_before: int = 0
    """Samples that the networks had seen before this run began."""

    def __post_init__(self):
        if self.config.training.texture_weight > 0:
            self.generator.head.detail.requires_grad_(False)
            self.generator.trunk.modulation.requires_grad_(False)
        options = {"lr": self.config.training.learning_rate, "betas": ADVERSARIAL_BETAS, "eps": 1e-8}
        shapes = self.generator.trunk.shape_parameters()
        others = [weight for weight in self.generator.parameters() if all(weight is not shape for shape in shapes)]
        groups = [{"params": others, "share": 1.0}, {"params": shapes, "share": SHAPE_SHARE}]
        self.generator_optimizer = torch.optim.Adam(groups, **options)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **options)

    @property
    def samples(self) -> int:
        return self.step * self.config.training.batch

    def train_step(self) -> dict[str, float]:
        """One step of both networks; of the generator alone while only pairs are compared."""
        settings = self.config.training
        paired_only = self.samples < settings.paired_samples
        share = learning_rate(settings, self.samples) / settings.learning_rate
        self._set(self.generator_optimizer, share * settings.learning_rate, PAIRED_BETAS if paired_only else ADVERSARIAL_BETAS)
        self._set(self.discriminator_optimizer, share * settings.discriminator_learning_rate, ADVERSARIAL_BETAS)
        torch.manual_seed((self.config.seed << 32) + self.step)
        batch = self.source.draw(settings.batch, self.step)
        with _mixed():
            cells = cells_of(self.generator, batch)
            fake = compose(cells.float(), batch.palette)
        figures, loss = {}, fake.new_zeros(())
        if not paired_only:
            figures |= self._discriminator_step(batch, fake.detach())
            self.discriminator.requires_grad_(False)
            with _mixed():
                loss = generator_loss(self.discriminator, batch, fake)
            figures["generator"] = loss.item()
        if paired_only:
            loss, parts = paired_loss(cells, fake, batch, settings.texture_weight)
            figures |= parts
        elif settings.pairing_weight > 0:
            company = company_loss(cells, batch).mean()
            figures["company"] = company.item()
            loss = loss + settings.pairing_weight * company
        if not math.isfinite(loss.item()):
            raise Diverged(f"step {self.step}: generator loss {loss.item():.3g}; try a smaller learning rate")
        self._update(self.generator_optimizer, loss)
        self.discriminator.requires_grad_(True)
        self._update_average()
        self.step += 1
        return figures

    def _discriminator_step(self, batch: Batch, fake: Tensor) -> dict[str, float]:
        settings = self.config.training
        with _mixed():
            loss, lead = discriminator_loss(self.discriminator, batch, fake)
        if not math.isfinite(loss.item()) or abs(lead.item()) > DIVERGED_LEAD:
            raise Diverged(f"step {self.step}: discriminator loss {loss.item():.3g}, lead {lead.item():.3g}; try a larger gamma")
        figures = {"discriminator": loss.item(), "lead": lead.item()}
        if self.step % settings.penalty_every == 0:
            penalty = gradient_penalty(self.discriminator, batch.picture, batch) + gradient_penalty(self.discriminator, fake, batch)
            loss = loss + settings.gamma / 2 * settings.penalty_every * penalty
            figures["penalty"] = penalty.item()
        self._update(self.discriminator_optimizer, loss)
        return figures

    @staticmethod
    def _update(optimizer: torch.optim.Adam, loss: Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        limit_surprise(optimizer)
        optimizer.step()

    @staticmethod
    def _set(optimizer: torch.optim.Adam, rate: float, betas: tuple[float, float]) -> None:
        for group in optimizer.param_groups:
            group["lr"], group["betas"] = rate * group.get("share", 1.0), betas

    @torch.no_grad()
    def _update_average(self) -> None:
        # Short memory at first, or the average would carry the random start for many half-lives.
        half_life = min(self.config.training.ema_half_life, 0.1 * (self.samples_before + self.samples) + 1)
        keep = 0.5 ** (self.config.training.batch / half_life)
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)

    def state(self) -> dict:
        facts = {
            "config_sha256": self.config.sha256, "step": self.step, "samples": self.samples, "samples_before": self.samples_before,
            "styles": self.source.styles,
        }  # fmt: skip
        return facts | {part: getattr(self, part).state_dict() for part in PARTS}

    def restore(self, state: dict) -> None:
        """Goes on exactly where `state` was taken."""
        self.step, self.samples_before = state["step"], state["samples_before"]
        self._take(state)

    def start_from(self, state: dict) -> None:
        """Begins with another run's networks and, where they are there, the memories of its optimizers.

        Raises RequestError for networks of another shape or other styles.
        """
        if state["styles"] != self.source.styles:
            raise RequestError(f"--start-from: that run paints {', '.join(state['styles'])}, this one {', '.join(self.source.styles)}")
        try:
            self._take(state)
        except RuntimeError as error:
            raise RequestError(f"--start-from: networks of another shape; {str(error).splitlines()[-1].strip()}") from error
        self.samples_before = state["samples"] + state["samples_before"]

    def _take(self, state: dict) -> None:
        for part in PARTS:
            if part in state:
                getattr(self, part).load_state_dict(state[part])


def learning_rate(settings: TrainingConfig, samples: int) -> float:
    """Cosine by samples, not by the clock: the same on every machine. Adam's first steps know no scale yet and are small."""
    warm = min(1.0, (samples + settings.batch) / WARM_UP_SAMPLES)
    progress = min(samples / settings.samples, 1.0)
    low, high = settings.final_learning_rate, settings.learning_rate
    return warm * (low + (high - low) * (1 + math.cos(math.pi * progress)) / 2)


def _mixed():
    """bf16 where it pays (weights, norms of the loss and penalties stay fp32)."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=os.environ.get("UNDERSTORY_FP32") != "1")


def new_trainer(config: Config, source: Source) -> Trainer:
    torch.manual_seed(config.seed)
    generator = Generator(config.network, len(source.styles)).to(memory_format=torch.channels_last)
    discriminator = Discriminator(config.network, len(source.styles)).to(memory_format=torch.channels_last)
    average = Generator(config.network, len(source.styles))
    average.load_state_dict(generator.state_dict())
    return Trainer(config, source, generator, discriminator, average.requires_grad_(False))


@torch.no_grad()
def measure(generator: Generator, batch: Batch, styles: list[str]) -> dict:
    """Mean OKLab difference from real pictures of the same noise, and the divergence per style where there are pairs."""
    cells = cells_of(generator, batch)
    if batch.weights is None:
        return {}
    loss = pairing_loss(cells, batch)
    difference = (compose(cells, batch.palette) - batch.picture).square().sum(dim=1).sqrt().mean()
    by_style = {name: round(loss[batch.style[:, i] > 0].mean().item(), 4) for i, name in enumerate(styles) if (batch.style[:, i] > 0).any()}
    return {"oklab_difference": round(difference.item(), 5), "pairing_by_style": by_style}


def train(config: Config, source: Source, folder: Path, stop_after_s: float = math.inf, start: Path | None = None) -> Trainer:
    """Trains until the configured number of samples, or until the time is up; the checkpoint is always current."""
    folder.mkdir(parents=True, exist_ok=True)
    trainer, settings = new_trainer(config, source), config.training
    if checkpoint.exists(folder):
        trainer.restore(checkpoint.load(folder, config.sha256))
    elif start is not None:
        trainer.start_from(start_file.load(start))
    elif isinstance(source, FamilySource):
        begin_at_families(trainer.generator.trunk, source, settings.shape_steps)
        trainer.average.load_state_dict(trainer.generator.state_dict())
    fixed = source.draw(8 * len(source.styles), EVALUATION_STEP)
    started = saved = time.monotonic()
    with tqdm(total=settings.samples, initial=trainer.samples, desc="train", unit="sample", mininterval=5) as bar, (folder / "train.jsonl").open("a") as log:
        while trainer.samples < settings.samples and time.monotonic() - started < stop_after_s:
            figures = trainer.train_step()
            bar.update(settings.batch)
            if trainer.samples // settings.evaluate_every != (trainer.samples - settings.batch) // settings.evaluate_every:
                entry = {"samples": trainer.samples, "seconds": round(time.monotonic() - started, 1), **figures, **measure(trainer.average, fixed, source.styles)}
                print(json.dumps(entry), file=log, flush=True)
                sheets.write_pairs(trainer.average, fixed, folder / "sheet.png")
            if time.monotonic() - saved > settings.checkpoint_every_s:
                checkpoint.save(folder, trainer.state())
                saved = time.monotonic()
    checkpoint.save(folder, trainer.state())
    return trainer


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="models train", description=__doc__)
    parser.add_argument("config")
    parser.add_argument("--corpus", help="folder made by `models prepare` (for a configuration whose source is a folder)")
    parser.add_argument("-o", "--out", help="folder of the run")
    parser.add_argument("--start-from", type=Path, help="another run's folder, or a file of `models export --start-file`: networks to begin with")
    parser.add_argument("--stop-after-s", type=float, default=math.inf)
    parser.add_argument("--threads", type=at_least(1), default=1, help="two threads on less than two free cores are five times slower than one")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    config = load_config(options.config)
    folder = run_folder(config.name, config.sha256, options.out)
    trainer = train(config, open_source(config, options.corpus), folder, options.stop_after_s, options.start_from)
    print(f"{trainer.samples} samples seen; checkpoint in {folder}", file=sys.stderr)
    return {"folder": str(folder), "samples": trainer.samples, "finished": trainer.samples >= config.training.samples}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
