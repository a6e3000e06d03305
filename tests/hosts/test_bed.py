"""Understory Bed, the effect, in pedalboard: a voice goes in, voice and bed come out. Pedalboard says that it plays live, on a timeline that stands for ever."""

import numpy
import pedalboard
import pytest
from conftest import RATE_HZ, level_db, spoken

LENGTH_S = 6.0


@pytest.fixture(scope="module")
def bed(bundle):
    """One instance with a short bed, played once: the first notes are painted meanwhile."""
    effect = pedalboard.load_plugin(str(bundle), plugin_name="Understory Bed", initialization_timeout=60)
    effect(room(), RATE_HZ)
    return effect


def room() -> numpy.ndarray:
    """A dialogue track in which nobody speaks: noise at -66 dB, by which the effect knows that the track is not standing."""
    rng = numpy.random.default_rng(8)
    return (5e-4 * rng.standard_normal([2, int(LENGTH_S * RATE_HZ)])).astype(numpy.float32)


def voice() -> numpy.ndarray:
    return spoken(LENGTH_S)


def test_the_effect_stands_beside_the_instrument_and_takes_no_midi(bundle, bed):
    names = pedalboard.VST3Plugin.get_plugin_names_for_file(str(bundle))
    assert names == ["Understory", "Understory Bed"]
    assert bed.is_effect and not bed.is_instrument
    assert bed.reported_latency_samples == 0


def test_voice_and_bed_come_out_and_the_bed_makes_room(bed):
    alone = bed(room(), RATE_HZ) - room()
    spoken = room() + voice()
    both = bed(spoken, RATE_HZ)
    assert numpy.isfinite(both).all()
    under = both - spoken
    assert level_db(alone, 0, LENGTH_S) > -60
    assert numpy.abs(under[:, : 2 * RATE_HZ] - alone[:, : 2 * RATE_HZ]).max() < 1e-6
    fall_db = level_db(alone, 2.4, 4) - level_db(under, 2.4, 4)
    assert abs(fall_db - 7) < 1, f"{fall_db} dB of 7"


def test_the_same_render_is_the_same_samples_in_any_blocks(bed):
    once = bed(room(), RATE_HZ)
    assert level_db(once - room(), 0, LENGTH_S) > -60
    for block in (64, 1000, 8192):
        assert numpy.array_equal(once, bed(room(), RATE_HZ, buffer_size=block)), block


def test_a_track_that_stands_is_silent(bed):
    assert not bed(numpy.zeros_like(room()), RATE_HZ).any()


def test_a_state_comes_back_and_a_damaged_one_changes_nothing(bed):
    state = bytes(bed.raw_state)
    damaged = bytearray(state)
    rng = numpy.random.default_rng(3)
    for place in rng.integers(0, len(state), len(state) // 10):
        damaged[place] = rng.integers(0, 256)
    bed.raw_state = bytes(damaged)
    assert bytes(bed.raw_state) == state
    bed.raw_state = state
    assert bytes(bed.raw_state) == state
