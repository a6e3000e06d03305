"""What keeps an exported model's notes at their key."""

import pytest
import torch

from sound.corpus_row import odd_share
from sound.grid import NUM_SINGLE_ROWS, Grid
from sound.octave import LEAST_ODD_SHARE, OctaveGuard


def harmonics(odd_db: float, even_db: float) -> torch.Tensor:
    """[1, rows, columns]: odd and even harmonics of one level each, held; silence above."""
    grid = Grid()
    level_db = torch.full((1, grid.num_rows, grid.num_columns), grid.level_range_db[0])
    level_db[:, 0:NUM_SINGLE_ROWS:2], level_db[:, 1:NUM_SINGLE_ROWS:2] = odd_db, even_db
    return level_db


@pytest.mark.parametrize("odd_db", [-50.0, -40.0, -12.0])
def test_a_note_without_odd_harmonics_gets_them_and_nothing_else(odd_db):
    before = harmonics(odd_db, 0.0)
    assert odd_share(before.numpy())[0] < LEAST_ODD_SHARE
    after = OctaveGuard(Grid())(before)
    raised = torch.zeros_like(before, dtype=torch.bool)
    raised[:, 0:NUM_SINGLE_ROWS:2] = True
    assert torch.equal(after[~raised], before[~raised]) and (after[raised] > before[raised]).all()
    share = odd_share(after.numpy())[0]
    if odd_db > -41:  # what is missing is within the most that is given
        assert abs(share - LEAST_ODD_SHARE) < 1e-4
    assert (after <= 0).all()


def test_a_note_at_its_key_and_silence_stay_as_they_are():
    guard = OctaveGuard(Grid())
    for before in (harmonics(-3.0, 0.0), harmonics(-80.0, -80.0), harmonics(-80.0, 0.0)):
        assert torch.equal(guard(before), before)
