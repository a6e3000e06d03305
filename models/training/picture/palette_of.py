"""The five colours of a picture: k-means in OKLab, the same for the same pixels."""

import numpy as np
import torch

from .colour import NUM_COLOURS, srgb_to_oklab

ROUNDS = 16


def palette_of(pixels: np.ndarray) -> np.ndarray:
    """[h, w, 3] uint8 sRGB -> [5, 3] OKLab, darkest first. Starts from the means of five equal shares by lightness."""
    height, width = pixels.shape[:2]
    sparse = pixels[:: max(1, height // 64), :: max(1, width // 64)].reshape(-1, 3)
    colours = srgb_to_oklab(torch.from_numpy(sparse.astype(np.float32) / 255)).numpy()
    ordered = colours[np.argsort(colours[:, 0], kind="stable")]
    centres = np.stack([share.mean(axis=0) for share in np.array_split(ordered, NUM_COLOURS)])
    for _ in range(ROUNDS):
        nearest = ((colours[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
        centres = np.stack([colours[nearest == k].mean(axis=0) if (nearest == k).any() else centres[k] for k in range(NUM_COLOURS)])
    return centres[np.argsort(centres[:, 0], kind="stable")].astype(np.float32)
