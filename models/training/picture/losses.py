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
from .network import NUM_COLOURS, PALETTE_SCALE, RESIDUAL_BOUND, Discriminator

UNDERSTOOD = 0.5
"""A picture whose pairing loss is above this is not compared by the pixel beside the game."""
MASS_CELLS = 16
"""Side of the squares whose masses of colour are compared: half a unit."""
TEXTURE_DIRECTIONS, TEXTURE_PATCH, TEXTURE_SCALES, TEXTURE_SQUARES = 24, 5, 3, 4
"""Random directions, side of a patch, scales each half as fine, squares along a side."""
TEXTURE_FLOOR = 0.005
"""Size of projections below which a picture counts as plain, in units of the palette's."""
BESIDE_TEXTURE = 0.25
"""Weight of the comparison by the pixel where textures are compared: more of it blurs them again."""


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


def texture_loss(fake: Tensor, picture: Tensor) -> Tensor:
    """[n] distance of the patches of `fake` from those of the family's own in the same square, wherever in it; both [n, 3, h, w] OKLab.

    Sliced Wasserstein distance between sets of patches (Elnekave and Weiss 2022, "Generating natural images with direct patch
    distributions matching", arXiv 2203.11862; own code): patches at three scales are projected on random directions, and the
    sorted projections of each square compared, in units of their power over the whole picture. A blur has the wrong patches
    anywhere; an edge a little off has the right ones. Directions are drawn anew at each call, from torch's generator.
    """
    scale = fake.new_tensor(PALETTE_SCALE)[:, None, None]
    both = torch.cat([fake.float(), picture.float()]) / scale
    directions = torch.randn(TEXTURE_DIRECTIONS, 3, TEXTURE_PATCH, TEXTURE_PATCH)
    directions = directions - directions.mean(dim=(2, 3), keepdim=True)  # colour is the masses' affair
    directions = directions / directions.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
    losses = []
    for level in range(TEXTURE_SCALES):
        if level > 0:
            both = F.avg_pool2d(both, 2)
        padded = F.pad(both, (TEXTURE_PATCH // 2,) * 4, mode="reflect")  # zeros would outweigh everything inside
        found = F.conv2d(padded, directions, stride=2 if level == 0 else 1)
        n, c, h, w = found.shape
        squares = found.reshape(n, c, TEXTURE_SQUARES, h // TEXTURE_SQUARES, TEXTURE_SQUARES, w // TEXTURE_SQUARES)
        ours, theirs = squares.permute(0, 1, 2, 4, 3, 5).flatten(4).sort(dim=4).values.chunk(2)
        power = theirs.square().mean(dim=(2, 3, 4)) + TEXTURE_FLOOR**2
        losses.append(((ours - theirs).square().mean(dim=(2, 3, 4)) / power).mean(dim=1))
    return torch.stack(losses).mean(dim=0)


def paired_loss(cells: Tensor, fake: Tensor, batch: Batch, texture_weight: float) -> tuple[Tensor, dict[str, float]]:
    """What is asked for while there is no game: every picture near the family's own; and its parts by name, for the log."""
    pairing = pairing_loss(cells, batch).mean()
    if texture_weight == 0:
        return pairing, {"pairing": pairing.item()}
    mass, texture = mass_loss(cells, batch).mean(), texture_loss(fake, batch.picture).mean()
    figures = {"pairing": pairing.item(), "mass": mass.item(), "texture": texture.item()}
    return BESIDE_TEXTURE * pairing + mass + texture_weight * texture, figures


def company_loss(cells: Tensor, batch: Batch) -> Tensor:
    """[n] what keeps a generated picture near its family's own beside the game."""
    pairing = pairing_loss(cells, batch)
    return mass_loss(cells, batch) + torch.where(pairing.detach() < UNDERSTOOD, pairing, 0.0)
