"""One training run in memory: two networks, their optimizers, the average, and the step that moves them. No files.

Batches and latents of a step are functions of (seed, step), so that a run goes on exactly where it was.
"""

import math
import os
from dataclasses import dataclass, field

import torch
from torch import Tensor

from pipeline.errors import Diverged
from pipeline.update_limit import limit_surprise

from .config import Config, TrainingConfig
from .dataset import Batch, Dataset
from .distributed import Crew
from .losses import discriminator_loss, generator_loss, penalty
from .network import Discriminator, Generator

DIVERGED_LEAD = 30.0
"""Mean lead of real over generated at which the discriminator has won for good."""
CATCH_UP_SAMPLES = 16_000
"""How long a learnt generator is held for a discriminator that begins: one that knows nothing yet would lead it astray."""
PARTS = ("generator", "discriminator", "average", "generator_optimizer", "discriminator_optimizer")


@dataclass
class Trainer:
    config: Config
    dataset: Dataset
    generator: Generator
    discriminator: Discriminator
    average: Generator
    """The exponential moving average of the generator: what is exported."""
    crew: Crew = Crew()
    device: torch.device = torch.device("cpu")
    step: int = 0
    samples: int = 0
    """Notes seen in this run, by all processes together."""
    samples_before: int = 0
    """Notes that the networks had seen when the run started from another's."""
    held_until_samples: int = 0
    """Of this run: until then the discriminator learns alone."""
    best: dict[str, float] = field(default_factory=dict)
    """What `evaluation.Health` remembers."""

    def __post_init__(self):
        options = {"lr": self.config.training.learning_rate, "betas": (0.0, 0.99), "eps": 1e-8}
        self.generator_optimizer = torch.optim.Adam(self.generator.parameters(), **options)
        self.discriminator_optimizer = torch.optim.Adam(self.discriminator.parameters(), **options)

    def train_step(self) -> dict[str, float]:
        """One step of either side; the losses."""
        self._set_learning_rate(learning_rate(self.config.training, self.samples))
        torch.manual_seed((self.config.seed << 32) + self.step)
        batch, latent = self._draw(2 * self.step)
        with torch.no_grad(), self._mixed():
            fake = self._generate(batch, latent)
        losses = self._discriminator_step(batch, fake)
        if self.samples >= self.held_until_samples:
            batch, latent = self._draw(2 * self.step + 1)
            losses["generator"] = self._generator_step(batch, latent)
            self._update_average()
        self.step += 1
        self.samples += self.config.training.batch * self.crew.size
        return losses

    def _draw(self, number: int) -> tuple[Batch, Tensor]:
        """Our share of a whole batch and of its latents; then noise of our own."""
        settings = self.config.training
        whole = self.dataset.draw(settings.batch * self.crew.size, self.config.seed, number, settings.attribute_jitter)
        latent = self.crew.share(torch.randn(len(whole.key), self.generator.latent_length))
        if self.crew.rank > 0:
            torch.manual_seed((self.config.seed << 32) + (self.crew.rank << 24) + number)
        return whole.map(lambda t: self.crew.share(t).to(self.device)), latent.to(self.device)

    def _generate(self, batch: Batch, latent: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        offset = torch.zeros(len(latent), self.generator.style_length, device=self.device)
        return self.generator(latent, batch.key, batch.velocity, batch.attributes, offset, fresh_noise=True)

    def _discriminator_step(self, batch: Batch, fake) -> dict[str, float]:
        settings, figures = self.config.training, {}
        with self._mixed():
            loss, lead = discriminator_loss(self.discriminator, batch, fake, settings.game, settings.attribute_weights)
        figures |= {"discriminator": loss.item(), "lead": lead.item()}
        lost = not math.isfinite(loss.item()) or abs(lead.item()) > DIVERGED_LEAD
        if self.crew.agree(lost):
            raise Diverged(f"step {self.step}: discriminator loss {loss.item():.3g}, lead {lead.item():.3g}; try a larger gamma")
        if self.step % settings.penalty_every == 0:
            held = penalty(self.discriminator, batch, fake, settings.game)
            loss = loss + settings.gamma / 2 * settings.penalty_every * held
            figures["penalty"] = held.item()
        self._make_step(self.discriminator_optimizer, loss)
        return figures

    def _generator_step(self, batch: Batch, latent: Tensor) -> float:
        settings = self.config.training
        self.discriminator.requires_grad_(False)
        with self._mixed():
            loss = generator_loss(self.discriminator, batch, self._generate(batch, latent), settings.game, settings.attribute_weights)
        if self.crew.agree(not math.isfinite(loss.item())):
            raise Diverged(f"step {self.step}: generator loss {loss.item():.3g}; try a smaller learning rate")
        self._make_step(self.generator_optimizer, loss)
        self.discriminator.requires_grad_(True)
        return loss.item()

    def _make_step(self, optimizer: torch.optim.Adam, loss: Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.crew.average(p.grad for group in optimizer.param_groups for p in group["params"] if p.grad is not None)
        limit_surprise(optimizer)
        optimizer.step()

    def _set_learning_rate(self, rate: float) -> None:
        for optimizer in (self.generator_optimizer, self.discriminator_optimizer):
            for group in optimizer.param_groups:
                group["lr"] = rate

    def _mixed(self):
        """bf16 where it pays (weights, norms of the loss and penalties stay fp32)."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=os.environ.get("UNDERSTORY_FP32") != "1")

    @torch.no_grad()
    def _update_average(self) -> None:
        # Short memory at first, or the average would carry the random start for many half-lives.
        half_life = min(self.config.training.ema_half_life, 0.1 * (self.samples_before + self.samples) + 1)
        keep = 0.5 ** (self.config.training.batch * self.crew.size / half_life)
        torch._foreach_lerp_(list(self.average.parameters()), list(self.generator.parameters()), 1 - keep)

    def state(self) -> dict:
        numbers = {"config_sha256": self.config.sha256, "step": self.step, "samples": self.samples, "samples_before": self.samples_before}
        return numbers | {"held_until_samples": self.held_until_samples, "best": dict(self.best)} | {part: getattr(self, part).state_dict() for part in PARTS}

    def restore(self, state: dict) -> None:
        """Goes on exactly where `state` was taken."""
        for name in ("step", "samples", "samples_before"):
            setattr(self, name, state[name])
        self.held_until_samples = state.get("held_until_samples", 0)  # older runs have none
        self.best = dict(state["best"])
        for part in PARTS:
            getattr(self, part).load_state_dict(state[part])

    def start_from(self, state: dict) -> list[str]:
        """Takes over what fits of another run's networks; the names of what does not and starts new.

        Where they come without a discriminator, ours catches up first: `held_until_samples`.
        Adam's memories come along only when they are there and everything fits: without them the first steps are as large as those of a new network.
        """
        new = []
        for part in PARTS[:3]:
            module = getattr(self, part)
            ours, theirs = module.state_dict(), state[part]
            fits = {name: theirs[name] for name in ours if name in theirs and theirs[name].shape == ours[name].shape}
            module.load_state_dict(ours | fits)
            new += [f"{part}.{name}" for name in ours if name not in fits]
        if not new and PARTS[3] in state:
            for part in PARTS[3:]:
                getattr(self, part).load_state_dict(state[part])
        self.samples_before = state["samples"] + state["samples_before"]
        if not state["discriminator"]:
            self.held_until_samples = CATCH_UP_SAMPLES
        return new


def learning_rate(settings: TrainingConfig, samples: int) -> float:
    """Cosine by samples, not by the clock: the same on every machine."""
    progress = min(samples / settings.samples, 1.0)
    low, high = settings.final_learning_rate, settings.learning_rate
    return low + (high - low) * (1 + math.cos(math.pi * progress)) / 2


def new_trainer(config: Config, dataset: Dataset, crew: Crew | None = None) -> Trainer:
    """Networks as they are before the first step, on an accelerator where there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.manual_seed(config.seed)
    generator = Generator(config.network, dataset.grid).to(device, memory_format=torch.channels_last)
    discriminator = Discriminator(config.network, dataset.grid).to(device, memory_format=torch.channels_last)
    average = Generator(config.network, dataset.grid).to(device)
    average.load_state_dict(generator.state_dict())
    return Trainer(config, dataset, generator, discriminator, average.requires_grad_(False), crew or Crew(), device)
