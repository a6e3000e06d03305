"""A step that would ruin the network is refused before it is made."""

import pytest
import torch

from pipeline.errors import Diverged
from pipeline.update_limit import SURPRISE_LIMIT, limit_surprise


def optimizer_that_has_seen_ones() -> tuple[torch.optim.Adam, torch.Tensor]:
    weight = torch.nn.Parameter(torch.zeros(100))
    optimizer = torch.optim.Adam([weight], betas=(0.0, 0.99))
    weight.grad = torch.ones(100)
    optimizer.step()
    return optimizer, weight


@pytest.mark.parametrize("size", [1.0, 3.0, 20.0, 1000.0])
def test_a_gradient_is_held_to_four_times_the_expected_one(size):
    optimizer, weight = optimizer_that_has_seen_ones()
    weight.grad = torch.full((100,), size)
    limit_surprise(optimizer)
    torch.testing.assert_close(weight.grad, torch.full((100,), min(size, SURPRISE_LIMIT)), rtol=1e-4, atol=0)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_gradient_that_is_not_finite_stops_the_run(bad):
    optimizer, weight = optimizer_that_has_seen_ones()
    weight.grad[7] = bad
    with pytest.raises(Diverged, match="not finite"):
        limit_surprise(optimizer)
