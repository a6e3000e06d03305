"""What the generator is built of: row frequencies, growing maps, a styled convolution, the grain of a sound.

Layers only: no files, no training loop, no decibels.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .grid import Grid

NUM_RADIAL = 12
LOW_OCTAVE, HIGH_OCTAVE = 5.0, 14.3
"""log2 Hz of the first and last radial function: 32 Hz and 20 kHz."""
NUM_FIELDS = 4
"""Fixed noises that a sound's own grain is mixed of. More make the file larger and no two sounds audibly less alike."""


class RowFrequencies(nn.Module):
    """Absolute frequency of each row: log2 Hz, its radial features, and which rows exist, for a batch of keys."""

    def __init__(self, grid: Grid):
        super().__init__()
        centres = torch.tensor(grid.row_centres(), dtype=torch.float32)
        self.register_buffer("octave", torch.log2(centres), persistent=False)
        self.register_buffer("first", torch.log2(torch.tensor(grid.row_first_harmonic, dtype=torch.float32)), persistent=False)
        self.register_buffer("radial", torch.linspace(LOW_OCTAVE, HIGH_OCTAVE, NUM_RADIAL), persistent=False)
        self.tuning_octave = float(torch.log2(torch.tensor(grid.tuning_hz)))
        self.highest_octave = float(torch.log2(torch.tensor(grid.max_frequency_hz)))

    def key_octave(self, key: Tensor) -> Tensor:
        return self.tuning_octave + (key[:, None] - 69) / 12

    def features(self, key: Tensor, rows: int) -> Tensor:
        """[n, rows, NUM_RADIAL] at a coarser number of rows (means of neighbouring ones)."""
        octave = self.octave.reshape(rows, -1).mean(dim=1) + self.key_octave(key)
        spacing = (HIGH_OCTAVE - LOW_OCTAVE) / (NUM_RADIAL - 1)
        return torch.exp(-0.5 * ((octave[..., None] - self.radial) / spacing) ** 2)

    def valid(self, key: Tensor) -> Tensor:
        """[n, rows] 1 where the row's first harmonic is below the highest frequency."""
        return (self.first + self.key_octave(key) <= self.highest_octave).to(key.dtype)

    def scaled_octave(self, key: Tensor) -> Tensor:
        """[n, rows] about -1..1, the discriminator's extra map."""
        return (self.octave + self.key_octave(key) - 10) / 4


def grow_rows(x: Tensor) -> Tensor:
    """Twice the rows, each repeated."""
    return F.interpolate(x, scale_factor=(2.0, 1.0), mode="nearest")


def grow_columns(x: Tensor) -> Tensor:
    """Twice the columns, linear in between: a partial is smooth in time."""
    return F.interpolate(x, scale_factor=(1.0, 2.0), mode="bilinear", align_corners=False)


class Grain(nn.Module):
    """White noise of unit variance: fresh in training; in a model file a sound's own, always the same, so that it can be made again.

    The own noise is a mix of fixed fields by the first numbers of the latent, scaled to length 1: each sound has another
    grain, near sounds have a similar one.
    """

    def __init__(self, rows: int, columns: int, seed: int):
        super().__init__()
        fields = torch.randn(NUM_FIELDS, rows * columns, generator=torch.Generator().manual_seed(seed))
        self.register_buffer("fields", fields)
        self.shape = (rows, columns)

    def forward(self, latent: Tensor, fresh: bool) -> Tensor:
        """[n, 1, rows, columns]."""
        if fresh:
            return torch.randn(latent.shape[0], 1, *self.shape, device=latent.device)
        weights = latent[:, :NUM_FIELDS]
        weights = weights * torch.rsqrt(weights.square().sum(dim=1, keepdim=True) + 1e-8)
        return (weights @ self.fields).reshape(-1, 1, *self.shape)


class StyledLevel(nn.Module):
    """3x3 convolution, noise, layer norm over channels, scale and shift from style and row frequency."""

    def __init__(self, channels_in: int, channels_out: int, style_length: int, rows: int, columns: int, noisy: bool):
        super().__init__()
        self.rows = rows
        self.convolution = nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False)
        self.style = nn.Linear(style_length, 2 * channels_out)
        self.row_bias = nn.Linear(NUM_RADIAL, channels_out, bias=False)
        self.noise_scale = nn.Parameter(torch.zeros(channels_out)) if noisy else None
        self.grain = Grain(rows, columns, seed=rows) if noisy else None

    def forward(self, x: Tensor, style: Tensor, rows: RowFrequencies, key: Tensor, latent: Tensor, fresh_noise: bool) -> Tensor:
        x = self.convolution(x)
        if self.grain is not None:
            x = x + self.grain(latent, fresh_noise).to(x.dtype) * self.noise_scale[:, None, None].to(x.dtype)
        x = F.layer_norm(x.permute(0, 2, 3, 1), (x.shape[1],))
        scale, shift = self.style(style).chunk(2, dim=1)
        shift = shift[:, None] + self.row_bias(rows.features(key, self.rows))
        x = torch.addcmul(shift[:, :, None].to(x.dtype), x, 1 + scale[:, None, None].to(x.dtype))
        return F.leaky_relu(x, 0.2).permute(0, 3, 1, 2)
