"""What the pipelines stand on, whatever they train: errors and exit codes, whole files, checkpoints, seeded numbers, settings."""

import os

# Official builds of ONNX Runtime write a number for the machine into the user's cache and report to their maker, unless this
# is set before they are loaded (microsoft/onnxruntime, pull request 27379).
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
