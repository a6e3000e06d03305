"""The report's figures on sets whose truth is known."""

import numpy as np
import pytest

from sound.metrics import Components, frechet


def test_frechet_distance_of_two_gaussians_is_the_closed_form():
    random = np.random.default_rng(0)
    a, b = random.normal(0, 1, (200_000, 2)), random.normal(0, 1, (200_000, 2)) * [2, 3] + [1, 0]
    assert frechet(a, b) == pytest.approx(1 + (2 - 1) ** 2 + (3 - 1) ** 2, rel=0.02)


def test_components_of_few_or_equal_notes_are_only_those_they_span():
    random = np.random.default_rng(0)
    notes = tuple(np.repeat(random.normal(0, 10, (6, 8, 16)), 10, axis=0).astype(np.float32) for _ in range(3))
    components = Components.fit(notes)
    assert components.vectors.shape[1] == 5
    np.testing.assert_allclose(components.vectors.T @ components.vectors, np.eye(5), atol=1e-4)
