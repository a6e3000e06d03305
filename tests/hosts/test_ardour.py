"""Both plugins in Ardour, a whole DAW without its screen: scanned, put on a track, saved with the session, exported by another process.

Where Ardour is not installed the tests say so and are skipped.
"""

import shutil

import numpy
import pytest
from ardour import PROGRAM, Ardour, Session
from conftest import RATE_HZ, cents_from, f0_hz, level_db

BED_S = 5
BED_ON_A_TRACK = """
local tracks = session:new_audio_track(2, 2, nil, 1, "Voice", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal)
local bed = ARDOUR.LuaAPI.new_plugin(session, "Understory Bed", ARDOUR.PluginType.VST3, "")
assert(not bed:isnil(), "the effect is not found")
assert(tracks:front():add_processor_by_index(bed, 0, nil, true) == 0)
local seed = os.getenv("SEED")
if seed then
    local plugin, found = bed:to_insert():plugin(0), false
    for index = 0, plugin:parameter_count() - 1 do
        if plugin:parameter_label(index) == "Seed" then
            assert(ARDOUR.LuaAPI.set_processor_param(bed, index, tonumber(seed)), "the seed cannot be set")
            found = true
        end
    end
    assert(found, "no parameter is called Seed")
    -- The engine hands it over with its next block.
    ARDOUR.LuaAPI.usleep(1000000)
end
"""
INSTRUMENT_ON_A_TRACK = """
local instrument = ARDOUR.LuaAPI.new_plugin_info("Understory", ARDOUR.PluginType.VST3)
assert(not instrument:isnil(), "the instrument is not found")
local midi = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
local audio = ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2)
local tracks = session:new_midi_track(midi, audio, true, instrument, nil, nil, 1, "Keys", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true, false)
local output = tracks:front():output()
for side = 0, 1 do
    assert(output:audio(side):connect("Master/audio_in " .. side + 1) == 0)
end
"""

pytestmark = pytest.mark.skipif(shutil.which(PROGRAM) is None, reason="Ardour 7 is not installed (Debian's package ardour)")


@pytest.fixture(scope="module")
def ardour(bundle, tmp_path_factory) -> Ardour:
    return Ardour(tmp_path_factory.mktemp("home"), bundle)


def session_with_bed(ardour: Ardour, name: str, **variables: str) -> Session:
    session = ardour.make_session(name, BED_ON_A_TRACK, BED_S, **variables)
    assert "Understory Bed" in session.file.read_text()
    return session


def test_ardour_finds_both_plugins(ardour):
    found = [line for line in ardour.scanned.splitlines() if "Found Plugin" in line]
    assert len(found) == 2 and found[0].endswith("Understory") and found[1].endswith("Understory Bed"), ardour.scanned


def test_the_bed_is_heard_on_a_track_twice_the_same_and_its_state_is_saved_with_the_session(ardour):
    session = session_with_bed(ardour, "first")
    first = ardour.export(session)
    assert first.shape == (2, BED_S * RATE_HZ) and numpy.isfinite(first).all()
    for second in range(BED_S - 1):
        assert -50 < level_db(first, second, second + 1) < -10, f"from {second} s on"
    assert numpy.array_equal(first, ardour.export(session))
    other = ardour.export(session_with_bed(ardour, "other", SEED="4242"))
    assert numpy.abs(other - first).max() > 0.01, "a seed that was set is not saved"


def test_notes_on_a_midi_track_are_heard_at_their_time_and_pitch_twice_the_same(ardour):
    session = ardour.make_session("keys", INSTRUMENT_ON_A_TRACK, 4)
    session.put_notes([(1, 3, 60), (3, 5, 67)])  # half a second to a beat
    first = ardour.export(session)
    assert first.shape == (2, 4 * RATE_HZ) and numpy.isfinite(first).all()
    assert not first[:, : RATE_HZ // 2].any(), "something sounds before the first note"
    assert level_db(first, 0.5, 0.6) > -50, "the first note is late"
    for key, start_s in ((60, 0.7), (67, 1.9)):
        piece = first.mean(axis=0)[int(start_s * RATE_HZ) : int((start_s + 0.5) * RATE_HZ)]
        assert abs(cents_from(key, f0_hz(piece))) < 5, f"key {key}"
    assert numpy.array_equal(first, ardour.export(session))
