"""How far generated pictures are from real ones, beside the Frechet distance. Arrays in, numbers out."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SLICES, PATCH = 64, 7
LOW_FREQUENCY, HIGH_FREQUENCY = 2.0, 24.0
"""Cycles per picture between which the slope of the spectrum is fitted (pictures of 64 pixels)."""
SCALES = 3


def kernel_distance(a: np.ndarray, b: np.ndarray) -> float:
    """Squared maximum mean discrepancy with a cubic kernel, unbiased (Binkowski et al. 2018, arXiv 1801.01401)."""
    size = a.shape[1]
    ka, kb, kab = ((x @ y.T / size + 1) ** 3 for x, y in ((a, a), (b, b), (a, b)))
    n, m = len(a), len(b)
    return float((ka.sum() - np.trace(ka)) / (n * (n - 1)) + (kb.sum() - np.trace(kb)) / (m * (m - 1)) - 2 * kab.mean())


def sliced_wasserstein(a: Tensor, b: Tensor, seed: int) -> float:
    """Mean distance of sorted projections of 7 x 7 patches, three scales (after Karras et al. 2018, arXiv 1710.10196, section 5)."""
    random = torch.Generator().manual_seed(seed)
    found = []
    for scale in range(SCALES):
        small = [F.avg_pool2d(x, 2**scale) if scale else x for x in (a, b)]
        patches = [F.unfold(x, PATCH, stride=PATCH).permute(0, 2, 1).reshape(-1, 3 * PATCH**2) for x in small]
        count = min(len(p) for p in patches)
        slices = torch.randn(3 * PATCH**2, SLICES, generator=random)
        slices /= slices.norm(dim=0)
        one, two = ((p[:count] @ slices).sort(dim=0).values for p in patches)
        found.append((one - two).abs().mean().item())
    return float(np.mean(found))


def spectrum_slope(light: Tensor) -> float:
    """[n, s, s] L -> slope of log mean power over log frequency (about -2 to -4 for pictures)."""
    side = light.shape[1]
    window = torch.hann_window(side, periodic=False)
    power = torch.fft.fft2((light - light.mean(dim=(1, 2), keepdim=True)) * window[:, None] * window).abs().square().mean(dim=0)
    frequency = torch.fft.fftfreq(side) * side
    radius = (frequency[:, None] ** 2 + frequency**2).sqrt()
    edges = torch.exp(torch.linspace(np.log(LOW_FREQUENCY), np.log(HIGH_FREQUENCY), 13))
    means = torch.stack([power[(radius >= a) & (radius < b)].mean() for a, b in zip(edges, edges[1:])])
    centres = (edges[1:] * edges[:-1]).sqrt()
    kept = means.isfinite()
    return float(np.polyfit(np.log(centres[kept].numpy()), np.log(means[kept].numpy() + 1e-12), 1)[0])


def structural_similarity(a: Tensor, b: Tensor) -> Tensor:
    """[n] mean structural similarity of L over three scales (Wang et al. 2003): 1 for the same picture."""
    values = []
    for scale in range(SCALES):
        x, y = (F.avg_pool2d(p[:, :1], 2**scale) if scale else p[:, :1] for p in (a, b))
        mx, my = F.avg_pool2d(x, 8, 4), F.avg_pool2d(y, 8, 4)
        vx, vy, cxy = F.avg_pool2d(x * x, 8, 4) - mx**2, F.avg_pool2d(y * y, 8, 4) - my**2, F.avg_pool2d(x * y, 8, 4) - mx * my
        values.append((((2 * mx * my + 1e-4) * (2 * cxy + 9e-4)) / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))).mean(dim=(1, 2, 3)))
    return torch.stack(values).mean(dim=0)


def nearest(a: np.ndarray, b: np.ndarray) -> float:
    """Mean distance from each row of a to its nearest row of b."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2 * a @ b.T
    return float(np.sqrt(np.maximum(squares, 0).min(axis=1)).mean())
