"""Cells -> a picture of any size, as the contract says (PICTURE_CONTRACT.md 4). The straight twin of the `backdrop` crate's
composer, for contact sheets, evaluation and parity; no grain, no dither, whole pictures in memory."""

import math

import numpy as np
import torch

from .colour import oklab_to_linear, oklab_to_srgb
from .geometry import CELLS_PER_UNIT, Frame
from .network import NUM_COLOURS, RESIDUAL_BOUND


def sampling_matrix(pixels: int, units: float, places: int) -> np.ndarray:
    """[pixels, places] Catmull-Rom weights of the cells along one axis; the edge repeats."""
    position = ((np.arange(pixels) + 0.5) / pixels - 0.5) * units * CELLS_PER_UNIT + places / 2 - 0.5
    first = np.floor(position).astype(int)
    t = position - first
    weights = [-0.5 * t + t**2 - 0.5 * t**3, 1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3, -0.5 * t**2 + 0.5 * t**3]
    matrix = np.zeros((pixels, places))
    for offset, weight in enumerate(weights, start=-1):
        np.add.at(matrix, (np.arange(pixels), np.clip(first + offset, 0, places - 1)), weight)
    return matrix


def upsample(cells: np.ndarray, frame: Frame, width: int, height: int) -> np.ndarray:
    """[6, rows, columns] -> [6, height, width]."""
    down = sampling_matrix(height, frame.height_units, cells.shape[1])
    across = sampling_matrix(width, frame.width_units, cells.shape[2])
    return down @ cells.astype(np.float64) @ across.T


def to_oklab(maps: np.ndarray, palette: np.ndarray, strict: bool = False) -> torch.Tensor:
    """[6, h, w] logits and residual at the picture's pixels, palette [5, 3] sorted -> [h, w, 3] OKLab."""
    weights = torch.from_numpy(maps[:NUM_COLOURS]).softmax(dim=0)
    colour = torch.einsum("khw,kc->hwc", weights, torch.from_numpy(np.asarray(palette, dtype=np.float64)))
    if not strict:
        colour[..., 0] += torch.from_numpy(maps[NUM_COLOURS]).clamp(-RESIDUAL_BOUND, RESIDUAL_BOUND)
    return colour


def paint(cells: np.ndarray, width: int, height: int, palette: np.ndarray, strict: bool = False) -> np.ndarray:
    """[height, width, 3] sRGB 0..1, float64."""
    frame = Frame.of_size(width, height)
    finer = max(1, math.ceil(CELLS_PER_UNIT * frame.width_units / width - 1e-9))
    colour = to_oklab(upsample(cells, frame, width * finer, height * finer), np.asarray(palette)[np.argsort(np.asarray(palette)[:, 0], kind="stable")], strict)
    if finer == 1:
        return oklab_to_srgb(colour).numpy()
    linear = oklab_to_linear(colour).clamp(0, 1).reshape(height, finer, width, finer, 3).mean(dim=(1, 3))
    return torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).numpy()
