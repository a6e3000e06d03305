"""Samples of one note at a known key -> the three maps of its grid. Pure functions, no files.

Method: complex amplitudes at the exact multiples of f0 by a matrix product with a cosine/sine basis (Hann window of
about four periods); deviation from the phase advance between fine frames; noise from the valleys between the
partials (Blackman-Harris window, geometric mean per band + 2.5 dB, the bias of a geometric mean of |X|^2, e^gamma).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
import scipy.signal

from .grid import Grid, key_to_hz

FINE_PER_COLUMN = 4
MIN_WINDOW, MAX_WINDOW = 2048, 6144
NOISE_PERIODS = 12
MAX_NOISE_WINDOW = 16_384
VALLEY_DISTANCE = 0.37
GEOMETRIC_MEAN_BIAS_DB = 2.5
MAX_MISTUNING_CENTS = 80.0
MISTUNING_STEP_S = 0.04
GATE_LOW_DB, GATE_HIGH_DB = -64.0, -60.0


@dataclass(frozen=True)
class NoteGrid:
    """One analysed note; shapes as in CONTRACT.md: [rows, columns], [rows, columns], [bands, columns]."""

    level_db: np.ndarray
    deviation_cents: np.ndarray
    noise_db: np.ndarray
    tuning_cents: float
    """The sample's own mistuning, already taken out of the deviation."""
    peak_db: float
    """Amplitude of the loudest cell before normalisation, dB re full scale."""


def gate(level_db: np.ndarray) -> np.ndarray:
    """How much of a deviation is kept: nothing where a partial is too weak for its phase to mean anything."""
    return np.clip((level_db - GATE_LOW_DB) / (GATE_HIGH_DB - GATE_LOW_DB), 0.0, 1.0)


def column_widths(grid: Grid) -> np.ndarray:
    """Width of each column in seconds: columns touch, the first starts at 0."""
    times = np.asarray(grid.column_times_s)
    edge, widths = 0.0, np.empty_like(times)
    for column, time in enumerate(times):
        widths[column] = 2 * (time - edge)
        edge += widths[column]
    return widths


class Analyzer:
    """Everything that depends on the key alone; use one for all notes of a key."""

    def __init__(self, grid: Grid, key: int):
        self.grid, self.key = grid, key
        self.f0_hz = float(key_to_hz(key, grid.tuning_hz))
        self.num_harmonics = int(grid.max_frequency_hz / self.f0_hz)
        self.window_length = int(np.clip(4 * grid.sample_rate_hz / self.f0_hz, MIN_WINDOW, MAX_WINDOW)) // 2 * 2
        wanted = NOISE_PERIODS * grid.sample_rate_hz / self.f0_hz
        self.noise_length = int(np.clip(2 ** np.ceil(np.log2(wanted)), MIN_WINDOW, MAX_NOISE_WINDOW))

    @cached_property
    def basis(self) -> tuple[np.ndarray, np.ndarray]:
        """Cosines and minus sines about the window's middle, [half window, harmonics] each, scaled so that |c| is the amplitude.

        The window is even, cosines are even and sines odd: half of each suffices for a frame folded about its middle.
        """
        n = np.arange(self.window_length // 2)
        window = scipy.signal.windows.hann(self.window_length, sym=False)
        scale = (2 / window.sum()) * window[self.window_length // 2 :, None]
        turn = np.exp(-2j * np.pi * self.f0_hz / self.grid.sample_rate_hz * n)[:, None]
        phasors = turn ** np.arange(1, self.num_harmonics + 1) * scale
        return phasors.real.astype(np.float32), phasors.imag.astype(np.float32)

    @cached_property
    def fine_times_s(self) -> np.ndarray:
        """[columns, FINE_PER_COLUMN + 1]: the fine frames of each column and the one after its last."""
        widths = column_widths(self.grid)[:, None]
        steps = np.arange(FINE_PER_COLUMN + 1) / FINE_PER_COLUMN - 0.5
        return np.asarray(self.grid.column_times_s)[:, None] + widths * steps

    def complex_amplitudes(self, samples: np.ndarray, times_s: np.ndarray, num_harmonics: int | None = None) -> np.ndarray:
        """[len(times), harmonics] complex64, phases relative to each frame's own middle."""
        half = self.window_length // 2
        padded = np.pad(samples, (half, half + self.grid.sample_rate_hz)).astype(np.float32)
        starts = np.rint(times_s * self.grid.sample_rate_hz).astype(int)
        frames = np.lib.stride_tricks.sliding_window_view(padded, self.window_length)[starts]
        after, before = frames[:, half:], frames[:, half:0:-1]  # the window is 0 at the frame's first sample
        even, odd = after + before, after - before
        even[:, 0] = after[:, 0]
        cosines, sines = (part[:, :num_harmonics] for part in self.basis)
        return even @ cosines + 1j * (odd @ sines)

    def mistuning_cents(self, samples: np.ndarray) -> float:
        """Mean deviation of the eight lowest partials from 0.1 s until the release, weighted by power; within ± MAX_MISTUNING_CENTS."""
        rate = self.grid.sample_rate_hz
        harmonic_hz = np.arange(1, min(8, self.num_harmonics) + 1) * self.f0_hz
        # So short a step that no partial can advance by half a turn more than expected.
        step = max(1, int(rate / (2 * harmonic_hz[-1] * (2 ** (MAX_MISTUNING_CENTS / 1200) - 1))))
        starts_s = np.rint(np.arange(0.1, self.grid.release_start_s - 0.05, MISTUNING_STEP_S) * rate) / rate
        times_s = np.stack([starts_s, starts_s + step / rate], axis=1)
        amplitudes = self.complex_amplitudes(samples, times_s.reshape(-1), len(harmonic_hz)).reshape(*times_s.shape, -1)
        advance = (amplitudes[:, 1] * np.conj(amplitudes[:, 0])).sum(axis=0)
        deviation_hz = _wrap(np.angle(advance) / (2 * np.pi) - harmonic_hz * step / rate) * rate / step
        ratio = np.clip(1 + deviation_hz / harmonic_hz, 2 ** (-MAX_MISTUNING_CENTS / 1200), 2 ** (MAX_MISTUNING_CENTS / 1200))
        weight = np.abs(advance)
        return float((weight * 1200 * np.log2(ratio)).sum() / max(weight.sum(), 1e-20))

    def partials(self, samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean power [harmonics, columns] and power-weighted deviation in cents [harmonics, columns]."""
        fine = self.fine_times_s
        frames = np.rint(fine * self.grid.sample_rate_hz).astype(int)
        unique, index = np.unique(frames, return_inverse=True)
        amplitudes = self.complex_amplitudes(samples, unique / self.grid.sample_rate_hz)[index.reshape(fine.shape)]
        now, after = amplitudes[:, :-1], amplitudes[:, 1:]
        hop_s = np.diff(frames, axis=1)[..., None] / self.grid.sample_rate_hz
        weight = np.abs(now) * np.abs(after)
        deviation = self._deviation_cents(now, after, hop_s)
        power = (np.abs(now) ** 2).mean(axis=1)
        cents = (weight * deviation).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-20)
        return power.T, cents.T

    def _deviation_cents(self, now: np.ndarray, after: np.ndarray, hop_s: np.ndarray) -> np.ndarray:
        """[columns, fine, harmonics]: low partials first; their common deviation unwraps the high ones, which alias."""
        harmonic_hz = np.arange(1, self.num_harmonics + 1) * self.f0_hz
        turns = np.angle(after * np.conj(now)) / (2 * np.pi) - harmonic_hz * hop_s
        low = slice(0, min(8, self.num_harmonics))
        low_hz = _wrap(turns[..., low]) / hop_s
        weight = np.abs(now[..., low]) ** 2 * (np.abs(low_hz / harmonic_hz[low]) < 0.06)
        common = (weight * low_hz / harmonic_hz[low]).sum(-1) / np.maximum(weight.sum(-1), 1e-20)
        common = _smooth(common.reshape(-1), 7).reshape(common.shape)[..., None]
        expected_hz = common * harmonic_hz
        deviation_hz = expected_hz + _wrap(turns - expected_hz * hop_s) / hop_s
        ratio = np.clip(1 + deviation_hz / harmonic_hz, 0.9, 1.1)
        return 1200 * np.log2(ratio)

    @cached_property
    def _valley_bins(self) -> list[np.ndarray]:
        """Per noise band the FFT bins that lie in valleys between partials (may be empty)."""
        frequencies = np.fft.rfftfreq(self.noise_length, 1 / self.grid.sample_rate_hz)
        position = frequencies / self.f0_hz
        valley = np.abs(position - np.rint(position)) >= VALLEY_DISTANCE
        valley |= position < 1 - VALLEY_DISTANCE
        band = np.searchsorted(self.grid.noise_band_edges_hz, frequencies, side="right") - 1
        return [np.flatnonzero(valley & (band == b)) for b in range(self.grid.num_bands)]

    def noise_power(self, samples: np.ndarray) -> np.ndarray:
        """Mean square of what is not harmonic, [bands, columns]."""
        length, rate = self.noise_length, self.grid.sample_rate_hz
        window = scipy.signal.windows.blackmanharris(length, sym=False).astype(np.float32)
        padded = np.pad(samples, (length // 2, length // 2 + rate))
        starts = np.rint(np.asarray(self.grid.column_times_s) * rate).astype(int)
        frames = np.lib.stride_tricks.sliding_window_view(padded, length)[starts] * window
        density = 2 * np.abs(scipy.fft.rfft(frames, axis=1)) ** 2 / ((window**2).sum() * rate)
        log_density = 10 * np.log10(np.maximum(density, 1e-20))
        filled = [log_density[:, bins].mean(axis=1) if len(bins) else None for bins in self._valley_bins]
        centres = np.arange(self.grid.num_bands)
        known = np.array([b for b in centres if filled[b] is not None])
        values = np.stack([filled[b] for b in known])
        full = np.stack([np.interp(centres, known, values[:, column]) for column in range(values.shape[1])], axis=1)
        band_width = np.diff(self.grid.noise_band_edges_hz)[:, None]
        return 10 ** ((full + GEOMETRIC_MEAN_BIAS_DB) / 10) * band_width

    def analyze(self, samples: np.ndarray) -> NoteGrid:
        """The whole note. `samples` [frames] at the grid's rate, note-on at frame 0, any level."""
        grid = self.grid
        sections = scipy.signal.butter(2, 20, "highpass", fs=grid.sample_rate_hz, output="sos")
        samples = scipy.signal.sosfilt(sections, samples).astype(np.float32)
        power, cents = self.partials(samples)
        row_power, row_cents = self._to_rows(power, cents)
        reference = max(row_power.max(), 1e-20)
        level = np.clip(10 * np.log10(np.maximum(row_power / reference, 1e-12)), *grid.level_range_db)
        noise = 10 * np.log10(np.maximum(self.noise_power(samples) / reference, 1e-20))
        tuning = tuning_cents(grid, level, row_cents)
        deviation = np.clip((row_cents - tuning) * gate(level), *grid.deviation_range_cents)
        return NoteGrid(
            level.astype(np.float32), deviation.astype(np.float32), np.clip(noise, *grid.noise_range_db).astype(np.float32),
            float(tuning), float(10 * np.log10(reference)),
        )  # fmt: skip

    def _to_rows(self, power: np.ndarray, cents: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows_power = np.zeros((self.grid.num_rows, power.shape[1]))
        rows_cents = np.zeros_like(rows_power)
        for row, (first, last) in enumerate(zip(self.grid.row_first_harmonic, self.grid.row_last_harmonic)):
            part = slice(first - 1, min(last, self.num_harmonics))
            if first <= self.num_harmonics:
                rows_power[row] = power[part].mean(axis=0)
                rows_cents[row] = (power[part] * cents[part]).sum(axis=0) / np.maximum(power[part].sum(axis=0), 1e-20)
        return rows_power, rows_cents


def tuning_cents(grid: Grid, level_db: np.ndarray, deviation_cents: np.ndarray) -> float:
    """The mistuning of a recorded note: mean deviation of its first eight rows while the key is held, weighted by power and column width.

    What a corpus has taken out of it; a decoder takes out more (CONTRACT.md 3.1, `decode.tuning_line`).
    """
    times = np.asarray(grid.column_times_s)
    held = (times >= 0.1) & (times <= grid.release_start_s)
    weight = 10 ** (level_db[:8, held] / 10) * np.gradient(times)[held]
    return float((weight * deviation_cents[:8, held]).sum() / weight.sum())


def _wrap(turns: np.ndarray) -> np.ndarray:
    return turns - np.rint(turns)


def _smooth(values: np.ndarray, length: int) -> np.ndarray:
    kernel = np.ones(length) / length
    return np.convolve(np.pad(values, length // 2, mode="edge"), kernel, mode="valid")
