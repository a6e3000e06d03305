"""The grid in which the notes of a foreign network are analysed: that of our own models, as far as its sample rate and length reach."""

from dataclasses import replace

from sound.grid import Grid, noise_edges

HIGHEST_OF_NYQUIST = 0.98
"""Above, an anti-aliasing filter has left nothing."""


def analysis_grid(sample_rate_hz: int, num_samples: int) -> dict:
    """The manifest's `grid` for notes of `num_samples`. NSynth's notes, and ours, are released after 3 s of 4."""
    whole = Grid()
    duration_s = num_samples / sample_rate_hz
    share = min(1.0, duration_s / whole.duration_s)
    highest_hz = min(whole.max_frequency_hz, HIGHEST_OF_NYQUIST * sample_rate_hz / 2)
    columns = [time_s for time_s in whole.column_times_s if time_s < duration_s]
    release_s = whole.release_start_s if duration_s > whole.release_start_s else duration_s
    sustain_end_s = min(whole.sustain_end_s, release_s * whole.sustain_end_s / whole.release_start_s, columns[-1])
    grid = replace(
        whole, sample_rate_hz=sample_rate_hz, max_frequency_hz=highest_hz, duration_s=duration_s, release_start_s=release_s,
        sustain_start_s=min(whole.sustain_start_s * share, 0.5 * sustain_end_s), sustain_end_s=sustain_end_s,
        column_times_s=columns, noise_band_edges_hz=noise_edges(whole.num_bands, whole.noise_band_edges_hz[0], highest_hz),
    )  # fmt: skip
    return grid.to_manifest()
