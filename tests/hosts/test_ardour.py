"""Understory Bed in Ardour, a whole DAW without its screen: scanned, put on a track, saved with the session, exported by another process.

Ardour's exit codes say little: the exported samples are judged. Where Ardour is not installed the test says so and is skipped.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy
import pytest
from conftest import RATE_HZ, level_db
from pedalboard.io import AudioFile

LENGTH_S = 5
SUPERCLOCK_PER_S = 282_240_000
"""Ardour's unit of time."""
SCANNER = "/usr/lib/ardour7/ardour-vst3-scanner"
MAKE_SESSION = """
local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_sample_rate(48000)
local session = create_session(os.getenv("SESSION_FOLDER"), "take", 48000)
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
session:save_state("")
close_session()
quit()
"""

pytestmark = pytest.mark.skipif(shutil.which("ardour7-lua") is None, reason="Ardour 7 is not installed (Debian's package ardour)")


@pytest.fixture(scope="module")
def home(bundle, tmp_path_factory) -> Path:
    """A home folder whose plugins Ardour has scanned."""
    home = tmp_path_factory.mktemp("home")
    (home / ".vst3").mkdir()
    installed = home / ".vst3" / "Understory.vst3"
    installed.symlink_to(bundle)
    words = run(home, [SCANNER, "-v", str(installed)], LD_LIBRARY_PATH="/usr/lib/ardour7", ARDOUR_DLL_PATH="/usr/lib/ardour7")
    assert "Found Plugin: Understory Bed" in words, words
    return home


def run(home: Path, command: list[str], **variables: str) -> str:
    done = subprocess.run(command, env={**os.environ, "HOME": str(home), **variables}, capture_output=True, text=True, timeout=300)
    return done.stdout + done.stderr


def make_session(home: Path, name: str, **variables: str) -> Path:
    """A session with the effect on an empty track, and its range set, which only the screen's user could."""
    folder, script = home / name, home / "make.lua"
    script.write_text(MAKE_SESSION)
    words = run(home, ["ardour7-lua", str(script)], SESSION_FOLDER=str(folder), **variables)
    session = folder / "take.ardour"
    assert session.is_file() and "Understory Bed" in session.read_text(), words
    end = LENGTH_S * SUPERCLOCK_PER_S
    location = f'<Locations><Location id="9000" name="session" start="a0" end="a{end}" flags="IsSessionRange" locked="0" timestamp="0"/></Locations>'
    session.write_text(session.read_text().replace("<Locations/>", location))
    return folder


def export(home: Path, session: Path) -> numpy.ndarray:
    path = session / "out.wav"
    words = run(home, ["ardour7-export", "-b", "float", "-s", str(RATE_HZ), "-o", str(path), str(session), "take"])
    assert path.is_file(), words
    with AudioFile(str(path)) as file:
        return file.read(file.frames)


def test_the_bed_is_heard_on_a_track_twice_the_same_and_its_state_is_saved_with_the_session(home):
    session = make_session(home, "first")
    first = export(home, session)
    assert first.shape == (2, LENGTH_S * RATE_HZ) and numpy.isfinite(first).all()
    for second in range(LENGTH_S - 1):
        assert -50 < level_db(first, second, second + 1) < -10, f"from {second} s on"
    assert numpy.array_equal(first, export(home, session))
    other = export(home, make_session(home, "other", SEED="4242"))
    assert numpy.abs(other - first).max() > 0.01, "a seed that was set is not saved"
