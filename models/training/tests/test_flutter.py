"""What an exported model takes off its maps, and what it leaves."""

import torch

from sound.flutter import SHARE, FlutterFilter
from sound.grid import Grid

GRID = Grid()
ROWS = torch.arange(GRID.num_rows, dtype=torch.float32)[:, None]
COLUMNS = torch.arange(GRID.num_columns, dtype=torch.float32)[None]


def filtered(level_db: torch.Tensor) -> torch.Tensor:
    return FlutterFilter(GRID)(level_db[None])[0]


def test_a_checker_pattern_loses_its_share():
    checker = 3.0 * (1 - 2 * ((ROWS + COLUMNS) % 2))
    after = filtered(-30.0 + checker)[1:-1, 1:-1] + 30.0
    torch.testing.assert_close(after, (1 - SHARE) * checker[1:-1, 1:-1])


def test_what_alternates_in_one_direction_stays():
    for pattern in (ROWS % 2 + 0 * COLUMNS, 0 * ROWS + COLUMNS % 2, ROWS * 0.1 + COLUMNS * 0.02):
        before = -40.0 + 4.0 * pattern
        torch.testing.assert_close(filtered(before), before)


def test_silence_and_its_edge_stay_and_nothing_exceeds_0_db():
    floor = GRID.level_range_db[0]
    edge = torch.where(ROWS < 20, -10.0, floor).expand(-1, GRID.num_columns).clone()
    assert torch.equal(filtered(edge), edge)
    assert (filtered(-10.0 * (ROWS % 2) * (COLUMNS % 2)) <= 0).all()  # without a limit it would reach 1 dB
