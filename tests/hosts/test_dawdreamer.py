"""The VST3 instrument in DawDreamer, a JUCE host."""

import dawdreamer
import numpy
import pytest
from conftest import BLOCK, RATE_HZ, cents_from, f0_hz


def render(bundle, notes, length_s: float, block: int = BLOCK, rate_hz: int = RATE_HZ) -> numpy.ndarray:
    """Plays `(key, start_s, duration_s)` notes from a fresh instance; gives `[2, frames]`."""
    engine = dawdreamer.RenderEngine(rate_hz, block)
    synth = engine.make_plugin_processor("understory", str(bundle))
    for key, start_s, duration_s in notes:
        synth.add_midi_note(key, 100, start_s, duration_s)
    engine.load_graph([(synth, [])])
    engine.render(length_s)
    return engine.get_audio()


@pytest.mark.parametrize("key", [48, 60, 67])
def test_a_key_is_heard_at_its_pitch(bundle, key):
    audio = render(bundle, [(key, 0.0, 1.5)], 2.0)
    assert numpy.isfinite(audio).all()
    assert 0.01 < numpy.abs(audio).max() < 2.0
    assert abs(cents_from(key, f0_hz(audio.mean(axis=0)[: RATE_HZ]))) < 5


def test_silence_is_silent(bundle):
    assert numpy.abs(render(bundle, [], 1.0)).max() == 0.0



def test_the_same_notes_are_the_same_samples_whatever_the_block(bundle):
    notes = [(60, 0.0, 0.5), (64, 0.25, 0.5)]
    once = render(bundle, notes, 1.5)
    assert numpy.array_equal(once, render(bundle, notes, 1.5))
    for block in (64, 333, 4096):
        assert numpy.array_equal(once, render(bundle, notes, 1.5, block)), block
