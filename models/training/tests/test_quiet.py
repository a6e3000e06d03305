"""No pipeline lets ONNX Runtime name this machine or report."""

import os
import subprocess
import sys

import pytest
from conftest import TRAINING

RUN_A_MODEL = """
import {module}
import numpy, onnxruntime
from onnx import TensorProto, helper
value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1])
graph = helper.make_graph([helper.make_node("Neg", ["a"], ["b"])], "negative", [value("a")], [value("b")])
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
assert session.run(["b"], {{"a": numpy.ones(1, numpy.float32)}})[0] == -1
"""


@pytest.mark.parametrize("module", ["sound.onnx_model", "picture.model_file", "gansynth.foreign"])
def test_running_a_model_leaves_nothing_in_the_users_folders(tmp_path, module):
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    subprocess.run([sys.executable, "-c", RUN_A_MODEL.format(module=module)], cwd=TRAINING, env=environment | {"XDG_CACHE_HOME": str(tmp_path)}, check=True)
    assert not list(tmp_path.iterdir())
