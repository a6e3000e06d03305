"""Recordings -> candidates for the corpus: which key each is, how sure that is, and the variants made of it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..config import CorpusConfig
from ..corpus_row import Candidate
from ..grid import HIGHEST_KEY, LOWEST_KEY, Grid
from ..pitch import Heard
from ..retune import retune
from ..variants import Performance, draw
from .found import Found, Rejected
from .recording import Part, Unusable, held_as_the_grid, read

MIN_CONFIDENCE = 0.6
"""Of a pitch that was only heard."""
MIN_CONFIDENCE_AGAINST_A_NAME = 0.85
MAX_SPREAD_CENTS = 250.0
MAX_TUNING_CENTS = 60.0
USUAL_VELOCITY = 0.7
PAD_TO_FRAMES = 16_384
STACKED_SHARE = 0.65
"""Of the sharper of two: they beat, but never cancel (two copies of one sample would)."""
SHIFTS = (-2, -1, 1, 2)
"""Semitones a recording is transposed by, to stand in for the keys beside it."""


@dataclass(frozen=True)
class Pitch:
    """The key of a recording, where that is from, and 0..1 how sure."""

    key: int
    key_from: str
    confidence: float


def key_of(found: Found, heard: Heard) -> Pitch | str:
    """Settles a name and an ear; or says why neither helps.

    A name that is whole octaves off what is heard is believed for its letter, the ear for its octave: C3 is middle C for
    some makers, C4 or C5 for others.
    """
    if heard.f0_hz == 0:
        return "too short to hear its pitch"
    exact = 69 + 12 * np.log2(heard.f0_hz / Grid().tuning_hz)
    if found.key is None:
        if heard.confidence < MIN_CONFIDENCE:
            return f"no clear pitch (confidence {heard.confidence:.2f}); name the key in the file name, as in {found.path.stem}_A4{found.path.suffix}"
        if heard.spread_cents > MAX_SPREAD_CENTS:
            return f"its pitch moves by {heard.spread_cents / 100:.1f} semitones: more than one note?"
        return Pitch(int(np.rint(exact)), "heard", heard.confidence)
    away = exact - found.key
    octaves = 12 * np.rint(away / 12)
    if abs(away) <= 1.0:
        return Pitch(int(np.rint(exact)) if abs(away) > 0.6 else found.key, found.key_from, max(heard.confidence, 0.9))
    if abs(away - octaves) <= 0.6 and heard.confidence >= MIN_CONFIDENCE:
        return Pitch(int(found.key + octaves), f"{found.key_from}, another octave", heard.confidence)
    if heard.confidence >= MIN_CONFIDENCE_AGAINST_A_NAME:
        return f"its {found.key_from} says key {found.key}, but it sounds as key {exact:.1f}"
    return Pitch(found.key, found.key_from, 0.5)


def candidates(config: CorpusConfig, listed: list[Found]) -> Iterator[tuple[str, Candidate | Rejected, Pitch | None]]:
    """Name, note and pitch of each recording in order, its variants after it."""
    for found in listed:
        try:
            parts = read(found)
        except (Unusable, OSError) as error:
            yield found.name, Rejected(found.name, str(error)), None
            continue
        for index, part in enumerate(parts):
            name = found.name if len(parts) == 1 else f"{found.name}, sound {index + 1}"
            # A name tells the key of one note, not of each of several.
            yield from _notes(config, found if len(parts) == 1 else replace(found, key=None, key_from="heard"), part, name)


def _notes(config: CorpusConfig, found: Found, part: Part, name: str) -> Iterator[tuple[str, Candidate | Rejected, Pitch | None]]:
    if part.clipped:
        yield name, Rejected(name, "clipped"), None
        return
    pitch = key_of(found, part.heard)
    if isinstance(pitch, str):
        yield name, Rejected(name, pitch), None
        return
    if not LOWEST_KEY <= pitch.key <= HIGHEST_KEY:
        yield name, Rejected(name, f"key {pitch.key} is outside {LOWEST_KEY}..{HIGHEST_KEY}"), pitch
        return
    velocity = USUAL_VELOCITY if found.velocity is None else found.velocity
    try:
        plain = Candidate(pitch.key, velocity, held_as_the_grid(part.samples, pitch.key), found.preset, found.family, 1.0, Performance(), MAX_TUNING_CENTS)
    except Unusable as error:
        yield name, Rejected(name, str(error)), pitch
        return
    yield name, plain, pitch
    for variant in _variants(config, plain, part, name):
        yield name, variant, None


def _variants(config: CorpusConfig, plain: Candidate, part: Part, name: str) -> Iterator[Candidate]:
    seed = list(name.encode())
    for wanted in config.variants:
        if plain.family not in wanted.families:
            continue
        performance = draw(wanted.kind, seed)
        if wanted.kind == "swept":
            yield replace(plain, performance=performance)
        elif wanted.kind == "stacked":
            cents = performance.detune_cents
            stacked = STACKED_SHARE * retune(plain.samples, -cents) + (1 - STACKED_SHARE) * retune(plain.samples, cents)
            yield replace(plain, samples=stacked, performance=performance)
        elif wanted.kind == "transposed":
            for key in (plain.key + semitones for semitones in SHIFTS):
                if LOWEST_KEY <= key <= HIGHEST_KEY:
                    samples = held_as_the_grid(_transposed(part.samples, key - plain.key), key)
                    yield replace(plain, key=key, samples=samples, performance=performance)


def _transposed(samples: np.ndarray, semitones: int) -> np.ndarray:
    """Played faster or slower, as long as that makes it."""
    length = round(len(samples) * 2 ** (-semitones / 12))
    room = -(-max(length, len(samples)) // PAD_TO_FRAMES) * PAD_TO_FRAMES
    return retune(np.pad(samples, (0, room - len(samples))), -100.0 * semitones)[:length]
