"""A run that is interrupted, damaged, shared or lost."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import torch
from conftest import TRAINING, run_step

from pipeline import checkpoint, start_file
from pipeline.errors import Diverged, InputError
from sound import train, trainer
from sound.config import load_config
from sound.dataset import load_dataset
from sound.evaluation import Health
from sound.grid import Grid
from sound.losses import GAMES, discriminator_loss
from sound.measures import ATTRIBUTES
from sound.trainer import Trainer, new_trainer


@pytest.fixture(scope="module")
def dataset(tiny):
    return load_dataset(tiny.corpus, Grid())


def tensors(state, name: str = ""):
    """Every tensor and number of a trainer's state: networks, average, optimizers' memories."""
    if isinstance(state, dict):
        for key, value in state.items():
            yield from tensors(value, f"{name}.{key}")
    elif not isinstance(state, (str, list, tuple, type(None))):
        yield name, torch.as_tensor(state)


def assert_equal(one: Trainer, other: Trainer) -> None:
    for (name, a), (_, b) in zip(tensors(one.state()), tensors(other.state()), strict=True):
        assert torch.equal(a, b), name


def test_a_resumed_run_is_the_uninterrupted_run(dataset, tmp_path):
    config = load_config("sound_narrow_tiny")
    straight, first, second = (new_trainer(config, dataset) for _ in range(3))
    for _ in range(2):
        first.train_step()
    checkpoint.save(tmp_path, first.state())
    second.restore(checkpoint.load(tmp_path, config.sha256))
    for _ in range(7):  # with a penalty on both sides of the interruption: steps 0 and 8
        second.train_step()
    for _ in range(9):
        straight.train_step()
    assert_equal(straight, second)


@pytest.mark.parametrize("game", GAMES)
def test_either_game_moves_both_networks(dataset, game):
    config = load_config("sound_narrow_tiny")
    config = replace(config, training=replace(config.training, game=game))
    run, start = new_trainer(config, dataset), new_trainer(config, dataset)
    losses = run.train_step()
    assert {"generator", "discriminator", "penalty"} <= set(losses)
    assert not torch.equal(run.generator.base, start.generator.base)
    assert not torch.equal(run.discriminator.first.weight, start.discriminator.first.weight)


def test_an_attribute_without_weight_teaches_nothing(dataset):
    run = new_trainer(load_config("sound_narrow_tiny"), dataset)
    batch, latent = run._draw(0)
    loss, _ = discriminator_loss(run.discriminator, batch, run._generate(batch, latent), GAMES[0], [0.0, 0.0, 1.0, 0.0])
    loss.backward()
    moved = run.discriminator.attributes.weight.grad.abs().sum(dim=1)
    assert (moved > 0).tolist() == [name == "noisiness" for name in ATTRIBUTES]


def test_a_run_that_starts_from_another_has_its_networks_and_counts_its_samples(tiny, dataset, tmp_path):
    config = load_config("sound_narrow_tiny")
    longer = replace(config, training=replace(config.training, samples=2048 + 16), sha256="another")
    run = train.train(longer, dataset, tmp_path, stop_after_s=0, start=tiny.run)
    assert run.samples == 0 and run.samples_before == 2048
    before = checkpoint.load(tiny.run, None)
    for name in ("generator", "discriminator_optimizer"):
        for (path, a), (_, b) in zip(tensors(before[name]), tensors(run.state()[name]), strict=True):
            assert torch.equal(a, b), path


def test_a_learnt_generator_waits_for_a_new_discriminator(tiny, dataset, tmp_path, monkeypatch):
    config = load_config("sound_narrow_tiny")
    monkeypatch.setattr(trainer, "CATCH_UP_SAMPLES", 2 * config.training.batch)
    learnt = checkpoint.load(tiny.run, None)
    numbers = {"samples": learnt["samples"], "samples_before": learnt["samples_before"]}
    torch.save(numbers | {part: learnt[part] for part in ("generator", "average")}, tmp_path / "networks")
    run, other = new_trainer(config, dataset), new_trainer(config, dataset)
    run.start_from(start_file.load(tmp_path / "networks"))
    for _ in range(2):
        before = run.discriminator.first.weight.clone()
        assert "generator" not in run.train_step()
        assert not torch.equal(run.discriminator.first.weight, before)
        assert torch.equal(run.generator.base, learnt["generator"]["base"])
        assert torch.equal(run.average.base, learnt["average"]["base"])
    checkpoint.save(tmp_path, run.state())
    other.restore(checkpoint.load(tmp_path, config.sha256))
    for trained in (run, other):
        assert "generator" in trained.train_step()
        assert not torch.equal(trained.generator.base, learnt["generator"]["base"])
    assert_equal(run, other)


def test_a_wider_network_takes_over_what_fits(tiny, dataset):
    config = load_config("sound_narrow_tiny")
    wider = replace(config, network=replace(config.network, channels=[12, 12, 8, 10, 8]))
    run = new_trainer(wider, dataset)
    new = run.start_from(checkpoint.load(tiny.run, None))
    assert "generator.levels.3.convolution.weight" in new and "generator.mapping.0.weight" not in new
    assert run.train_step()


def test_two_processes_are_one_with_twice_the_batch(tiny, dataset, tmp_path):
    script = tmp_path / "crew.py"
    script.write_text(
        "import sys, json, torch; torch.set_num_threads(1)\n"
        "from pathlib import Path; from sound.config import load_config; from sound.dataset import load_dataset\n"
        "from sound.distributed import Crew; from sound.grid import Grid; from sound.trainer import new_trainer\n"
        "crew = Crew.join(); run = new_trainer(load_config('sound_narrow_tiny'), load_dataset(Path(sys.argv[1]), Grid()), crew)\n"
        "rows = []\n"
        "for _ in range(4):\n"
        "    losses = run.train_step(); shared = torch.tensor([losses['discriminator'], losses['generator']]); crew.average([shared]); rows.append(shared.tolist())\n"
        "Path(sys.argv[2], f'{crew.rank}.json').write_text(json.dumps([run.samples, rows]))\n"
        "crew.leave()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(TRAINING), "OMP_NUM_THREADS": "1", "UNDERSTORY_FP32": "1"}
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", str(script), str(tiny.corpus), str(tmp_path)]
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    (samples, shared), (_, same) = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    config = load_config("sound_narrow_tiny")
    doubled = replace(config, training=replace(config.training, batch=2 * config.training.batch))
    os.environ["UNDERSTORY_FP32"] = "1"
    try:
        alone = new_trainer(doubled, dataset)
        curve = torch.tensor([[losses["discriminator"], losses["generator"]] for losses in (alone.train_step() for _ in range(4))])
    finally:
        del os.environ["UNDERSTORY_FP32"]
    assert shared == same and samples == alone.samples
    # Fresh noise differs between the processes, and the batch deviation is taken over smaller groups: other noise alone
    # moved these losses by up to 0.02 within four steps, and the game enlarges any difference after.
    torch.testing.assert_close(torch.tensor(shared), curve, rtol=0.0, atol=0.04)


def test_a_killed_run_goes_on_from_a_checkpoint_not_older_than_its_interval(tiny, tmp_path):
    folder, command = tmp_path / "run", [sys.executable, "-m", "sound.train", "sound_narrow_tiny", "--corpus", str(tiny.corpus), "--out", str(tmp_path / "run")]
    run = subprocess.Popen(command, cwd=TRAINING, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not (folder / checkpoint.INDEX).is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    run.send_signal(signal.SIGKILL)
    run.wait()
    config = load_config("sound_narrow_tiny")
    state = checkpoint.load(folder, config.sha256)
    assert config.training.checkpoint_every_s == 5 and state["samples"] > 0
    assert load_config("sound_narrow").training.checkpoint_every_s <= 120 and load_config("sound").training.checkpoint_every_s <= 120
    done = run_step("train", "sound_narrow_tiny", "--corpus", str(tiny.corpus), "--out", str(folder), "--stop-after-s", "0", "--json")
    assert json.loads(done.stdout)["samples"] == state["samples"]


def test_a_run_leaves_a_log_for_tensorboard(tiny):
    assert any((tiny.run / "tensorboard").glob("events*"))
    lines = [json.loads(line) for line in (tiny.run / "train.jsonl").read_text().splitlines()]
    assert [line["samples"] for line in lines] == [1024, 2048]


def state_of(size: int) -> dict:
    return {"config_sha256": "c", "step": size, "weights": torch.arange(size, dtype=torch.float32)}


def test_a_large_checkpoint_lies_in_shards_below_16_mib(tmp_path):
    checkpoint.save(tmp_path, state_of(10_000_000))
    shards = list(tmp_path.glob("*.shard"))
    assert len(shards) == 3 and max(s.stat().st_size for s in shards) < 16 * 1024 * 1024
    assert torch.equal(checkpoint.load(tmp_path, "c")["weights"], state_of(10_000_000)["weights"])


def test_only_the_last_two_checkpoints_are_kept(tmp_path):
    for size in (10, 20, 30):
        checkpoint.save(tmp_path, state_of(size))
    assert len(list(tmp_path.glob("*.shard"))) == 2
    (tmp_path / checkpoint.INDEX).unlink()
    assert checkpoint.load(tmp_path, "c")["step"] == 20


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda shard, index: shard.write_bytes(shard.read_bytes()[:100]), "100 bytes"),
        (lambda shard, index: shard.write_bytes(bytes(shard.stat().st_size)), "SHA-256"),
        (lambda shard, index: shard.unlink(), "missing"),
        (lambda shard, index: index.write_text("a text"), "not a checkpoint's index"),
    ],
)
def test_a_damaged_checkpoint_is_named_with_the_way_out_and_kept(tmp_path, damage, message):
    checkpoint.save(tmp_path, state_of(10))
    checkpoint.save(tmp_path, state_of(20))
    index = tmp_path / checkpoint.INDEX
    damage(tmp_path / json.loads(index.read_text())["shards"][0]["name"], index)
    files = sorted(tmp_path.iterdir())
    with pytest.raises(InputError, match=message) as error:
        checkpoint.load(tmp_path, "c")
    assert "checkpoint before" in str(error.value) and sorted(tmp_path.iterdir()) == files
    index.unlink()
    assert checkpoint.load(tmp_path, "c")["step"] == 10


def test_a_full_disk_leaves_the_checkpoint_before_and_says_so(tmp_path):
    checkpoint.save(tmp_path, state_of(10))
    save = "import signal, sys, pathlib, resource, torch; from pipeline import checkpoint, command; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); " \
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); " \
        "command.run(lambda a: checkpoint.save(pathlib.Path(a[0]), {'config_sha256': 'c', 'step': 9, 'weights': torch.zeros(10_000)}))"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", save, str(tmp_path)], cwd=TRAINING, capture_output=True, text=True, check=False)
    assert done.returncode == 4 and done.stderr.startswith("error:") and done.stderr.count("\n") == 1, done.stderr
    assert checkpoint.load(tmp_path, "c")["step"] == 10 and len(list(tmp_path.iterdir())) == 2


def test_a_checkpoint_of_another_configuration_is_refused(tiny):
    with pytest.raises(InputError, match="another configuration"):
        checkpoint.load(tiny.run, "0" * 64)


def test_a_run_that_diverges_stops_with_the_reason_and_keeps_its_checkpoint(tiny, dataset, tmp_path, monkeypatch):
    shutil.copytree(tiny.run, tmp_path / "run")
    before = (tmp_path / "run" / checkpoint.INDEX).read_bytes()
    config = load_config("sound_narrow_tiny")
    longer = replace(config, training=replace(config.training, samples=4096))
    monkeypatch.setattr(trainer, "DIVERGED_LEAD", 1e-9)
    with pytest.raises(Diverged, match="lead"):
        train.train(longer, dataset, tmp_path / "run")
    assert (tmp_path / "run" / checkpoint.INDEX).read_bytes() == before


@pytest.mark.parametrize(
    ("figures", "reason"),
    [({"frechet": 70.0, "variety": 0.9}, "left the data"), ({"frechet": 12.0, "variety": 0.2}, "collapsed"), ({"frechet": float("nan"), "variety": 0.9}, "left the data")],
)
def test_a_run_that_has_lost_what_it_had_is_stopped(figures, reason):
    health = Health({})
    health.check({"frechet": 900.0, "variety": 0.1})  # every run begins like this
    health.check({"frechet": 10.0, "variety": 0.9})
    with pytest.raises(Diverged, match=reason):
        health.check(figures)


def test_the_first_steps_of_a_run_are_those_of_its_seed(dataset):
    config = load_config("sound_narrow_tiny")
    one, same, other = new_trainer(config, dataset), new_trainer(config, dataset), new_trainer(replace(config, seed=2), dataset)
    figures = [run.train_step() for run in (one, same, other)]
    assert figures[0] == figures[1] != figures[2]
