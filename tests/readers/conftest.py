"""Pictures of one request in every format, painted by the program on the toy model."""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 96, 54


def paint(folder: Path, name: str, *flags: str) -> Path:
    """Runs `backdrop` and gives the file."""
    program = os.environ.get("UNDERSTORY_PROGRAM") or ROOT / "target" / "debug" / "understory"
    toy = ROOT / "models/tests/fixtures/picture_toy.onnx"
    command = [program, "backdrop", "--model", toy, "--size", f"{WIDTH}x{HEIGHT}", "--seed", "7", "--json", "-o", name, *flags]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["width"] == WIDTH
    return folder / name


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same picture as files, by what they are."""
    folder = tmp_path_factory.mktemp("pictures")
    return {
        "png8": paint(folder, "a.png"),
        "png16": paint(folder, "b.png", "--bits", "16"),
        "p3": paint(folder, "c.png", "--color-space", "p3"),
        "alpha": paint(folder, "d.png", "--transparent", "2", "--palette", "#0b1d3a,#edae49,#30638e"),
        "jpeg": paint(folder, "e.jpg", "--quality", "97"),
        "webp": paint(folder, "f.webp", "--quality", "97"),
        "avif": paint(folder, "g.avif", "--quality", "97"),
        "tiff": paint(folder, "h.tiff"),
        "exr": paint(folder, "i.exr"),
    }
