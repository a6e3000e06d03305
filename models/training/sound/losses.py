"""The adversarial game: relativistic pairing with R1 and R2 (Huang et al. 2024, "The GAN is dead; long live the GAN!",
arXiv 2501.05441; own code). One pair is a real and a generated note of the same key, velocity and attributes.

The attributes are regressed with a Huber loss: the corpus has notes whose attributes lie far out."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .dataset import Batch
from .network import Discriminator

Maps = tuple[Tensor, Tensor, Tensor]


def discriminator_loss(discriminator: Discriminator, batch: Batch, fake: Maps, attribute_weight: float) -> tuple[Tensor, Tensor]:
    """The loss, and the mean lead of real over generated (a health figure: far from 0 means one side has won)."""
    real_score, attributes = discriminator(*batch.maps, batch.key, batch.velocity)
    fake_score, _ = discriminator(*fake, batch.key, batch.velocity)
    lead = real_score - fake_score
    return F.softplus(-lead).mean() + attribute_weight * F.smooth_l1_loss(attributes, batch.attributes), lead.mean().detach()


def generator_loss(discriminator: Discriminator, batch: Batch, fake: Maps, attribute_weight: float) -> Tensor:
    with torch.no_grad():
        real_score, _ = discriminator(*batch.maps, batch.key, batch.velocity)
    fake_score, attributes = discriminator(*fake, batch.key, batch.velocity)
    return F.softplus(real_score - fake_score).mean() + attribute_weight * F.smooth_l1_loss(attributes, batch.attributes)


def gradient_penalty(discriminator: Discriminator, maps: Maps, batch: Batch) -> Tensor:
    """Mean squared gradient of the score with respect to the maps (R1 on real ones, R2 on generated ones)."""
    inputs = [m.detach().float().requires_grad_() for m in maps]
    score, _ = discriminator(*inputs, batch.key, batch.velocity)
    gradients = torch.autograd.grad(score.sum(), inputs, create_graph=True)
    return sum(g.square().sum(dim=(1, 2)) for g in gradients).mean()
