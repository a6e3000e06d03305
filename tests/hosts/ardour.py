"""Ardour without its screen: scans the plugins, makes a session by a script, exports it by another process.

Ardour's exit codes say little: what it wrote is judged.
"""

import os
import re
import struct
import subprocess
from pathlib import Path

import numpy
from conftest import RATE_HZ
from pedalboard.io import AudioFile

PROGRAM = "ardour7-lua"
SCANNER = "/usr/lib/ardour7/ardour-vst3-scanner"
SUPERCLOCK_PER_S = 282_240_000
"""Ardour's unit of time."""
TICKS_PER_BEAT = 1920
"""And of musical time, at two beats per second in a new session."""
OPEN = """
local backend = AudioEngine:set_backend("None (Dummy)", "", "")
backend:set_sample_rate(48000)
local session = create_session(os.getenv("SESSION_FOLDER"), "take", 48000)
"""
CLOSE = """
session:save_state("")
close_session()
quit()
"""


class Ardour:
    """A home folder whose plugins are scanned."""

    def __init__(self, home: Path, bundle: Path):
        self.home = home
        (home / ".vst3").mkdir()
        installed = home / ".vst3" / "Understory.vst3"
        installed.symlink_to(bundle)
        self.scanned = self._run([SCANNER, "-v", str(installed)], LD_LIBRARY_PATH="/usr/lib/ardour7", ARDOUR_DLL_PATH="/usr/lib/ardour7")

    def make_session(self, name: str, script: str, length_s: float, **variables: str) -> "Session":
        """What a Lua script makes of a new `session`, and its range set, which only the screen's user could."""
        folder, path = self.home / name, self.home / "make.lua"
        path.write_text(OPEN + script + CLOSE)
        words = self._run([PROGRAM, str(path)], SESSION_FOLDER=str(folder), **variables)
        session = Session(folder)
        assert session.file.is_file(), words
        end = int(length_s * SUPERCLOCK_PER_S)
        session.replace("<Locations/>", f'<Locations><Location id="9000" name="session" start="a0" end="a{end}" flags="IsSessionRange" locked="0" timestamp="0"/></Locations>')
        return session

    def export(self, session: "Session") -> numpy.ndarray:
        """[2, frames] of the session's range."""
        path = session.folder / "out.wav"
        path.unlink(missing_ok=True)
        words = self._run(["ardour7-export", "-b", "float", "-s", str(RATE_HZ), "-o", str(path), str(session.folder), "take"])
        assert path.is_file(), words
        with AudioFile(str(path)) as file:
            return file.read(file.frames)

    def _run(self, command: list[str], **variables: str) -> str:
        done = subprocess.run(command, env={**os.environ, "HOME": str(self.home), **variables}, capture_output=True, text=True, timeout=300)
        return done.stdout + done.stderr


class Session:
    """A saved session."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "take.ardour"

    def replace(self, text: str, by: str) -> None:
        """Changes the file in one place."""
        before = self.file.read_text()
        assert before.count(text) == 1, text
        self.file.write_text(before.replace(text, by))

    def put_notes(self, notes: list[tuple[float, float, int]]) -> None:
        """Puts a region with notes (start and end in beats, key) at the start of its one MIDI track."""
        (self.folder / "interchange" / self.folder.name / "midifiles" / "tune.mid").write_bytes(midi_file(notes))
        self.replace("<Sources/>", '<Sources><Source name="tune.mid" take-id="" type="midi" flags="Writable,CanRename" id="9001" origin=""/></Sources>')
        playlist = re.search(r'<Playlist [^>]*type="midi"[^>]*(?=/>)', self.file.read_text()).group(0)
        length = int(max(end for _, end, _ in notes) * TICKS_PER_BEAT)
        region = f'<Region name="tune" id="9002" type="midi" start="b0" length="b{length}@b0" opaque="1" whole-file="0" first-edit="nothing" source-0="9001" master-source-0="9001"/>'
        self.replace(f"{playlist}/>", f"{playlist}>{region}</Playlist>")


def midi_file(notes: list[tuple[float, float, int]]) -> bytes:
    """A standard MIDI file of one track."""
    messages = [(int(start * TICKS_PER_BEAT), bytes([0x90, key, 100])) for start, _, key in notes]
    messages += [(int(end * TICKS_PER_BEAT), bytes([0x80, key, 64])) for _, end, key in notes]
    track, now = b"", 0
    for tick, message in sorted(messages):
        track += variable_length(tick - now) + message
        now = tick
    track += variable_length(0) + b"\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_BEAT) + b"MTrk" + struct.pack(">I", len(track)) + track


def variable_length(number: int) -> bytes:
    """Seven bits to a byte, the highest first."""
    groups = [number & 0x7F]
    while number := number >> 7:
        groups.insert(0, 0x80 | number & 0x7F)
    return bytes(groups)
