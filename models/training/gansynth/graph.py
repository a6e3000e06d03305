"""The generator as an ONNX graph made for speed: `latent [n, z]`, `key [n]` -> `mel [n, 128, 1024, 2]` in physical units.

Nearest doubling followed by a 3x3 convolution is one transposed convolution 4x4 of stride 2 (exact; 14.07 -> 9.17 GMAC), and the
first convolution over a single cell is a matrix product.
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .architecture import FULL_SIZE, Architecture
from .network import LEAK, NORM_EPSILON

OPSET = 20
SPREAD = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=np.float32)
"""Taps of a 3-wide kernel on a doubled axis, as taps of a 4-wide transposed kernel: out[o] = sum over i of x[i] K[o - 2i + 1]."""


class _Graph:
    """Nodes and weights so far; every method gives the name of a new value."""

    def __init__(self):
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def weight(self, array: np.ndarray) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes) -> str:
        name = output or f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], **attributes))
        return name

    def pixel_norm(self, x: str) -> str:
        power = self.add("ReduceMean", self.add("Mul", x, x), self.weight(np.array([1], dtype=np.int64)), keepdims=1)
        size = self.add("Sqrt", self.add("Add", power, self.weight(np.float32(NORM_EPSILON).reshape(()))))
        return self.add("Div", x, size)

    def activate(self, x: str) -> str:
        return self.pixel_norm(self.add("LeakyRelu", x, alpha=LEAK))


def build_graph(architecture: Architecture, lowest_key: int) -> onnx.ModelProto:
    """The whole network, without a manifest. Blocks that no longer reach the output are left out."""
    graph = _Graph()
    x = _first_block(graph, architecture, _latent_with_pitch(graph, architecture, lowest_key))
    pictures = []
    for number, block in enumerate(architecture.blocks, start=1):
        if number > 1:
            x = _double_and_convolve(graph, x, block.first_kernel, block.first_bias)
        x = graph.activate(graph.add("Conv", x, graph.weight(block.second_kernel.transpose(3, 2, 0, 1)), graph.weight(block.second_bias), pads=[1, 1, 1, 1]))
        if architecture.weight_of(number) > 0:
            pictures.append(_picture(graph, architecture, number, x))
    total = pictures[0] if len(pictures) == 1 else graph.add("Sum", *pictures)
    channels_last = graph.add("Transpose", total, perm=[0, 2, 3, 1])
    scale = np.array([1 / architecture.magnitude[0], 1 / architecture.phase[0]], dtype=np.float32)
    offset = np.array([architecture.magnitude[1], architecture.phase[1]], dtype=np.float32)
    graph.add("Mul", graph.add("Sub", channels_last, graph.weight(offset)), graph.weight(scale), output="mel")
    return _model(graph, architecture)


def _latent_with_pitch(graph: _Graph, architecture: Architecture, lowest_key: int) -> str:
    """One-hot of the nearest trained key, behind the latent; normed together."""
    bounds = [graph.weight(np.float32(value).reshape(())) for value in (0, architecture.num_pitches - 1)]
    above = graph.add("Sub", graph.add("Round", "key"), graph.weight(np.float32(lowest_key).reshape(())))
    index = graph.add("Cast", graph.add("Clip", above, *bounds), to=TensorProto.INT64)
    depth, values = graph.weight(np.array([architecture.num_pitches], dtype=np.int64)), graph.weight(np.array([0, 1], dtype=np.float32))
    label = graph.add("OneHot", index, depth, values, axis=-1)
    return graph.pixel_norm(graph.add("Concat", "latent", label, axis=1))


def _first_block(graph: _Graph, architecture: Architecture, x: str) -> str:
    """A kernel slid over one cell: the cell at (i, j) sees the kernel's tap from the other end."""
    kernel, bias = architecture.blocks[0].first_kernel, architecture.blocks[0].first_bias
    height, width, inputs, outputs = kernel.shape
    matrix = kernel[::-1, ::-1].transpose(2, 3, 0, 1).reshape(inputs, outputs * height * width)
    flat = graph.add("Gemm", x, graph.weight(matrix), graph.weight(np.repeat(bias, height * width)))
    return graph.activate(graph.add("Reshape", flat, graph.weight(np.array([-1, outputs, height, width], dtype=np.int64))))


def _double_and_convolve(graph: _Graph, x: str, kernel: np.ndarray, bias: np.ndarray) -> str:
    spread = np.einsum("ah,bw,hwio->ioab", SPREAD, SPREAD, kernel)
    return graph.activate(graph.add("ConvTranspose", x, graph.weight(spread), graph.weight(bias), strides=[2, 2], pads=[1, 1, 1, 1]))


def _picture(graph: _Graph, architecture: Architecture, number: int, x: str) -> str:
    """What block `number` contributes, at full size."""
    block, weight = architecture.blocks[number - 1], architecture.weight_of(number)
    rgb = graph.add("Tanh", graph.add("Conv", x, graph.weight(block.rgb_kernel.transpose(3, 2, 0, 1)), graph.weight(block.rgb_bias)))
    growth = FULL_SIZE[0] // block_height(number)
    if growth > 1:
        scales = graph.weight(np.array([1, 1, growth, growth], dtype=np.float32))
        rgb = graph.add("Resize", rgb, "", scales, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    return rgb if weight == 1 else graph.add("Mul", rgb, graph.weight(np.float32(weight).reshape(())))


def block_height(number: int) -> int:
    """Time frames of block 1, 2, ..."""
    return 2**number


def _model(graph: _Graph, architecture: Architecture) -> onnx.ModelProto:
    inputs = [
        helper.make_tensor_value_info("latent", TensorProto.FLOAT, ["n", architecture.latent_length]),
        helper.make_tensor_value_info("key", TensorProto.FLOAT, ["n"]),
    ]
    output = helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["n", *FULL_SIZE, 2])
    body = helper.make_graph(graph.nodes, "gansynth", inputs, [output], graph.weights)
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    return model
