"""The pitch-aligned grid: which number means what. Pure data; written into the manifest as `grid` (CONTRACT.md, 2)."""

from dataclasses import asdict, dataclass, field

import numpy as np

NUM_SINGLE_ROWS = 48
NUM_GROUP_ROWS = 16
LOWEST_KEY, HIGHEST_KEY = 24, 96
"""What a corpus holds and a model is made for; the manifest's `key_range`."""


def _row_edges(max_frequency_hz: float, tuning_hz: float) -> tuple[list[int], list[int]]:
    """First and last harmonic of each row: 48 single ones, then 16 geometric groups up to the lowest key's last one."""
    last_harmonic = int(max_frequency_hz / key_to_hz(LOWEST_KEY, tuning_hz))
    ratio = (last_harmonic + 1) / (NUM_SINGLE_ROWS + 1)
    edges = np.rint((NUM_SINGLE_ROWS + 1) * ratio ** (np.arange(NUM_GROUP_ROWS + 1) / NUM_GROUP_ROWS)).astype(int)
    singles = list(range(1, NUM_SINGLE_ROWS + 1))
    return singles + edges[:-1].tolist(), singles + (edges[1:] - 1).tolist()


def _column_times(num_short: int, short_s: float, num_long: int, long_s: float) -> list[float]:
    """Centres of the columns: short ones for the attack, then long ones."""
    short = (np.arange(num_short) + 0.5) * short_s
    long = num_short * short_s + (np.arange(num_long) + 0.5) * long_s
    return np.round(np.concatenate([short, long]), 6).tolist()


def noise_edges(num_bands: int, low_hz: float, high_hz: float) -> list[float]:
    """Band edges, even on the mel scale 2595 log10(1 + f/700)."""
    mel = np.linspace(2595 * np.log10(1 + low_hz / 700), 2595 * np.log10(1 + high_hz / 700), num_bands + 1)
    return np.round(700 * (10 ** (mel / 2595) - 1), 4).tolist()


def key_to_hz(key, tuning_hz: float = 440.0):
    """Frequency of a MIDI key (a number or an array)."""
    return tuning_hz * 2.0 ** ((np.asarray(key, dtype=np.float64) - 69) / 12)


@dataclass(frozen=True)
class Grid:
    """Field names and meanings are those of CONTRACT.md section 2."""

    sample_rate_hz: int = 48_000
    max_frequency_hz: float = 20_000.0
    tuning_hz: float = 440.0
    duration_s: float = 4.096
    release_start_s: float = 3.0
    sustain_start_s: float = 1.0
    sustain_end_s: float = 2.88
    level_range_db: tuple[float, float] = (-80.0, 0.0)
    deviation_range_cents: tuple[float, float] = (-50.0, 50.0)
    noise_range_db: tuple[float, float] = (-115.0, -10.0)
    row_first_harmonic: list[int] = field(default_factory=lambda: _row_edges(20_000.0, 440.0)[0])
    row_last_harmonic: list[int] = field(default_factory=lambda: _row_edges(20_000.0, 440.0)[1])
    column_times_s: list[float] = field(default_factory=lambda: _column_times(32, 0.008, 96, 0.04))
    noise_band_edges_hz: list[float] = field(default_factory=lambda: noise_edges(64, 20.0, 20_000.0))

    @property
    def num_rows(self) -> int:
        return len(self.row_first_harmonic)

    @property
    def num_columns(self) -> int:
        return len(self.column_times_s)

    @property
    def num_bands(self) -> int:
        return len(self.noise_band_edges_hz) - 1

    def row_centres(self) -> np.ndarray:
        """Harmonic number in the middle of each row, [rows]."""
        return np.sqrt(np.asarray(self.row_first_harmonic, dtype=np.float64) * np.asarray(self.row_last_harmonic))

    def valid_rows(self, key) -> np.ndarray:
        """Whether a row's first harmonic is below the highest frequency, [..., rows]."""
        f0 = np.asarray(key_to_hz(key, self.tuning_hz))[..., None]
        return np.asarray(self.row_first_harmonic) * f0 <= self.max_frequency_hz

    def to_manifest(self) -> dict:
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
