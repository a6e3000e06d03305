"""A land of triangles. Layers only."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .around import by_inner_unit, centres_around, places_of_unit, to_map, window

TRIANGLES = (((0, 0), (0, 1), (1, 1)), ((0, 0), (1, 1), (1, 0)))
"""Corners of a unit's two triangles, each (down, right) from it."""
SHIFT_UNITS = 0.4
"""How far from its unit's centre a corner may lie."""
NUM_LIFTS, LIGHT_WIDTH, SMALLEST_AREA = 4, 16, 0.05
FIRST_LOG_SHARPNESS, LARGEST_LOG_SHARPNESS = 3.2, 4.5


class Facets(nn.Module):
    """A land of triangles seen from above: at every unit's centre a corner, moved by the noise and lifted by it; two triangles
    between the corners of a unit and of those to the right and below. Each has one tone, made of how it leans and lies."""

    def __init__(self, channels_in: int, channels_out: int, wish_length: int, per_unit: int):
        super().__init__()
        self.per_unit = per_unit
        self.corners = nn.Conv2d(channels_in, 2, 1)
        self.lifts = nn.Conv2d(channels_in, NUM_LIFTS, 1)
        self.lighting = nn.Conv2d(3 * NUM_LIFTS, LIGHT_WIDTH, 1)
        self.tones = nn.Conv2d(LIGHT_WIDTH, channels_out, 1)
        self.sharpness = nn.Linear(wish_length, 1)
        places, centres = places_of_unit(per_unit), centres_around(len(TRIANGLES))
        for name, buffer in (("places", places), ("centres", centres), ("log_window", (window(places, centres) + 1e-4).log())):
            self.register_buffer(name, buffer, persistent=False)
        with torch.no_grad():
            for layer in (self.corners, self.sharpness):
                layer.weight.mul_(0.1)
            self.sharpness.bias.fill_(FIRST_LOG_SHARPNESS)

    def forward(self, units: Tensor, wish: Tensor) -> Tensor:
        """units [n, c, h, w], wish [n, wish_length] -> [n, channels_out, per_unit h, per_unit w]."""
        n, _, h, w = units.shape
        corners = torch.cat([SHIFT_UNITS * torch.tanh(self.corners(units).float()), self.lifts(units).float()], dim=1)
        # Beyond the grid its last corners are repeated, not its last triangles: those would not meet.
        corners = F.pad(corners, (1, 2, 1, 2), mode="replicate")
        found = {(down, right): corners[:, :, down : down + h + 2, right : right + w + 2] for down in (0, 1) for right in (0, 1)}
        lines, tones = zip(*(self._triangle(found, corner) for corner in TRIANGLES))
        lines = by_inner_unit(torch.cat(lines, dim=1), 2).unflatten(-1, (3, 3))  # [n, h, w, 18, 3 sides, (x, v, 1)]
        lean = lines[..., :2]
        lines = torch.cat([lean, lines[..., 2:] - (lean * self.centres[:, None]).sum(dim=-1, keepdim=True)], dim=-1)
        inside = (lines @ self.places).amin(dim=-2)  # [n, h, w, 18, places]
        sharpness = torch.exp(self.sharpness(wish).float().clamp(0.0, LARGEST_LOG_SHARPNESS))[:, None, None, :, None]
        share = torch.softmax(sharpness * inside + self.log_window, dim=-2)
        tones = by_inner_unit(torch.cat(tones, dim=1), 2)
        return to_map(tones.transpose(-1, -2).to(units.dtype) @ share.to(units.dtype), self.per_unit)

    def _triangle(self, found: dict[tuple[int, int], Tensor], corners: tuple[tuple[int, int], ...]) -> tuple[Tensor, Tensor]:
        """[n, 9, h, w]: for each side three numbers whose product with (x, v, 1) is the distance from it, inside above 0, seen from the
        unit's centre; and [n, channels_out, h, w] the triangle's tone."""
        x, v = ([found[corner][:, axis] + corner[1 - axis] for corner in corners] for axis in (0, 1))
        lifts = [found[corner][:, 2:] for corner in corners]
        area = (x[1] - x[0]) * (v[2] - v[0]) - (x[2] - x[0]) * (v[1] - v[0])
        area = torch.where(area >= 0, area.clamp(min=SMALLEST_AREA), area.clamp(max=-SMALLEST_AREA))
        sides, lean_x, lean_v = [], 0.0, 0.0
        for first, second, opposite in ((1, 2, 0), (2, 0, 1), (0, 1, 2)):
            # The barycentric coordinate of the corner opposite to this side is a x + b v + c.
            a, b = (v[first] - v[second]) / area, (x[second] - x[first]) / area
            length = (a.square() + b.square()).sqrt()
            sides.append(torch.stack([a, b, -(a * x[first] + b * v[first])], dim=1) / length[:, None])
            lean_x, lean_v = lean_x + a[:, None] * lifts[opposite], lean_v + b[:, None] * lifts[opposite]
        seen = torch.cat([lean_x, lean_v, sum(lifts) / 3], dim=1)
        return torch.cat(sides, dim=1), self.tones(torch.tanh(self.lighting(seen)))
