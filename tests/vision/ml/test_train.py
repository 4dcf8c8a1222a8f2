"""Trainings of seconds on drawn pictures: both tasks run, resume, and write checkpoints without pickles."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pytest
import torch

from vision.ml import checkpoint, loop, parallel, train
from vision.ml.batches import prefetch
from vision.ml.loop import LoopConfig, rate_at, size_at
from vision.ml.mix import Mix, prior_shift

from .conftest import smoke_arguments


def test_help_explains_itself(capsys):
    with pytest.raises(SystemExit) as ended:
        train.main(["--help"])
    assert ended.value.code == 0
    printed = capsys.readouterr().out
    for word in ("classifier", "segmenter", "--minutes", "--held-out", "--resume", "wall-clock"):
        assert word in printed


@pytest.mark.parametrize("task", ["classifier", "segmenter"])
def test_smoke_training_writes_weights_log_and_config(tiny_runs, task):
    path = tiny_runs[task]
    tensors, meta = checkpoint.load_tensors(path)
    assert meta["train"]["task"] == task and meta["model"]
    assert all(torch.isfinite(t.float()).all() for t in tensors.values())
    assert (path.parent / "config.json").exists() and (path.parent / "progress.safetensors").exists()


def test_resume_goes_on_where_it_stopped(dataset, tmp_path, monkeypatch):
    train.main(smoke_arguments("classifier", dataset, tmp_path))
    first = checkpoint.load_tensors(tmp_path / "progress.safetensors")[1]
    seen = []
    step = loop.take_step
    monkeypatch.setattr(loop, "take_step", lambda *a, **k: seen.append(1) or step(*a, **k))
    train.main(smoke_arguments("classifier", dataset, tmp_path, "--resume", "--max-steps", "5"))
    second = checkpoint.load_tensors(tmp_path / "progress.safetensors")[1]
    assert (first["step"], second["step"], len(seen)) == (2, 5, 3)
    assert second["seconds"] > first["seconds"]


def test_masks_and_start_weights_are_taken(dataset, tmp_path, tiny_runs):
    masks = np.zeros((24, 64, 64), np.uint8)
    masks[:, 16:48, 16:48] = 255
    np.savez(tmp_path / "masks.npz", masks=masks)
    extra = ("--masks", str(tmp_path / "masks.npz"), "--start", str(tiny_runs["segmenter"]))
    assert train.main(smoke_arguments("segmenter", dataset, tmp_path / "run", *extra)).exists()


def test_progress_survives_a_round_trip(tmp_path):
    torch.manual_seed(0)
    model, average = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters(), 0.1)
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    checkpoint.save_progress(tmp_path / "p.safetensors", model, average, optimizer, {"step": 1})
    again, mean = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    other = torch.optim.AdamW(again.parameters(), 0.1)
    assert checkpoint.load_progress(tmp_path / "p.safetensors", again, mean, other) == {"step": 1}
    assert torch.equal(again.weight, model.weight) and torch.equal(mean.weight, average.weight)
    assert torch.equal(other.state[again.weight]["exp_avg"], optimizer.state[model.weight]["exp_avg"])


def test_answers_are_for_photos_as_they_come():
    labels = np.array([[0, 0, -1]] * 8 + [[1, 0, -1]] * 2)
    even = Mix(category_balance=1.0, pattern_balance=0.0)  # both classes are drawn as often
    assert np.allclose(prior_shift(labels, even)[:3], [np.log(0.8 / 0.5), np.log(0.2 / 0.5), 0.0])
    assert np.allclose(prior_shift(labels, Mix(category_balance=0.0, pattern_balance=0.0)), 0.0)


def test_schedule():
    config = LoopConfig(lr=1.0, warmup_steps=10, final_lr=0.01)
    assert rate_at(config, 0.0, 0) == pytest.approx(0.1)
    assert rate_at(config, 0.5, 100) == pytest.approx(0.505)
    assert rate_at(config, 1.0, 100) == pytest.approx(0.01)
    sizes = ((96, 0.5), (128, 1.0))
    assert [size_at(sizes, p) for p in (0, 0.49, 0.5, 1.2)] == [96, 96, 128, 128]


def test_a_loss_that_explodes_stops_the_training():
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with pytest.raises(FloatingPointError, match="learning rate"):
        loop.take_step(model, {}, lambda m, b: m.weight.sum() * float("nan"), optimizer, 0.1, LoopConfig())


def test_an_error_in_the_loader_reaches_the_trainer():
    def broken():
        raise RuntimeError("no such photo")

    with pytest.raises(RuntimeError, match="no such photo"):
        next(prefetch(broken))


def test_the_loader_hands_on_in_order_and_ends_with_its_reader():
    made = itertools.count()
    before = threading.active_count()
    batches = prefetch(lambda: next(made))
    assert list(itertools.islice(batches, 6)) == [0, 1, 2, 3, 4, 5]
    assert threading.active_count() == before + 1
    batches.close()
    assert threading.active_count() == before


def test_one_worker_needs_no_process_group():
    model = torch.nn.Linear(2, 1)
    model(torch.ones(1, 2)).sum().backward()
    before = model.weight.grad.clone()
    parallel.average_gradients(model)
    assert torch.equal(model.weight.grad, before) and parallel.agree(0.25) == 0.25
    assert parallel.start_helpers("train", 1, []) == []


def test_a_related_network_takes_over_what_fits(tmp_path):
    small = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 2))
    checkpoint.save_model(tmp_path / "a.safetensors", small, {}, half=False)
    related = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Linear(8, 3))
    assert checkpoint.start_from(tmp_path / "a.safetensors", related) == ["1.bias", "1.weight"]
    assert torch.equal(related[0].weight, small[0].weight)
    foreign = torch.nn.Sequential(torch.nn.Linear(9, 9), torch.nn.Linear(8, 2))
    with pytest.raises(ValueError, match="another network: only 2 of 4"):
        checkpoint.start_from(tmp_path / "a.safetensors", foreign)
    with pytest.raises(ValueError, match="another network: it lacks 2.bias"):
        checkpoint.load_model(tmp_path / "a.safetensors", torch.nn.Sequential(*small, torch.nn.Linear(2, 2)))
