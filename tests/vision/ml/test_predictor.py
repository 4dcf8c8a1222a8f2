"""The serving interface: shapes, decisions, batches, and no torch in the process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from PIL import Image

from tests.vision.tiny import make_weights
from vision.ml.card import WEIGHTS_DIR, Decision, Preprocessing, SceneDecision
from vision.ml.labels import CATEGORIES, PATTERNS
from vision.ml.predictor import Predictor, load_predictor, rank, scene_of
from vision.ml.views import all_views, full_view

from .conftest import REPOSITORY, SHARED_DATA
from .drawing import garment_photo

SHIPPED = (WEIGHTS_DIR / "card.json").exists()


@pytest.fixture(scope="module")
def predictor(tiny_weights) -> Predictor:
    return load_predictor(tiny_weights)


def test_serving_modules_load_no_torch():
    code = (
        "import sys, vision.ml.predictor, vision.ml.segment, vision.ml.colour, vision.ml.card, vision.ml.labels;"
        "loaded = {'torch', 'timm', 'cv2', 'django'} & set(sys.modules); assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, check=True)


def test_a_prediction_has_every_part(predictor):
    image, _ = garment_photo((300, 400))
    answer = predictor.predict([image])[0]
    assert answer.mask.shape == (400, 300) and answer.mask.dtype == np.uint8
    assert answer.embedding.shape == (256,) and answer.embedding.dtype == np.float32
    assert np.linalg.norm(answer.embedding) == pytest.approx(1, abs=1e-5)
    assert answer.category.label in CATEGORIES and answer.pattern.label in PATTERNS
    assert len(answer.category.top3) == 3 and answer.category.top3[0] == (
        answer.category.label,
        answer.category.confidence,
    )
    assert answer.decision == answer.category.decision
    assert 0 <= answer.mask_share <= 1 and set(answer.ms) == {"segment", "classify", "total"}
    with pytest.raises(FrozenInstanceError):
        answer.decision = "prefill"


def test_a_batch_answers_in_order_and_as_one_by_one(predictor):
    images = [garment_photo((60 + 8 * i, 80), seed=i)[0] for i in range(19)]
    together = predictor.predict(images)
    assert [a.mask.shape for a in together] == [(i.height, i.width) for i in images]
    for image, answer in list(zip(images, together, strict=True))[::6]:
        alone = predictor.predict([image])[0]
        assert alone.category.label == answer.category.label
        assert np.allclose(alone.embedding, answer.embedding, atol=1e-4)
    assert predictor.predict([]) == []


@pytest.mark.parametrize("view", ["full", "cut_out", "average"])
def test_every_view_of_the_card_is_served(tiny_weights, view):
    base = load_predictor(tiny_weights)
    other = Predictor(replace(base.card, view=view), base.backend)
    assert other.predict([garment_photo()[0]])[0].category.label in CATEGORIES


class SeesFloors:
    """A backend that tells a photo of nothing by its light floor, which a cut-out has no more."""

    def __init__(self, backend):
        self.segment = backend.segment
        self.inner = backend

    def classify(self, batch):
        heads = self.inner.classify(batch)
        light = batch[:, :, :2, :2].mean((1, 2, 3)) > 1
        heads["scene"] = np.stack([np.full(len(batch), 3), np.where(light, 9, 0), np.zeros(len(batch))], axis=1)
        heads["category"] = heads["category"] + light[:, None] * np.arange(12)
        return heads


@pytest.mark.parametrize(("single", "decision"), [(0, "suggest"), (1, "prefill")])
def test_nothing_is_filled_in_where_one_garment_is_the_less_likely(tmp_path, single, decision):
    base = load_predictor(make_weights(tmp_path, scene="single"))
    logits = np.array([single, 0.0, 0.0], np.float32)  # 0.33 or 0.58 for one garment, too little for the others
    told = base.backend.classify
    backend = SeesFloors(base.backend)
    backend.classify = lambda batch: told(batch) | {"scene": np.tile(logits, (len(batch), 1))}
    answer = Predictor(base.card, backend).predict([Image.new("RGB", (40, 40))])[0]
    assert (answer.scene.label, answer.decision, answer.pattern.decision) == ("single", decision, decision)


@pytest.mark.parametrize("view", ["full", "cut_out"])
def test_the_scene_is_that_of_the_whole_photo(tmp_path, view):
    base = load_predictor(make_weights(tmp_path, scene="single"))
    photo = Image.new("RGB", (90, 90), "white")
    photo.paste((20, 20, 60), (30, 30, 60, 60))
    card = replace(base.card, view=view)
    answer = Predictor(card, SeesFloors(base.backend)).predict([photo])[0]
    assert answer.scene.label == "none"
    without = Predictor(replace(card, scene=None), SeesFloors(base.backend)).predict([photo])[0]
    assert answer.category.top3 == without.category.top3  # the photo of the scene does not vote


@pytest.mark.parametrize(
    ("confidence", "empty", "expected"),
    [(0.95, False, "prefill"), (0.6, False, "suggest"), (0.2, False, "unknown"), (0.95, True, "unknown")],
)
def test_decisions(confidence, empty, expected):
    rest = (1 - confidence) / 11
    ranked = rank(np.array([confidence] + [rest] * 11), CATEGORIES, Decision(prefill=0.9, floor=0.3), empty=empty)
    assert ranked.decision == expected and ranked.label == CATEGORIES[0]


@pytest.mark.parametrize(
    ("probabilities", "label", "confidence"),
    [
        ((0.7, 0.2, 0.1), "single", 0.7),
        ((0.1, 0.85, 0.05), "none", 0.85),
        ((0.3, 0.1, 0.6), "several", 0.6),
        ((0.2, 0.5, 0.3), "single", 0.2),  # likelier none, but not sure enough to refuse a photo
        ((0.0, 0.6, 0.4), "single", 0.0),
    ],
)
def test_scenes(probabilities, label, confidence):
    answer = scene_of(np.array(probabilities), SceneDecision(none=0.8, several=0.5))
    assert (answer.label, answer.confidence) == (label, pytest.approx(confidence))


@pytest.mark.parametrize(
    ("scene", "decision"), [("", "prefill"), ("single", "prefill"), ("none", "unknown"), ("several", "unknown")]
)
def test_only_a_single_garment_is_named(tmp_path, scene, decision):
    predictor = load_predictor(make_weights(tmp_path, scene=scene))
    answer = predictor.predict([Image.new("RGB", (60, 80), "black")])[0]
    assert answer.scene.label == (scene or "single")
    assert answer.scene.confidence > 0.9
    assert {answer.category.decision, answer.pattern.decision, answer.decision} == {decision}


def test_input_is_normalised_and_square(predictor):
    values = full_view(garment_photo((200, 90))[0], predictor.card.student)
    side = predictor.card.student.size
    assert values.shape == (3, side, side) and values.dtype == np.float32 and abs(values).max() < 3


def pixels(view: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """A view as (size, size, 3) in [0, 255]."""
    return (view.transpose(1, 2, 0) * preprocessing.std + preprocessing.mean) * 255


def test_background_is_faded_and_the_garment_fills_the_view():
    image, mask = garment_photo(floor="#00ff00")
    small = np.asarray(Image.fromarray(mask).resize((64, 64))) / np.float32(255)
    small[:13] = small[:, :7] = 0
    preprocessing = Preprocessing(size=64)
    views = {name: pixels(view, preprocessing) for name, view in all_views(image, small, preprocessing).items()}
    cut, full, zoom = views["cut_out"], views["full"], views["zoom"]
    green = lambda view: (view[..., 1] - view[..., 0] > 200).mean()  # noqa: E731
    assert green(full) > 0.2 and green(cut) < 0.02
    red = lambda view: (view[..., 0] - view[..., 1] > 100).mean()  # noqa: E731
    assert red(cut) > red(zoom) > 1.2 * red(full)


def test_an_empty_mask_leaves_the_photo_alone():
    image, _ = garment_photo()
    preprocessing = Preprocessing(size=64)
    empty = np.zeros((64, 64), np.float32)
    views = all_views(image, empty, preprocessing)
    assert np.array_equal(views["cut_out"], full_view(image, preprocessing))


@pytest.mark.skipif(not SHIPPED, reason="no weights are shipped yet")
def test_shipped_weights_see_a_drawn_shirt():
    predictor = load_predictor()
    image, mask = garment_photo((600, 800))
    answer = predictor.predict([image])[0]
    found = answer.mask > 127
    assert (found & (mask > 127)).sum() / (found | (mask > 127)).sum() > 0.8
    assert answer.colours[0].name == "red"


@pytest.mark.skipif(not (SHIPPED and SHARED_DATA.exists()), reason="needs shipped weights and ../shared/data")
def test_shipped_weights_name_real_photos():
    from erp.core.photos import decode_photo
    from vision.ml.data import read_garments

    records = read_garments(SHARED_DATA)[::50]
    answers = load_predictor().predict([decode_photo(r.path.read_bytes()).image for r in records])
    right = [CATEGORIES[r.category] == a.category.label for r, a in zip(records, answers, strict=True)]
    patterns = [PATTERNS[r.pattern] == a.pattern.label for r, a in zip(records, answers, strict=True)]
    prefilled = [ok for ok, a in zip(right, answers, strict=True) if a.decision == "prefill"]
    assert np.mean(right) > 0.7 and np.mean(patterns) > 0.7
    assert np.mean(prefilled) > 0.95 and len(prefilled) > 0.2 * len(records)
