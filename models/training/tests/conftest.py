"""What several tests share: the tiny pipeline, run once."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

TRAINING = Path(__file__).parent.parent


def run_step(step: str, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess:
    """Runs `python -m sound.STEP` as a user's command does."""
    done = subprocess.run(
        [sys.executable, "-m", f"sound.{step}", *arguments], cwd=TRAINING, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert done.returncode == expect, done.stderr
    return done


@dataclass(frozen=True)
class TinyPipeline:
    corpus: Path
    run: Path
    model: Path
    export: dict


@pytest.fixture(scope="session")
def tiny_corpus(tmp_path_factory) -> Path:
    """What `prepare` makes of sound_narrow_tiny."""
    corpus = tmp_path_factory.mktemp("tiny") / "corpus"
    run_step("prepare", "sound_narrow_tiny", "--out", str(corpus), "--jobs", "1")
    return corpus


@pytest.fixture(scope="session")
def tiny(tiny_corpus, tmp_path_factory) -> TinyPipeline:
    """prepare, train and export of sound_narrow_tiny."""
    root, corpus = tmp_path_factory.mktemp("tiny"), tiny_corpus
    run, model = root / "run", root / "tiny.onnx"
    run_step("train", "sound_narrow_tiny", "--corpus", str(corpus), "--out", str(run))
    done = run_step("export", "sound_narrow_tiny", "--corpus", str(corpus), "--run", str(run), "--out", str(model), "--json")
    return TinyPipeline(corpus, run, model, json.loads(done.stdout.splitlines()[-1]))
