"""The picture pipeline: procedural families or a user's folder -> a generator of palette-mixing weights (models/PICTURE_CONTRACT.md)."""

import pipeline  # noqa: F401  before anything loads ONNX Runtime
