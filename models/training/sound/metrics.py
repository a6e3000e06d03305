"""How far generated grids are from real ones. Arrays in, numbers out; everything in physical units (dB, cents).

Frechet distance is taken on the 48 principal components of the real grids (as in the design's measurements); it is
blind to texture, so texture has its own figures beside it.
"""

from dataclasses import dataclass

import numpy as np
import scipy.cluster.vq
import scipy.linalg

NUM_COMPONENTS = 48
NUM_BINS = 40
SIGNIFICANT = 1.96
"""Standard errors of a difference that chance exceeds in one case of twenty."""
RANK_TOLERANCE = 1e-6
"""Share of the largest eigenvalue below which a component is float32's rounding error."""
Maps = tuple[np.ndarray, np.ndarray, np.ndarray]
"""level_db, deviation_cents, noise_db, each [notes, rows or bands, columns]."""


@dataclass(frozen=True)
class Components:
    """Principal components of real grids, 48 or as many as the notes span (duplicates span nothing)."""

    mean: np.ndarray
    vectors: np.ndarray
    """[values, components]"""

    @staticmethod
    def fit(maps: Maps) -> "Components":
        flat = _flatten(maps)
        mean = flat.mean(axis=0)
        centred = flat - mean
        covariance = centred @ centred.T  # notes x notes: there are fewer notes than values
        values, vectors = np.linalg.eigh(covariance)
        kept = min(NUM_COMPONENTS, int((values > RANK_TOLERANCE * values[-1]).sum()))
        top = vectors[:, ::-1][:, :kept] / np.sqrt(values[::-1][:kept])
        return Components(mean, centred.T @ top)

    def project(self, maps: Maps) -> np.ndarray:
        return (_flatten(maps) - self.mean) @ self.vectors


def _flatten(maps: Maps) -> np.ndarray:
    """[notes, values], each map in its own unit (dB, cents) divided by the square root of its size: squared distances are mean squares."""
    return np.concatenate([m.reshape(len(m), -1) / np.sqrt(m[0].size) for m in maps], axis=1).astype(np.float32)


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Frechet distance between two sets of features [notes, components] seen as Gaussians."""
    mean = a.mean(axis=0) - b.mean(axis=0)
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    root = scipy.linalg.sqrtm(cov_a @ cov_b).real
    return float(mean @ mean + np.trace(cov_a + cov_b - 2 * root))


def bins_apart(real: np.ndarray, other: np.ndarray, num_bins: int = NUM_BINS) -> dict[str, float]:
    """Number of statistically different bins and Jensen-Shannon divergence (Richardson and Weiss 2018, arXiv 1805.12462).

    Bins are k-means cells of the real features; a bin differs when its two shares do at the 5 % level. Real halves
    differ in about one bin of twenty.
    """
    centres, label = scipy.cluster.vq.kmeans2(real, num_bins, minit="++", seed=1)
    a = np.bincount(label, minlength=num_bins) / len(real)
    b = np.bincount(scipy.cluster.vq.vq(other, centres)[0], minlength=num_bins) / len(other)
    pooled = (a * len(real) + b * len(other)) / (len(real) + len(other))
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / len(real) + 1 / len(other)))
    middle = (a + b) / 2
    divergence = sum(0.5 * np.sum(p[p > 0] * np.log2(p[p > 0] / middle[p > 0])) for p in (a, b))
    return {"different_bins": float(np.mean(np.abs(a - b) / error > SIGNIFICANT)), "divergence_bits": float(divergence)}


STEADY = slice(40, 96)
"""The columns from about 0.6 to 2.8 s, where a held note is steady."""


def texture(maps: Maps) -> dict[str, float]:
    """Jitter of level and deviation per column, contrast between rows, noise-map roughness, checkerboard index, cells above 0 dB."""
    level, deviation, noise = maps
    steady, steady_noise = level[:, :, STEADY], noise[:, :, STEADY]
    sounding = (steady[:, :, 1:-1] > -60) & (steady[:, :, :-2] > -60) & (steady[:, :, 2:] > -60)
    second = np.abs(np.diff(steady, n=2, axis=2)) / 2
    rows_sound = (steady[:, 1:] > -60) & (steady[:, :-1] > -60)
    contrast = np.abs(np.diff(steady, axis=1))
    rough = np.abs(np.diff(steady_noise, n=2, axis=2)) / 2
    wobble = np.abs(np.diff(deviation[:, :, STEADY], n=2, axis=2)) / 2
    corner = level[:, 1:, 1:] - level[:, 1:, :-1] - level[:, :-1, 1:] + level[:, :-1, :-1]
    sign = np.where(np.add.outer(np.arange(corner.shape[1]), np.arange(corner.shape[2])) % 2, -1.0, 1.0)
    return {
        "level_jitter_db": float(second[sounding].mean()) if sounding.any() else 0.0,
        "row_contrast_db": float(contrast[rows_sound].mean()) if rows_sound.any() else 0.0,
        "noise_roughness_db": float(rough[steady_noise[:, :, 2:] > -110].mean()),
        "deviation_jitter_cents": float(wobble[sounding].mean()) if sounding.any() else 0.0,
        "checkerboard": float(np.abs((corner * sign).mean(axis=(1, 2))).mean() / np.abs(corner).mean()),
        "cells_above_0_db": float((level > 0).mean()),
    }


def diversity(features: np.ndarray) -> float:
    """Mean pairwise distance."""
    squares = (features**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares - 2 * features @ features.T, 0))
    return float(distance[np.triu_indices(len(features), 1)].mean())
