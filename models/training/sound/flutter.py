"""Partials do not alternate against each other from column to column. Part of every exported file.

What goes up and down from cell to cell in both directions at once is no instrument: it is left over from growing the map
by two and two. sound-v5's network has a third more of it than real notes (checkerboard index 0.033 for 0.025), and
is restless for it. A part of just that is taken off; what alternates in one direction only (odd and even harmonics, a
tremolo of a column) stays to the bit.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .grid import Grid

SHARE = 0.4
"""Of the finest checker pattern: with it the shipped network comes to 0.027."""
FADE_DB = 10.0
"""Above the floor, over which a cell takes part with its neighbours: the edge of silence stays sharp."""


class FlutterFilter(nn.Module):
    """[n, rows, columns] dB -> the same, calmer."""

    def __init__(self, grid: Grid):
        super().__init__()
        self.floor_db = grid.level_range_db[0]
        alternating = torch.tensor([1.0, -2.0, 1.0]) / 4
        self.register_buffer("checker", torch.outer(alternating, alternating)[None, None], persistent=False)

    def forward(self, level_db: Tensor) -> Tensor:
        level = level_db[:, None]
        flutter = F.conv2d(F.pad(level, (1, 1, 1, 1), mode="replicate"), self.checker)
        lowest = -F.max_pool2d(-level, 3, stride=1, padding=1)
        share = SHARE * ((lowest - self.floor_db) / FADE_DB).clamp(0.0, 1.0)
        return (level - share * flutter)[:, 0].clamp(max=0.0)
