"""What a picture wishes for, as the layers that draw something are told it."""

import math

import torch
from torch import Tensor

NUM_KNOBS = 12
"""So many of the latent's numbers are wished with: as many as the families have knobs, and some."""


def wish_length(point_length: int, num_styles: int) -> int:
    return point_length + num_styles * (1 + NUM_KNOBS)


def wish(point: Tensor, latent: Tensor, style: Tensor) -> Tensor:
    """[n, wish_length]: the style point, then for every style its weight, and its weight times each knob (a latent number made
    uniform between -1 and 1). So a linear layer has a value of its own for each style, and each knob moves it in its own measure."""
    knobs = torch.erf(latent[:, :NUM_KNOBS] / math.sqrt(2.0))
    known = torch.cat([torch.ones_like(knobs[:, :1]), knobs], dim=1)
    return torch.cat([point, (style[:, :, None] * known[:, None]).flatten(1)], dim=1)
