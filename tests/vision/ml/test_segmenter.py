"""The segmenter's network and batches: it starts from a classifier's trunk, and its composites carry exact alpha."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vision.ml import selftrain
from vision.ml.batches import Source
from vision.ml.checkpoint import load_tensors, save_tensors
from vision.ml.data import NO_GARMENTS
from vision.ml.segmenter_batches import SegmenterBatches, SegmenterMix, near_edge, studio_rows
from vision.ml.segmenter_net import build_segmenter, segmenter_config, start_encoder
from vision.ml.segmenter_train import segmenter_loss

from .drawing import garment_photo


def drawn_source(count: int = 4, side: int = 64) -> Source:
    pairs = [garment_photo((side, side), seed=i) for i in range(count)]
    pixels = np.stack([np.asarray(image) for image, _ in pairs])
    masks = np.stack([mask for _, mask in pairs])
    return Source(pixels, np.ones(count, np.float32), masks, np.arange(count))


def rooms(side: int = 64) -> np.ndarray:
    return np.full((3, side, side, 3), (60, 160, 60), np.uint8)


@pytest.mark.parametrize("name", ["resnet34_narrow", "test_resnet"])
def test_one_logit_a_pixel(name):
    model = build_segmenter(segmenter_config(name)).eval()
    with torch.no_grad():
        assert model(torch.zeros(2, 3, 64, 96)).shape == (2, 1, 64, 96)


def test_shipped_size_is_bounded():
    model = build_segmenter(segmenter_config("resnet34_narrow"))
    assert sum(p.numel() for p in model.parameters()) * 2 < 12.5e6


def test_the_encoder_starts_from_a_classifier(tiny_runs):
    model = build_segmenter(segmenter_config("test_resnet"))
    trunk = load_tensors(tiny_runs["classifier"])[0]
    assert start_encoder(model, tiny_runs["classifier"]) > 10
    assert torch.equal(model.encoder.state_dict()["conv1.0.weight"], trunk["trunk.conv1.0.weight"])


def test_another_network_is_refused(tmp_path):
    save_tensors(tmp_path / "other.safetensors", {"trunk.nothing": torch.zeros(3)}, {})
    with pytest.raises(ValueError, match="encoder tensors"):
        start_encoder(build_segmenter(segmenter_config("test_resnet")), tmp_path / "other.safetensors")


def test_an_older_configuration_says_what_to_use():
    with pytest.raises(ValueError, match=r"segmenter\.onnx"):
        build_segmenter({"widths": [4, 6, 8]})


def test_batches_repeat_by_number_and_hold_what_they_promise():
    source = drawn_source()

    def batcher() -> SegmenterBatches:
        mix = SegmenterMix(hand=0.5, hanger=0.5, thing=0.5, same_colour=0.5)
        return SegmenterBatches(source, rooms(), np.arange(2), drawn_source(), mix, size=64, batch=10, seed=3)

    first, again = batcher(), batcher()
    first()
    again.skip(1)
    one, two = first(), again()
    assert all(torch.equal(one[key], two[key]) for key in ("images", "masks", "weights"))
    assert one["images"].shape == (10, 3, 64, 64) and one["masks"].shape == one["weights"].shape == (10, 1, 64, 64)
    assert float(one["masks"].min()) >= 0 and float(one["masks"].max()) <= 1
    assert float(one["weights"].max()) > 2 and float(one["weights"].min()) < 0.5


def test_a_composite_shows_the_garment_where_its_mask_is():
    plain = SegmenterMix(hand=0, hanger=0, thing=0, same_colour=0)
    batcher = SegmenterBatches(drawn_source(), rooms(), mix=plain, size=64, batch=8, seed=1)
    pictures, alpha = batcher.composed(batcher.studio, 8, batcher._draw())
    inside, outside = alpha[:, 0] > 0.95, alpha[:, 0] < 0.02
    assert 0.1 < float(alpha.mean()) < 0.8
    # Red garment, green room, whatever the light and the shadow.
    assert float((pictures[:, 0] > pictures[:, 1])[inside].float().mean()) > 0.9
    assert float((pictures[:, 1] > pictures[:, 0])[outside].float().mean()) > 0.95


def test_every_tenth_picture_and_things_are_kept_apart():
    masks = np.full((30, 8, 8), 255, np.uint8)
    masks[3] = 0
    labels = np.full((30, 4), -1)
    labels[:20, 0] = 1
    labels[25:, 3] = NO_GARMENTS
    garments, things = studio_rows(masks, labels)
    assert not set(garments) & {0, 3, 10, 20} and set(things) == {25, 26, 27, 28, 29}
    assert (garments == 1).sum() == 2 and (garments == 21).sum() == 1


def test_a_wrong_pixel_at_an_exact_edge_costs_more():
    mask = torch.zeros(1, 1, 16, 16)
    mask[..., 8:] = 1
    assert near_edge(mask, 2)[0, 0, 0].tolist() == [0.0] * 6 + [1.0] * 4 + [0.0] * 6
    loss = segmenter_loss(bf16=False)
    answers = {}
    for column in (1, 7):
        logits = (mask * 2 - 1) * 4
        logits[..., column] = 4.0
        batch = {"images": logits, "masks": mask, "weights": 1 + 2 * near_edge(mask, 2)}
        answers[column] = float(loss(torch.nn.Identity(), batch))
    assert answers[7] > answers[1]


@pytest.mark.parametrize("kind", ["safetensors", "onnx"])
def test_masks_come_from_a_checkpoint_or_a_graph(kind, dataset, tiny_runs, tiny_weights, tmp_path):
    path = tiny_runs["segmenter"] if kind == "safetensors" else tiny_weights / "segmenter.onnx"
    out = tmp_path / "masks.npz"
    arguments = ["--segmenter", path, "--data", dataset, "--cache", dataset / "cache", "--out", out, "--size", 64]
    selftrain.main([str(argument) for argument in arguments])
    assert np.load(out)["masks"].shape == (24, 192, 192)
