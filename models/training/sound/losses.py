"""The adversarial game, in two forms. One pair is a real and a generated note of the same key, velocity and attributes.

- relativistic: the score of a real note against that of its generated partner, with R1 and R2 (Huang et al. 2024, "The
  GAN is dead; long live the GAN!", arXiv 2501.05441; own code). Covers the data's modes; the default.
- non_saturating: each score by itself, with R1 (Goodfellow et al. 2014; Mescheder et al. 2018, arXiv 1801.04406). Half
  the penalty's cost; worth a try when the corpus is small and of one kind.

The attributes are regressed with a Huber loss: the corpus has notes whose attributes lie far out. Each has a weight of
its own, for what an attribute says is taken from the latent: one that obeys easily needs little.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .config import GAMES
from .dataset import Batch
from .network import Discriminator

Maps = tuple[Tensor, Tensor, Tensor]
RELATIVISTIC, _ = GAMES


def discriminator_loss(discriminator: Discriminator, batch: Batch, fake: Maps, game: str, attribute_weights: list[float]) -> tuple[Tensor, Tensor]:
    """The loss, and the mean lead of real over generated (a health figure: far from 0 means one side has won)."""
    real_score, attributes = discriminator(*batch.maps, batch.key, batch.velocity)
    fake_score, _ = discriminator(*fake, batch.key, batch.velocity)
    lead = real_score - fake_score
    loss = F.softplus(-lead) if game == RELATIVISTIC else F.softplus(-real_score) + F.softplus(fake_score)
    return loss.mean() + _attribute_loss(attributes, batch.attributes, attribute_weights), lead.mean().detach()


def generator_loss(discriminator: Discriminator, batch: Batch, fake: Maps, game: str, attribute_weights: list[float]) -> Tensor:
    fake_score, attributes = discriminator(*fake, batch.key, batch.velocity)
    if game == RELATIVISTIC:
        with torch.no_grad():
            real_score, _ = discriminator(*batch.maps, batch.key, batch.velocity)
        loss = F.softplus(real_score - fake_score)
    else:
        loss = F.softplus(-fake_score)
    return loss.mean() + _attribute_loss(attributes, batch.attributes, attribute_weights)


def _attribute_loss(measured: Tensor, asked: Tensor, weights: list[float]) -> Tensor:
    return (F.smooth_l1_loss(measured, asked, reduction="none") * torch.tensor(weights, device=asked.device)).mean()


def penalty(discriminator: Discriminator, batch: Batch, fake: Maps, game: str) -> Tensor:
    """R1, and R2 where the game asks for it."""
    real = _gradient_penalty(discriminator, batch.maps, batch)
    return real + _gradient_penalty(discriminator, fake, batch) if game == RELATIVISTIC else real


def _gradient_penalty(discriminator: Discriminator, maps: Maps, batch: Batch) -> Tensor:
    """Mean squared gradient of the score with respect to the maps."""
    inputs = [m.detach().float().requires_grad_() for m in maps]
    score, _ = discriminator(*inputs, batch.key, batch.velocity)
    gradients = torch.autograd.grad(score.sum(), inputs, create_graph=True)
    return sum(g.square().sum(dim=(1, 2)) for g in gradients).mean()
