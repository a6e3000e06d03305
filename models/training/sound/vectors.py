"""Writes the vectors that Rust's tests compare with: `python -m sound.vectors --model FILE -o tests/vectors`.

Per case a grid (level, deviation, noise; float32, row-major) and two stretches of its straight decoding by
`decode.py`; and a few seeded numbers. Small on purpose: the stretch at the end shows any drift of phase.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from pipeline.seeded import hashed, normal, sound_point

from .decode import decode_straight
from .grid import Grid
from .onnx_model import Model

CASES = [(33, 48_000, 11), (60, 44_100, 12), (84, 96_000, 13)]
"""(key, sample rate in Hz, seed)"""
STARTS_S, LENGTH_S = [0.0, 2.9], 0.25


def main(arguments: list[str]) -> dict:
    parser = argparse.ArgumentParser(prog="vectors", description=__doc__)
    parser.add_argument("--model", required=True)
    parser.add_argument("-o", "--out", required=True)
    options = parser.parse_args(arguments)
    folder, model, grid = Path(options.out), Model.load(Path(options.model)), Grid()
    folder.mkdir(parents=True, exist_ok=True)
    cases = []
    for key, rate, seed in CASES:
        latent, attributes = sound_point(seed, model.manifest["latent_length"], len(model.manifest["attributes"]))
        maps = [m[0] for m in model.generate(latent[None], [key], [0.7], attributes[None])]
        samples = decode_straight(grid, *(m.astype(np.float64) for m in maps), key=key, seed=seed, sample_rate_hz=rate)
        starts = [round(s * rate) for s in STARTS_S]
        length = round(LENGTH_S * rate)
        name = f"decode_key{key}.f32"
        values = [m.ravel() for m in maps] + [samples[s : s + length] for s in starts]
        np.concatenate(values).astype("<f4").tofile(folder / name)
        cases.append({"file": name, "key": key, "sample_rate_hz": rate, "seed": seed, "starts": starts, "length": length})
    latent, attributes = sound_point(7, 16, 4, truncation=1.0)
    numbers = {
        "hash": [[s, t, i, int(hashed(s, t, i))] for s, t, i in [(0, 0, 0), (1, 2, 3), (2**32 - 1, 17, 2**31), (48213, 5, 99_999)]],
        "normal": [[s, t, i, float(normal(s, t, i))] for s, t, i in [(1, 16, 0), (1, 16, 1), (9, 15, 3)]],
        "sound_point": {"seed": 7, "truncation": 1.0, "latent": latent.tolist(), "attributes": attributes.tolist()},
    }
    (folder / "vectors.json").write_text(json.dumps({"grid": grid.to_manifest(), "decode": cases, **numbers}, indent=1))
    return {"folder": str(folder), "cases": len(cases)}


if __name__ == "__main__":
    from pipeline.command import run

    run(main)
