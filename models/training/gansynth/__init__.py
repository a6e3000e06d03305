"""Magenta's GANSynth, read and rebuilt: checkpoint folder -> ONNX file that speaks our contract. No TensorFlow.

Facts of the format: Engel et al. 2019 (arXiv 1902.08710) and magenta/magenta, `magenta/models/gansynth` (Apache-2.0),
whose behaviour these files reproduce; none of its code is here.
"""

import pipeline  # noqa: F401  before anything loads ONNX Runtime
