"""One call finds the garment, whoever answers: the network, GrabCut, nobody, or a rembg that people brought."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from vision.ml.card import Preprocessing, WeightsError
from vision.ml.predictor import load_predictor
from vision.ml.segmenters import GrabCutSegmenter, NetworkSegmenter, WholePhoto, open_segmenter

from ..tiny import make_weights
from .drawing import garment_photo


def overlap(alpha: np.ndarray, mask: np.ndarray) -> float:
    ours, theirs = alpha > 127, mask > 127
    return float((ours & theirs).sum() / (ours | theirs).sum())


def by_redness(images: np.ndarray) -> np.ndarray:
    return (images[:, :1] - images[:, 1:2] - 1.0) * 8


def fake_rembg(monkeypatch: pytest.MonkeyPatch, **parts) -> None:
    module = ModuleType("rembg")
    for name, value in parts.items():
        setattr(module, name, value)
    monkeypatch.setitem(sys.modules, "rembg", module)


@pytest.mark.parametrize("segmenter", [NetworkSegmenter(Preprocessing(64), by_redness), GrabCutSegmenter()])
def test_the_garment_is_found(segmenter):
    image, mask = garment_photo((240, 320))
    (found,) = segmenter([image])
    assert found.alpha.shape == (320, 240) and found.alpha.dtype == np.uint8
    assert found.probability.ndim == 2 and found.probability.shape[0] == found.probability.shape[1]
    assert overlap(found.alpha, mask) > 0.9


def test_nobody_finds_everything():
    (found,) = WholePhoto()([Image.new("RGB", (30, 40))])
    assert (found.alpha == 255).all() and (found.probability == 1).all()


def test_grabcut_survives_a_picture_of_one_colour():
    (found,) = GrabCutSegmenter()([Image.new("RGB", (50, 50), "red")])
    assert found.alpha.shape == (50, 50)


def test_rembg_serves_when_it_is_installed(monkeypatch, tmp_path):
    image, mask = garment_photo((96, 96))
    asked = []

    def remove(picture, *, session, only_mask):
        asked.append((session, only_mask))
        return Image.fromarray(mask)

    fake_rembg(monkeypatch, new_session=lambda model: f"session of {model}", remove=remove)
    predictor = load_predictor(make_weights(tmp_path / "w"), device="cpu", segmenter="rembg")
    (prediction,) = predictor.predict([image])
    assert asked == [("session of isnet-general-use", True)]
    assert np.array_equal(prediction.mask, mask)
    assert prediction.colours[0].name == "red"


def test_a_missing_rembg_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rembg", None)
    with pytest.raises(WeightsError, match=r"pip install 'rembg\[cpu\]'"):
        open_segmenter("rembg", Preprocessing(64), by_redness)


def test_a_rembg_without_its_model_says_what_to_do(monkeypatch):
    def offline(model):
        raise OSError("no route to host")

    fake_rembg(monkeypatch, new_session=offline, remove=None)
    with pytest.raises(WeightsError, match="needs a network"):
        open_segmenter("rembg", Preprocessing(64), by_redness)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(WeightsError, match="network, rembg"):
        open_segmenter("magic", Preprocessing(64), by_redness)
