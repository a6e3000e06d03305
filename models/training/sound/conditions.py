"""What a note is asked for: key features and whitened attributes."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from .measures import ATTRIBUTES

NUM_ATTRIBUTES = len(ATTRIBUTES)
NUM_KEY_FEATURES = 9
LIMIT = 3.0
"""Whitened attributes beyond this many standard deviations are clipped."""


def key_features(key: Tensor) -> Tensor:
    """[n, 9] smooth functions of the key (no embedding per key: neighbouring keys must agree)."""
    x = (key - 60) / 36
    waves = [wave(math.pi * n / 2 * x) for n in range(1, 5) for wave in (torch.sin, torch.cos)]
    return torch.stack([x, *waves], dim=1)


@dataclass(frozen=True)
class Whitening:
    """raw = polynomial(key) + unmix @ whitened. Takes out what the key explains and what the attributes share."""

    coefficients: np.ndarray
    """[3, a]: constant, linear, quadratic in (key - 60) / 36."""
    mix: np.ndarray
    """[a, a]: whitened = mix @ (raw - polynomial), symmetric (ZCA), so that each stays nearest to its own name."""

    @staticmethod
    def fit(raw: np.ndarray, key: np.ndarray, weight: np.ndarray) -> "Whitening":
        root = np.sqrt(weight)[:, None]
        coefficients = np.linalg.lstsq(_powers(key) * root, raw * root, rcond=None)[0]
        rest = raw - _powers(key) @ coefficients
        covariance = (rest * weight[:, None]).T @ rest / weight.sum()
        values, vectors = np.linalg.eigh(covariance)
        return Whitening(coefficients, vectors @ np.diag(1 / np.sqrt(values + 1e-6)) @ vectors.T)

    def apply(self, raw: np.ndarray, key: np.ndarray) -> np.ndarray:
        return np.clip((raw - _powers(key) @ self.coefficients) @ self.mix.T, -LIMIT, LIMIT)

    def to_dict(self) -> dict:
        return {"coefficients": self.coefficients.tolist(), "mix": self.mix.tolist()}

    @staticmethod
    def from_dict(table: dict) -> "Whitening":
        return Whitening(np.array(table["coefficients"]), np.array(table["mix"]))


def _powers(key: np.ndarray) -> np.ndarray:
    x = (np.asarray(key, dtype=np.float64) - 60) / 36
    return np.stack([np.ones_like(x), x, x**2], axis=1)
