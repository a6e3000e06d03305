"""sRGB and OKLab (B. Ottosson, "A perceptual color space for image processing", 2020), and the mixing of a palette.

Tensors have their colours in the last dimension, except `compose`, which speaks the networks' [n, channel, h, w].
"""

import torch
from torch import Tensor

LINEAR_TO_LMS = ((0.4122214708, 0.5363325363, 0.0514459929), (0.2119034982, 0.6806995451, 0.1073969566), (0.0883024619, 0.2817188376, 0.6299787005))
LMS_TO_OKLAB = ((0.2104542553, 0.7936177850, -0.0040720468), (1.9779984951, -2.4285922050, 0.4505937099), (0.0259040371, 0.7827717662, -0.8086757660))
OKLAB_TO_LMS = ((1.0, 0.3963377774, 0.2158037573), (1.0, -0.1055613458, -0.0638541728), (1.0, -0.0894841775, -1.2914855480))
LMS_TO_LINEAR = ((4.0767416621, -3.3077115913, 0.2309699292), (-1.2684380046, 2.6097574011, -0.3413193965), (-0.0041960863, -0.7034186147, 1.7076147010))
NUM_COLOURS = 5


def srgb_to_oklab(colour: Tensor) -> Tensor:
    """[..., 3] sRGB 0..1 -> OKLab."""
    linear = torch.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    lms = linear @ linear.new_tensor(LINEAR_TO_LMS).T
    return lms.clamp(min=0).pow(1 / 3) @ linear.new_tensor(LMS_TO_OKLAB).T


def oklab_to_linear(colour: Tensor) -> Tensor:
    """[..., 3] OKLab -> linear sRGB, not clipped."""
    return (colour @ colour.new_tensor(OKLAB_TO_LMS).T) ** 3 @ colour.new_tensor(LMS_TO_LINEAR).T


def oklab_to_srgb(colour: Tensor) -> Tensor:
    """[..., 3] OKLab -> sRGB clipped to 0..1."""
    linear = oklab_to_linear(colour).clamp(0, 1)
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear.clamp(min=1e-9) ** (1 / 2.4) - 0.055)


def mix(weights: Tensor, residual: Tensor, palette: Tensor) -> Tensor:
    """weights [n, 5, h, w] that sum to 1, residual [n, 1, h, w], palette [n, 5, 3] OKLab -> [n, 3, h, w] OKLab."""
    colour = torch.einsum("nkhw,nkc->nchw", weights, palette)
    return torch.cat([colour[:, :1] + residual, colour[:, 1:]], dim=1)


def compose(cells: Tensor, palette: Tensor) -> Tensor:
    """cells [n, 6, h, w] of the head, palette [n, 5, 3] OKLab -> [n, 3, h, w] OKLab."""
    return mix(cells[:, :NUM_COLOURS].softmax(dim=1), cells[:, NUM_COLOURS:], palette)


def sort_palette(palette: Tensor) -> Tensor:
    """[n, 5, 3] OKLab with the darkest colour first: the order in which the networks know them."""
    order = palette[:, :, 0].argsort(dim=1, stable=True)
    return palette.gather(1, order[..., None].expand(-1, -1, 3))
