"""An exported model seen as a function of conditions: the ONNX file itself, run by ONNX Runtime on one thread."""

import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from pipeline.errors import InputError

from . import metrics
from .dataset import Batch

METADATA_KEY = "understory_manifest"
INPUTS = ["latent", "key", "velocity", "attributes", "style_offset"]
OUTPUTS = ["level_db", "deviation_cents", "noise_db"]


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """One thread: as the product runs it, and so that times compare."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True)
class Model:
    """An ONNX file seen as a function of conditions."""

    session: onnxruntime.InferenceSession
    manifest: dict

    @staticmethod
    def load(path: Path) -> "Model":
        try:
            facts = {p.key: p.value for p in onnx.load(str(path)).metadata_props}
            return Model(open_session(path), json.loads(facts[METADATA_KEY]))
        except Exception as error:  # onnx and onnxruntime raise a dozen unrelated types for a bad file
            raise InputError(f"{path}: not an Understory sound model ({type(error).__name__}: {error})") from error

    def generate(self, latent: np.ndarray, key, velocity, attributes, offset: np.ndarray | None = None) -> metrics.Maps:
        """latent [n, z], key and velocity [n], attributes [n, a], style offset [n, w] -> the three maps in physical units."""
        if offset is None:
            offset = np.zeros((len(latent), self.manifest["style_length"]))
        columns = [np.asarray(a, dtype=np.float32) for a in (latent, key, velocity, attributes, offset)]
        parts = []
        for i in range(0, len(latent), 32):
            parts.append(self.session.run(OUTPUTS, dict(zip(INPUTS, (c[i : i + 32] for c in columns)))))
        return tuple(np.concatenate(maps) for maps in zip(*parts))

    def like(self, conditions: Batch, seed: int) -> metrics.Maps:
        """One note for each row of conditions, latents from `seed`."""
        latent = np.random.default_rng(seed).standard_normal((len(conditions.key), self.manifest["latent_length"]))
        return self.generate(latent, conditions.key, conditions.velocity, conditions.attributes)

    def milliseconds_per_note(self) -> float:
        """Median of 30 single notes on one thread."""
        times = []
        for seed in range(35):
            latent = np.random.default_rng(seed).standard_normal((1, self.manifest["latent_length"]))
            start = time.perf_counter()
            self.generate(latent, [60], [0.7], np.zeros((1, len(self.manifest["attributes"]))))
            times.append(1000 * (time.perf_counter() - start))
        return float(np.median(times[5:]))
