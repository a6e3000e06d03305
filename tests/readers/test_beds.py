"""Random beds, heard by a second meter: ffmpeg's ebur128, which shares no code with ours.

Twelve short ones by default. `UNDERSTORY_BEDS=200` makes as many as the project promises, the longest of 20 minutes; `-s` shows the figures.
"""

import json
import math
import os
import random
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NUM_BEDS = int(os.environ.get("UNDERSTORY_BEDS") or 12)
# Most are short, one in twenty is long and one in a hundred very long: shortest and longest, s.
SHORT_S, LONG_S, VERY_LONG_S = (3.0, 45.0), (90.0, 360.0), (1000.0, 1200.0)
# Hits lie on frames of the video; the last one leaves the bed this much.
LAST_HIT_S = 0.1
FRAMES_PER_S = {"23.976": 24000 / 1001, "24": 24.0, "25": 25.0, "29.97df": 30000 / 1001, "30": 30.0, "50": 50.0, "59.94": 60000 / 1001, "60": 60.0}
MOODS = "still calm tender sad wistful nostalgic warm dreamy mysterious dark curious hopeful tense playful bright determined urgent triumphant".split()
MODES = ["", " minor", " dorian", " phrygian", " lydian", " mixolydian", " aeolian", " locrian", " harmonic minor"]
# LUFS and dBTP of YouTube, podcasts, EBU R 128, ATSC A/85.
TARGETS = [(-14.0, -1.0), (-16.0, -1.0), (-23.0, -1.0), (-24.0, -2.0)]
LOUDNESS_TOLERANCE_LU = 0.1
# ffmpeg prints three decimals of a factor: near -1 dBTP half a step of that is 0.005 dB.
PEAK_PRECISION_DB = 0.01


@dataclass
class Bed:
    """A request and what came of it."""

    length_s: float
    rate_hz: int
    target: tuple[float, float]
    num_hits: int
    file: Path
    told: dict


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed here: `apt-get install {package}`")
    return found


def make(folder: Path, index: int, name: str) -> Bed:
    """Any length, mood, key, tempo, metre, density, frame rate and 0 to 12 hits: a function of the index."""
    dice = random.Random(f"bed {index}")
    shortest_s, longest_s = VERY_LONG_S if index % 100 == 99 else LONG_S if index % 20 == 19 else SHORT_S
    length_s = round(shortest_s * (longest_s / shortest_s) ** dice.random(), 3)
    fps = dice.choice(sorted(FRAMES_PER_S))
    rate_hz = dice.choice([48_000, 48_000, 44_100])
    target = dice.choice(TARGETS)
    flags = [f"--length={length_s}s", f"--seed={index}", f"--fps={fps}", f"--rate={rate_hz}", f"--lufs={target[0]}", f"--true-peak={target[1]}"]
    if dice.random() < 0.7:
        flags.append(f"--mood={dice.choice(MOODS)}")
    else:
        flags += [f"--valence={dice.uniform(-1, 1):.2f}", f"--energy={dice.random():.2f}"]
    if dice.random() < 0.4:
        flags.append(f"--key={dice.choice('CDEFGAB')}{dice.choice(['', '#', 'b'])}{dice.choice(MODES)}")
    if dice.random() < 0.4:
        flags.append(f"--tempo={dice.randint(40, 180)}")
    if dice.random() < 0.3:
        flags.append(f"--metre={dice.choice(['3/4', '4/4', '5/4', '6/8', '7/4', '12/8'])}")
    if dice.random() < 0.3:
        flags.append(f"--density={dice.random():.2f}")
    frames = {int(dice.random() * (length_s - LAST_HIT_S) * FRAMES_PER_S[fps]) for _ in range(dice.randint(0, 12))}
    if frames:
        lines = [f"{frame / FRAMES_PER_S[fps]:.6f},hit {frame}" for frame in sorted(frames)]
        markers = folder / f"{name}.csv"
        markers.write_text("\n".join(["time_s,name", *lines]) + "\n")
        flags.append(f"--markers={markers}")
    file = folder / f"{name}.wav"
    ourselves = os.environ.get("UNDERSTORY_PROGRAM") or ROOT / "target" / "release" / "understory"
    done = subprocess.run([ourselves, "bed", *flags, "--json", "-o", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (index, flags, done.stderr)
    return Bed(length_s, rate_hz, target, len(frames), file, json.loads(done.stdout))


def heard(ffmpeg: str, file: Path) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP, as the last frame of the meter has them."""
    graph = "ebur128=peak=true:metadata=1,ametadata=mode=print:file=-"
    command = [ffmpeg, "-v", "error", "-nostats", "-i", file, "-af", graph, "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    integrated = re.findall(r"lavfi\.r128\.I=(\S+)", told)
    peaks = [float(peak) for peak in re.findall(r"lavfi\.r128\.true_peaks_ch\d=(\S+)", told)]
    return float(integrated[-1]), 20 * math.log10(max(peaks))


def num_frames(ffprobe: str, file: Path) -> int:
    command = [ffprobe, "-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0", file]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def test_random_beds_are_exact_on_their_hits_and_as_loud_as_asked(tmp_path: Path) -> None:
    ffmpeg, ffprobe = program("ffmpeg", "ffmpeg"), program("ffprobe", "ffmpeg")
    fingerprints, num_hits, num_met = set(), 0, 0
    worst_lu, least_headroom_db, faults = 0.0, math.inf, []
    for index in range(NUM_BEDS):
        bed = make(tmp_path, index, "bed")
        lufs, peak_db = heard(ffmpeg, bed.file)
        off_lu, headroom_db = abs(lufs - bed.target[0]), bed.target[1] - peak_db
        worst_lu, least_headroom_db = max(worst_lu, off_lu), min(least_headroom_db, headroom_db)
        # Half a frame is rounded up; Python's `round` would make it even.
        if num_frames(ffprobe, bed.file) != math.floor(bed.length_s * bed.rate_hz + 0.5):
            faults.append(f"bed {index} is not as long as asked")
        if off_lu > LOUDNESS_TOLERANCE_LU or headroom_db < -PEAK_PRECISION_DB:
            faults.append(f"bed {index} of {bed.length_s} s: {lufs} LUFS, {peak_db:.2f} dBTP of {bed.target}")
        hits = bed.told["hits"]
        assert len(hits) == bed.num_hits, index
        met = [abs(hit["miss_frames"]) <= 0.5 for hit in hits]
        num_hits, num_met = num_hits + len(met), num_met + sum(met)
        print(f"bed {index}: {bed.length_s} s, {off_lu:.3f} LU off, {headroom_db:.3f} dB of headroom, {sum(met)} of {len(met)} hits met", flush=True)
        if any(not is_met and not hit["remedy"] for is_met, hit in zip(met, hits, strict=True)):
            faults.append(f"bed {index} does not say what would meet a hit")
        fingerprints.add(bed.told["fingerprint"])
        if index < 3:
            again = make(tmp_path, index, "again")
            assert again.file.read_bytes() == bed.file.read_bytes(), index
            again.file.unlink()
        bed.file.unlink()
    print(f"{NUM_BEDS} beds: {worst_lu:.3f} LU off at most, {least_headroom_db:.3f} dB of headroom at least, {num_met} of {num_hits} hits met")
    assert not faults, faults
    assert len(fingerprints) == NUM_BEDS
    assert num_met >= 0.95 * num_hits
