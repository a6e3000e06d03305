"""A small classifier of style x degradation, trained on real pictures for the evaluation alone: its features see both what a
picture shows and how it is spoilt (a classifier of content alone is nearly blind to blur and grids)."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

SIDE = 64
FEATURES = 48
STEPS, BATCH = 240, 32
DEGRADATIONS = ("none", "blur", "noise", "grid", "blocks")


class Judge(nn.Module):
    def __init__(self, num_styles: int):
        super().__init__()
        widths = [3, 16, 32, 64]
        self.layers = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in zip(widths, widths[1:]))
        self.flat = nn.Linear(widths[-1] * 2, FEATURES)
        self.style, self.degradation = nn.Linear(FEATURES, num_styles), nn.Linear(FEATURES, len(DEGRADATIONS))

    def features(self, picture: Tensor) -> Tensor:
        """picture [n, 3, SIDE, SIDE] OKLab -> [n, FEATURES]."""
        x = (picture - picture.new_tensor([0.55, 0, 0])[:, None, None]) * 5
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.flat(torch.cat([x.mean(dim=(2, 3)), x.std(dim=(2, 3))], dim=1))


def degraded(picture: Tensor, kind: int, random: torch.Generator) -> Tensor:
    """[n, 3, h, w]: one of DEGRADATIONS."""
    name = DEGRADATIONS[kind]
    if name == "blur":
        return F.interpolate(F.avg_pool2d(picture, 4), scale_factor=4, mode="bilinear", align_corners=False)
    if name == "noise":
        return picture + 0.04 * torch.randn(picture.shape, generator=random)
    if name == "grid":
        lines = ((torch.arange(picture.shape[3]) % 4) == 0).to(picture.dtype)
        return picture - 0.05 * (lines[None, :] + lines[:, None])
    if name == "blocks":
        coarse = F.interpolate(F.avg_pool2d(picture, 8), scale_factor=8, mode="nearest")
        return 0.5 * picture + 0.5 * coarse
    return picture


def train_judge(pictures: Tensor, styles: Tensor, num_styles: int, seed: int) -> Judge:
    """pictures [n, 3, SIDE, SIDE], styles [n]."""
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(seed)
    judge = Judge(num_styles)
    optimizer = torch.optim.Adam(judge.parameters(), 2e-3)
    for _ in tqdm(range(min(STEPS, 2 * len(pictures))), desc="judge", unit="step"):
        chosen = torch.randint(len(pictures), (BATCH,), generator=random)
        kinds = torch.randint(len(DEGRADATIONS), (BATCH,), generator=random)
        batch = torch.cat([degraded(pictures[i : i + 1], int(kind), random) for i, kind in zip(chosen, kinds)])
        features = judge.features(batch)
        loss = F.cross_entropy(judge.style(features), styles[chosen]) + F.cross_entropy(judge.degradation(features), kinds)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return judge.eval().requires_grad_(False)


def whitening(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """mean, matrix: real features become uncorrelated with variance 1, so that no loud feature hides the others."""
    mean = features.mean(axis=0)
    values, vectors = np.linalg.eigh(np.cov((features - mean).T))
    kept = values > 1e-4 * values[-1]
    return mean, vectors[:, kept] / np.sqrt(values[kept])
