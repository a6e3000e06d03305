"""Keys and velocities in names: `Cello_C#4_mf`, `vox-060-100`, `Bb2`. Pure functions of words."""

import re

NATURAL_SEMITONES = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
DYNAMICS = {"ppp": 0.15, "pp": 0.25, "p": 0.4, "mp": 0.5, "mf": 0.65, "f": 0.8, "ff": 0.92, "fff": 1.0}
_NOTE = re.compile(r"(?<![A-Za-z0-9])([A-Ga-g])(#|s|♯|b|♭|-sharp|-flat)?(-?\d)(?![0-9])")
_NUMBER = re.compile(r"(?<!\d)(\d{2,3})(?!\d)")
_NSYNTH = re.compile(r"-(\d{3})-(\d{3})$")
_VELOCITY = re.compile(r"(?<![A-Za-z])(?:v|vel|velocity)[ _-]?(\d{1,3})(?!\d)", re.IGNORECASE)
_DYNAMIC = re.compile(r"(?<![A-Za-z])(ppp|pp|p|mp|mf|fff|ff|f)(?![A-Za-z0-9])")


def key_of_note_name(words: str) -> int | None:
    """MIDI number of a note name with its octave (C4 = 60)."""
    match = re.fullmatch(r"\s*([A-Ga-g])(#|s|♯|b|♭)?(-?\d)\s*", words)
    return _key(*match.groups()) if match else None


def key_in(words: str) -> int | None:
    """The key that a file name or title speaks of: the last note name with an octave, else a lone number from 21 to 108."""
    nsynth = _NSYNTH.search(words)
    if nsynth:
        return int(nsynth[1])
    names = [_key(*match.groups()) for match in _NOTE.finditer(words)]
    if names:
        return names[-1]
    numbers = [int(n) for n in _NUMBER.findall(_VELOCITY.sub(" ", words)) if 21 <= int(n) <= 108]
    return numbers[0] if len(numbers) == 1 else None


def velocity_in(words: str) -> float | None:
    """0..1 from `v100`, `vel 64`, NSynth's third number, or a dynamic mark that stands alone (`_mf_`)."""
    nsynth, marked = _NSYNTH.search(words), _VELOCITY.search(words)
    number = int(nsynth[2]) if nsynth else int(marked[1]) if marked else None
    if number is not None:
        return min(max(number, 1), 127) / 127
    dynamics = _DYNAMIC.findall(_NOTE.sub(" ", words))
    return DYNAMICS[dynamics[-1]] if dynamics else None


def _key(letter: str, accidental: str | None, octave: str) -> int:
    shift = {None: 0, "#": 1, "s": 1, "♯": 1, "-sharp": 1}.get(accidental, -1)
    return 12 * (int(octave) + 1) + NATURAL_SEMITONES[letter.lower()] + shift
