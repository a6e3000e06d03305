"""A note is heard at its key, not an octave above: odd harmonics keep a least share of the power. Part of every exported file.

Without odd harmonics a note *is* one of twice the pitch. `prepare` leaves such notes out; of a trained network's, one in two
hundred still comes near, most of them on the highest keys. Raising what odd harmonics are there changes nothing else, and grows from
nothing as the share falls: a control that is moved through the limit is not heard to cross it.
"""

import torch
from torch import Tensor, nn

from .descriptors import held_columns
from .grid import NUM_SINGLE_ROWS, Grid

LEAST_ODD_SHARE = 0.08
"""Somewhat more than corpora may have (`corpus_row.MIN_ODD_SHARE`), of the same power: rows of one harmonic each, 0.1 to 1 s."""
MOST_GAIN_DB = 30.0
FADE_DB = 20.0
"""Above the floor, over which a cell takes part: silence stays silent."""


class OctaveGuard(nn.Module):
    """[n, rows, columns] dB -> the same with odd harmonics strong enough."""

    def __init__(self, grid: Grid):
        super().__init__()
        self.floor_db = grid.level_range_db[0]
        odd, single = torch.zeros(grid.num_rows), torch.zeros(grid.num_rows)
        odd[0:NUM_SINGLE_ROWS:2] = 1
        single[:NUM_SINGLE_ROWS] = 1
        self.register_buffer("odd", odd, persistent=False)
        self.register_buffer("even", single - odd, persistent=False)
        self.register_buffer("held", torch.from_numpy(held_columns(0.1, 1.0)).float(), persistent=False)

    def forward(self, level_db: Tensor) -> Tensor:
        power = (torch.pow(10.0, level_db / 10) * self.held).sum(dim=2)
        odd, even = (power * self.odd).sum(dim=1) + 1e-20, (power * self.even).sum(dim=1) + 1e-20
        wanted = LEAST_ODD_SHARE / (1 - LEAST_ODD_SHARE) * even
        gain_db = (10 * torch.log10(wanted / odd)).clamp(0.0, MOST_GAIN_DB)
        share = ((level_db - self.floor_db) / FADE_DB).clamp(0.0, 1.0)
        raised = level_db + gain_db[:, None, None] * self.odd[:, None] * share
        return torch.where(gain_db[:, None, None] > 0, raised.clamp(max=0.0), level_db)
