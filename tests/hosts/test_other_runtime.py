"""Another ONNX Runtime in the process, at work while the plugin's own is."""

import numpy
import onnxruntime
from conftest import ROOT, cents_from, f0_hz
from test_dawdreamer import RATE_HZ, render


def run_the_model() -> list[numpy.ndarray]:
    """The shipped model once, in Python's own runtime."""
    newest = sorted((ROOT / "models/shipped").glob("sound*.onnx"))[-1]
    session = onnxruntime.InferenceSession(str(newest), providers=["CPUExecutionProvider"])
    shapes = {port.name: port.shape[1:] for port in session.get_inputs()}
    # Not zeros: a latent of length 0 has no direction.
    inputs = {name: numpy.full([1, *shape], 0.5, numpy.float32) for name, shape in shapes.items()}
    inputs["key"] = numpy.array([60], numpy.float32)
    return session.run(None, inputs)


def test_both_runtimes_do_their_work(bundle):
    before = run_the_model()
    audio = render(bundle, [(60, 0.0, 1.5)], 2.0)
    after = run_the_model()
    assert abs(cents_from(60, f0_hz(audio.mean(axis=0)[:RATE_HZ]))) < 5
    assert all(numpy.array_equal(one, other) for one, other in zip(before, after, strict=True))
