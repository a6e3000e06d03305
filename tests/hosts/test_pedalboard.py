"""The VST3 instrument in pedalboard, another JUCE host, which says that it plays live and renders as fast as it can."""

import numpy
import pedalboard
import pytest
from conftest import RATE_HZ, cents_from, f0_hz


NOTES = [([0x90, 60, 100], 0.0), ([0x80, 60, 0], 1.5)]


@pytest.fixture(scope="module")
def synth(bundle):
    """One instance: loading takes 20 s and more, for it asks every MIDI controller, a parameter in VST3, for the text of a thousand values."""
    return pedalboard.load_plugin(str(bundle), plugin_name="Understory", initialization_timeout=60)


def play(synth) -> numpy.ndarray:
    """Two seconds of middle C."""
    return synth(NOTES, duration=2.0, sample_rate=RATE_HZ, num_channels=2)


def test_a_key_is_heard_at_its_pitch(synth):
    audio = play(synth)
    assert synth.is_instrument
    assert numpy.isfinite(audio).all()
    assert abs(cents_from(60, f0_hz(audio.mean(axis=0)[:RATE_HZ]))) < 5


def test_a_state_comes_back_and_a_damaged_one_changes_nothing(synth):
    state = bytes(synth.raw_state)
    synth.raw_state = state[: len(state) // 2]
    assert bytes(synth.raw_state) == state
    synth.raw_state = state
    assert bytes(synth.raw_state) == state
