"""Random palettes of five in OKLab: what the networks are trained with, so that any palette of a user is near one of them."""

import math

import torch
from torch import Tensor

from .colour import oklab_to_linear

HUE_DRIFTS = (0.15, 0.6, 1.1, 1.8, 2.6)
"""Radians from the darkest to the lightest colour: one hue, neighbours, ..., nearly opposite."""


def random_palettes(count: int, generator: torch.Generator) -> Tensor:
    """[count, 5, 3] OKLab, darkest first, inside sRGB."""

    def uniform(*shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator)

    darkest, lightest = uniform(count, 1, low=0.08, high=0.42), uniform(count, 1, low=0.66, high=0.98)
    steps = torch.cat([torch.zeros(count, 1), uniform(count, 3, low=0.1, high=0.9).sort(dim=1).values, torch.ones(count, 1)], dim=1)
    even = torch.linspace(0, 1, 5).expand(count, 5)
    lightness = darkest + (lightest - darkest) * (0.45 * steps + 0.55 * even)
    drift = torch.tensor(HUE_DRIFTS)[torch.randint(len(HUE_DRIFTS), (count, 1), generator=generator)]
    drift = drift * uniform(count, 1).sub(0.5).sign() * torch.linspace(-0.5, 0.5, 5)
    accent = (uniform(count, 5) < 0.12) * uniform(count, 5, low=-math.pi, high=math.pi)
    hue = uniform(count, 1, low=0.0, high=2 * math.pi) + drift + 0.15 * uniform(count, 5, low=-1, high=1) + accent
    vivid = uniform(count, 1) < 0.75
    strength = torch.where(vivid, uniform(count, 1, low=0.09, high=0.22), uniform(count, 1, low=0.01, high=0.08))
    chroma = strength * uniform(count, 5, low=0.75, high=1.1) * (1 - 0.5 * (2 * lightness - 1.15).abs())
    return into_gamut(torch.stack([lightness, chroma * hue.cos(), chroma * hue.sin()], dim=2))


def into_gamut(palette: Tensor) -> Tensor:
    """Takes chroma away, lightness and hue kept, until each colour is in sRGB (to within an eighth of what it had)."""
    share = torch.ones_like(palette[..., :1])
    for _ in range(8):
        scaled = torch.cat([palette[..., :1], palette[..., 1:] * share], dim=-1)
        linear = oklab_to_linear(scaled)
        outside = ((linear < 0) | (linear > 1)).any(dim=-1, keepdim=True)
        share = torch.where(outside, share - 0.125, share)
    return torch.cat([palette[..., :1], palette[..., 1:] * share.clamp(min=0)], dim=-1)
