"""The generator as its paper draws it, in PyTorch: slow, plain, and what the exported graph is compared with."""

import torch
import torch.nn.functional as F
from torch import Tensor

from .architecture import FULL_SIZE, Architecture

NORM_EPSILON = 1e-8
LEAK = 0.2


def paint(architecture: Architecture, latent: Tensor, pitch_index: Tensor) -> Tensor:
    """`latent [n, z]`, `pitch_index [n]` (0 is the lowest key) -> normalised picture `[n, 2, frames, bins]` within +-1."""
    label = F.one_hot(pitch_index, architecture.num_pitches).to(latent.dtype)
    x = _pixel_norm(torch.cat([latent, label], dim=1)[:, :, None, None])
    picture = torch.zeros(())
    for number, block in enumerate(architecture.blocks, start=1):
        if number == 1:
            height, width = block.first_kernel.shape[:2]
            x = F.pad(x, (width - 1, width - 1, height - 1, height - 1))
            x = _convolve(x, block.first_kernel, block.first_bias, padding=0)
        else:
            x = _convolve(F.interpolate(x, scale_factor=2, mode="nearest"), block.first_kernel, block.first_bias, padding=1)
        x = _convolve(x, block.second_kernel, block.second_bias, padding=1)
        rgb = torch.tanh(F.conv2d(x, _kernel(block.rgb_kernel), torch.from_numpy(block.rgb_bias)))
        picture = picture + architecture.weight_of(number) * F.interpolate(rgb, size=FULL_SIZE, mode="nearest")
    return picture


def _convolve(x: Tensor, kernel, bias, padding: int) -> Tensor:
    """The norm comes after the leak: the other order is another network."""
    return _pixel_norm(F.leaky_relu(F.conv2d(x, _kernel(kernel), torch.from_numpy(bias), padding=padding), LEAK))


def _kernel(kernel) -> Tensor:
    return torch.from_numpy(kernel).permute(3, 2, 0, 1)


def _pixel_norm(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + NORM_EPSILON)
