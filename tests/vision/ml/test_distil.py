"""Teachers vote on a stream of views that comes the same each time; a student learns from what they said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from vision.ml import checkpoint, distil, ensemble, soft_labels, train
from vision.ml.data import UNKNOWN
from vision.ml.labels import SCENES
from vision.ml.material import load_material
from vision.ml.training import classifier_batches

from .conftest import smoke_arguments


def config_for(dataset, out, *extra):
    return train.parse_config(train.TrainConfig, "train", None, smoke_arguments("classifier", dataset, out, *extra))


def batches(dataset, out, *extra, replay=0):
    config = config_for(dataset, out, *extra)
    return classifier_batches(config, load_material(config), replay=replay)


def student_arguments(dataset, out, teachers, *extra):
    shared = smoke_arguments("classifier", dataset, out)[1:]
    return [*shared, "--teachers", ",".join(map(str, teachers)), "--views", "12", "--teacher-size", "32", *extra]


def test_a_batch_is_known_by_its_number(dataset, tmp_path):
    one, two = batches(dataset, tmp_path), batches(dataset, tmp_path)
    first = [one() for _ in range(3)]
    two.skip(2)
    again = two()
    assert again["number"] == 2
    assert torch.equal(first[2]["images"], again["images"]) and torch.equal(first[2]["labels"], again["labels"])
    assert not torch.equal(first[0]["images"], first[1]["images"])


def test_a_replayed_stream_begins_again(dataset, tmp_path):
    stream = batches(dataset, tmp_path, replay=2)
    first, _, third = stream(), stream(), stream()
    assert [first["number"], third["number"]] == [0, 0] and torch.equal(first["images"], third["images"])


def test_a_number_shows_the_same_view_at_every_size(dataset, tmp_path):
    small, large = batches(dataset, tmp_path), batches(dataset, tmp_path)
    small.size, large.size = 32, 64
    for _ in range(4):
        a, b = small(), large()
        assert torch.equal(a["labels"], b["labels"]) and a["share"] == pytest.approx(b["share"], abs=0.06)
        shrunk = torch.nn.functional.interpolate(b["images"], size=(32, 32), mode="area")
        near, far = (a["images"] - shrunk).abs().mean(), (a["images"] - shrunk.roll(1, 0)).abs().mean()
        assert near < 0.5 * far


def test_scenes_carry_no_category_and_mixtures_no_scene(dataset, tmp_path):
    stream = batches(dataset, tmp_path, "--scene", "--batch", "24")
    shares = set()
    for _ in range(20):
        batch = stream()
        table, other = batch["labels"], batch["other"]
        shares.add(batch["share"] < 1)
        assert table[-2:, 3].tolist() == [SCENES.index("none"), SCENES.index("several")]
        assert (table[-2:, :3] == UNKNOWN).all() and torch.equal(table[-2:], other[-2:])
        if batch["share"] < 1:
            assert (table[:-2, 3] == UNKNOWN).all()
        else:
            assert SCENES.index("single") in table[:-2, 3]
    assert shares == {True, False}


def test_votes_are_weighed_calibrated_probabilities(tmp_path):
    sure, calm = torch.tensor([[4.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    members = [
        soft_labels.Member(tmp_path / "a", {"category": 0.75}, {"category": 2.0}),
        soft_labels.Member(tmp_path / "b", {"category": 0.25}, {"category": 1.0}),
    ]
    expected = 0.75 * (sure / 2).softmax(1) + 0.25 * calm.softmax(1)
    assert torch.allclose(soft_labels.vote([sure, calm], members, "category"), expected)
    softer = soft_labels.vote([sure, calm], members, "category", temperature=3.0)
    assert softer.max() < expected.max() and torch.allclose(softer.sum(1), torch.ones(1))


def test_soft_labels_are_what_the_teachers_say_of_each_batch(dataset, tmp_path, tiny_runs):
    members = soft_labels.equal_members([tiny_runs["classifier"]])
    stream = batches(dataset, tmp_path, replay=2)
    said = soft_labels.kept_soft_labels(stream, members, 2.0, tmp_path / "kept", bf16=False)
    model = soft_labels.load_member(tiny_runs["classifier"])
    with torch.no_grad():
        expected = (model(stream()["images"])[0] / 2.0).softmax(1)
    assert said["category"].shape == (2, 6, 12) and said["pattern"].shape == (2, 6, 10)
    assert np.allclose(said["category"][0], expected, atol=2e-3)
    kept = list((tmp_path / "kept").iterdir())
    again = soft_labels.kept_soft_labels(stream, members, 2.0, tmp_path / "kept", bf16=False)
    assert list((tmp_path / "kept").iterdir()) == kept and np.array_equal(again["category"], said["category"])


def test_a_student_is_distilled_with_a_scene_head(dataset, tmp_path, tiny_runs):
    teachers = [tiny_runs["classifier"]]
    path = distil.main(student_arguments(dataset, tmp_path / "student", teachers))
    tensors, meta = checkpoint.load_tensors(path)
    assert meta["train"]["teachers"] == str(teachers[0]) and meta["model"]["scene"]
    assert tensors["scene.weight"].shape == (len(SCENES), 256)
    assert all(torch.isfinite(t.float()).all() for t in tensors.values())


def test_the_student_comes_to_say_what_the_teachers_say(tmp_path):
    loss_of = distil.distil_loss(0.0, 2.0, bf16=False)
    said = torch.tensor([[0.7, 0.2, 0.1]])
    batch = {
        "images": torch.zeros(1, 3, 4, 4),
        "labels": torch.tensor([[UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]]),
        "other": torch.tensor([[UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]]),
        "share": 1.0,
        "soft": {"category": said, "pattern": said},
    }

    class Free(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.category = torch.nn.Parameter(torch.zeros(1, 3))
            self.pattern = torch.nn.Parameter(torch.zeros(1, 3))

        def all_heads(self, images):
            return {"category": self.category, "pattern": self.pattern}

    model = Free()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    for _ in range(300):
        optimizer.zero_grad()
        loss_of(model, batch).backward()
        optimizer.step()
    assert torch.allclose((model.category / 2.0).softmax(1), said, atol=1e-2)
    batch["labels"] = torch.tensor([[UNKNOWN, UNKNOWN, UNKNOWN, SCENES.index("several")]])
    assert float(loss_of(model, batch)) == 0.0


def test_teachers_must_be_named_and_have_a_vote(dataset, tmp_path, tiny_runs):
    with pytest.raises(ValueError, match="--teachers"):
        distil.main(student_arguments(dataset, tmp_path, []))
    vote = tmp_path / "vote.json"
    vote.write_text(json.dumps({"members": {"other": {}}}))
    with pytest.raises(ValueError, match=f"no vote for {tiny_runs['classifier']}"):
        distil.main(student_arguments(dataset, tmp_path, [tiny_runs["classifier"]], "--vote", str(vote)))


def test_shares_go_to_the_members_that_know(tmp_path):
    rng = np.random.default_rng(0)
    truth = rng.integers(4, size=400)
    knows = np.eye(4)[truth] * 4 + rng.normal(0, 1, (400, 4))
    guesses = rng.normal(0, 1, (400, 4))
    temperatures, shares = ensemble.fit_vote([knows, guesses], truth)
    assert shares[0] > 0.9 and shares.sum() == pytest.approx(1) and temperatures[1] > temperatures[0]


def test_two_half_experts_gain_by_voting_and_are_judged_on_other_folds(tmp_path):
    rng = np.random.default_rng(1)
    truth, folds = rng.integers(4, size=600), np.arange(600) % 2
    noise = lambda: np.eye(4)[truth] * 2 + rng.normal(0, 1.3, (600, 4))  # noqa: E731
    answers = {name: {"category": noise(), "pattern": noise()} for name in ("a", "b", "c")}
    found = ensemble.judge_vote(answers, {"category": truth, "pattern": truth}, folds)
    assert found["figures"]["category gain over the best member"] > 0.02
    assert set(found["figures"]["category"]["vote"]["by_fold"]) == {"0", "1"}
    assert sum(m["weight"]["category"] for m in found["members"].values()) == pytest.approx(1, abs=1e-3)


def test_the_command_hears_members_through_the_serving_views(dataset, tmp_path, tiny_runs, tiny_weights, capsys):
    out = tmp_path / "vote.json"
    folder = tiny_runs["classifier"].parent.name
    ensemble.main(
        ["--members", str(tiny_runs["classifier"]), "--weights", str(tiny_weights), "--data", str(dataset)]
        + ["--held-out", "1", "--size", "64", "--out", str(out)]
    )
    said = json.loads(out.read_text())
    assert said["members"][folder]["weight"] == {"category": 1.0, "pattern": 1.0}
    assert "the vote gains +0.0000" in capsys.readouterr().out
