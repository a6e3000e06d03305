"""Sound fonts and closed-form tones -> candidates for the corpus: which notes of a preset, played how, at which sounding key."""

from collections.abc import Iterator

import numpy as np

from .config import CorpusConfig, Program, Source
from .corpus_row import Candidate, analyzer
from .grid import HIGHEST_KEY, LOWEST_KEY, Grid, key_to_hz
from .soundfont import Preset, RenderedNote, Request, whole_blocks
from .sources.kinds import TONES
from .tones import Tone
from .variants import draw, fit_hold

MAX_SUSTAIN_LOSS_DB = 12.0
FONT_VARIANTS = ("stacked", "swept", "long", "vibrato")
_RATE_HZ = Grid().sample_rate_hz
_HOLD_FRAMES = whole_blocks(Grid().release_start_s * _RATE_HZ)
_TOTAL_FRAMES = whole_blocks(Grid().duration_s * _RATE_HZ)


def requests(config: CorpusConfig, program: Program) -> list[Request]:
    """The notes of a preset: the plain ones ordered by key, then each kind of variant."""
    low = max(LOWEST_KEY, program.low - config.range_margin)
    high = min(HIGHEST_KEY, program.high + config.range_margin)
    plain = [
        Request(key, velocity)
        for layer, velocity in enumerate(config.velocities)
        for key in range(low + layer % config.key_step, high + 1, config.key_step)
    ]
    varied = []
    for variant in config.variants:
        if program.family not in variant.families or variant.kind not in FONT_VARIANTS:
            continue
        for index, key in enumerate(range(low, high + 1, variant.key_step)):
            layer = (index + FONT_VARIANTS.index(variant.kind)) % len(config.velocities)
            performance = draw(variant.kind, [program.bank, program.number, key, FONT_VARIANTS.index(variant.kind)])
            varied.append(Request(key, config.velocities[layer], performance))
    return sorted(plain, key=lambda r: (r.key, r.velocity)) + varied


def sounding_octave(note: RenderedNote) -> int:
    """Semitones (-12, 0 or 12) from the played key to the pitch that sounds: organs and basses are often an octave off."""
    held = np.array([0.5, 0.7, 0.9])
    half = np.abs(analyzer(note.key - 12).complex_amplitudes(note.samples, held)) ** 2
    power = half.mean(axis=0)
    between, on = power[0::2][:8].sum(), power[1::2][:8].sum()
    if note.key >= 36 and between > 0.1 * on:
        return -12
    odd, even = power[1::4][:4].sum(), power[3::4][:4].sum()
    return 12 if odd < 1e-3 * even else 0


def sustains(note: RenderedNote) -> bool:
    """Whether a held key goes on sounding: at 2.5 to 2.9 s not more than 12 dB below 0.4 to 0.8 s."""
    early, late = (float(np.mean(np.square(note.samples[int(a * _RATE_HZ) : int(b * _RATE_HZ)]))) for a, b in ((0.4, 0.8), (2.5, 2.9)))
    return late > early * 10 ** (-MAX_SUSTAIN_LOSS_DB / 10)


class FontNotes:
    """The notes of one preset; KeyError when the font has no such program."""

    def __init__(self, config: CorpusConfig, source: Source, program: Program):
        self._preset = Tone(program.number, _RATE_HZ) if source.path == TONES else Preset(source.path, program.bank, program.number, _RATE_HZ)
        self.name, self._program = self._preset.name, program
        wanted = requests(config, program)
        middle = wanted[sum(r.performance.kind == "plain" for r in wanted) // 2].key
        probe = next(self._preset.notes([Request(middle, 0.7)], _HOLD_FRAMES, _TOTAL_FRAMES))
        self.octave_shift = sounding_octave(probe)
        self.wanted = wanted if sustains(probe) else [r for r in wanted if r.performance.kind != "long"]

    def candidates(self) -> Iterator[tuple[str, Candidate]]:
        """What each note was asked for, and the note. Those that sound outside the range of keys are passed over."""
        for note in self._preset.notes(self.wanted, _HOLD_FRAMES, _TOTAL_FRAMES):
            key = note.key + self.octave_shift
            if LOWEST_KEY <= key <= HIGHEST_KEY:
                program, words = self._program, f"key {note.key}, velocity {note.velocity}, {note.performance.kind}"
                yield words, Candidate(key, note.velocity, _held_as_the_grid(note, key), self.name, program.family, program.weight, note.performance)

    def close(self) -> None:
        self._preset.close()


def _held_as_the_grid(note: RenderedNote, key: int) -> np.ndarray:
    """Samples of a note whose release is where the grid wants it, and which end where the grid ends."""
    samples = note.samples
    if note.released_frame != _HOLD_FRAMES:
        samples = fit_hold(samples, note.released_frame, _HOLD_FRAMES, _RATE_HZ, float(key_to_hz(key)))
    return np.pad(samples[:_TOTAL_FRAMES], (0, max(0, _TOTAL_FRAMES - len(samples))))
