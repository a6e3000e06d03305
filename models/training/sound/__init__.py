"""The sound generator's pipeline: prepare -> train -> export -> evaluate.

The order of the data: soundfont (notes as samples) -> analysis (samples to grids) -> prepare (corpus on disk) ->
dataset (tensors) -> network, losses, train -> export (ONNX with manifest) -> evaluate (report). `decode` is the twin
of the Rust engine's decoder. The contract all of it keeps is models/CONTRACT.md.
"""

import pipeline  # noqa: F401  before anything loads ONNX Runtime
