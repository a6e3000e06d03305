"""Keeps one surprising batch from undoing a thousand steps (update clipping as in Adafactor, arXiv 1804.04235, section 6)."""

import math

import torch

from .errors import Diverged

SURPRISE_LIMIT = 4.0
"""Largest root mean square of gradient over expected gradient, per tensor (Adam's own memory; 2.5 with a penalty is normal).
One outlying batch reached 20 times the usual norm; Adam turned that into a step as large as the weights, and the game was lost."""


@torch.no_grad()
def limit_surprise(optimizer: torch.optim.Adam) -> None:
    """Scales down each gradient that is far larger than Adam has seen; raises Diverged for one that is not finite."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            if parameter.grad is None:
                continue
            state = optimizer.state.get(parameter)
            if not state:
                surprise, limit = float(parameter.grad.square().mean()), math.inf
            else:
                expected = (state["exp_avg_sq"] / (1 - group["betas"][1] ** float(state["step"]))).sqrt_().add_(1e-6)
                surprise, limit = float((parameter.grad / expected).square().mean().sqrt()), SURPRISE_LIMIT
            if not math.isfinite(surprise):  # stepping on would write a network of NaN into the next checkpoint
                raise Diverged("a gradient is not finite; try a smaller learning rate or a larger gamma")
            if surprise > limit:
                parameter.grad.mul_(limit / surprise)
