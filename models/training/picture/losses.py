"""What the networks are asked for.

The adversarial game: relativistic pairing with R1 and R2 (Huang et al. 2024, "The GAN is dead; long live the GAN!",
arXiv 2501.05441; own code). And, for own families, the comparison of each picture with the family's own for the same
noise: pixel by pixel before the game; beside it by the masses of colour, and by the pixel only where the network has seen
what the noise means. (An average over what it cannot foresee is a blur: compared by the pixel, folds that lie elsewhere
cost more than none.)"""

import torch
import torch.nn.functional as F
from torch import Tensor

from .dataset import Batch
from .network import NUM_COLOURS, RESIDUAL_BOUND, Discriminator

UNDERSTOOD = 0.5
"""A picture whose pairing loss is above this is not compared by the pixel beside the game."""
MASS_CELLS = 16
"""Side of the squares whose masses of colour are compared: half a unit."""


def discriminator_loss(discriminator: Discriminator, batch: Batch, fake: Tensor) -> tuple[Tensor, Tensor]:
    """The loss, and the mean lead of real over generated (a health figure: far from 0 means one side has won)."""
    lead = discriminator(batch.picture, batch.crop_y, batch.style, batch.palette) - discriminator(fake, batch.crop_y, batch.style, batch.palette)
    return F.softplus(-lead).mean(), lead.mean().detach()


def generator_loss(discriminator: Discriminator, batch: Batch, fake: Tensor) -> Tensor:
    with torch.no_grad():
        real = discriminator(batch.picture, batch.crop_y, batch.style, batch.palette)
    return F.softplus(real - discriminator(fake, batch.crop_y, batch.style, batch.palette)).mean()


def gradient_penalty(discriminator: Discriminator, picture: Tensor, batch: Batch) -> Tensor:
    """Mean squared gradient of the score with respect to the picture (R1 on real ones, R2 on generated ones)."""
    picture = picture.detach().float().requires_grad_()
    score = discriminator(picture, batch.crop_y, batch.style, batch.palette)
    (gradient,) = torch.autograd.grad(score.sum(), picture, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3)).mean()


def pairing_loss(cells: Tensor, batch: Batch) -> Tensor:
    """[n] divergence of the palette weights from the family's, plus the residual's squared error in units of its bound."""
    logs = cells[:, :NUM_COLOURS].float().log_softmax(dim=1)
    divergence = F.kl_div(logs, batch.weights, reduction="none").sum(dim=1)
    error = ((cells[:, NUM_COLOURS:].float() - batch.residual) / RESIDUAL_BOUND).square()[:, 0]
    return (divergence + error).mean(dim=(1, 2))


def mass_loss(cells: Tensor, batch: Batch) -> Tensor:
    """[n] divergence of the palette weights from the family's, both as means over squares of MASS_CELLS."""
    ours = F.avg_pool2d(cells[:, :NUM_COLOURS].float().softmax(dim=1), MASS_CELLS)
    theirs = F.avg_pool2d(batch.weights, MASS_CELLS)
    return F.kl_div((ours + 1e-4).log(), theirs, reduction="none").sum(dim=1).mean(dim=(1, 2))


def company_loss(cells: Tensor, batch: Batch) -> Tensor:
    """[n] what keeps a generated picture near its family's own beside the game."""
    pairing = pairing_loss(cells, batch)
    return mass_loss(cells, batch) + torch.where(pairing.detach() < UNDERSTOOD, pairing, 0.0)
