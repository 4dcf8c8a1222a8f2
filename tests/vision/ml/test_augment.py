"""Warps, light, prints and rooms do what their labels say."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch

from vision.ml import augment, backgrounds, cutouts, prints
from vision.ml.augment import LightConfig, WarpConfig
from vision.ml.data import Record
from vision.ml.labels import CATEGORIES, PATTERNS

STILL = WarpConfig(scale=(1.0, 1.0), stretch=0, rotate=0, quarter_turn=0, shift=0, perspective=0, flip=0)


@pytest.fixture
def gen() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_still_warp_changes_nothing(gen):
    images = torch.rand(2, 3, 32, 32, generator=gen)
    matrices = augment.random_warp(torch.tensor([0.75, 1.3]), STILL, gen)
    assert torch.allclose(augment.warp(images, matrices, 32), images, atol=1e-5)


def test_a_flip_mirrors(gen):
    images = torch.rand(1, 3, 16, 16, generator=gen)
    config = WarpConfig(scale=(1.0, 1.0), stretch=0, rotate=0, quarter_turn=0, shift=0, perspective=0, flip=1)
    flipped = augment.warp(images, augment.random_warp(torch.ones(1), config, gen), 16)
    assert torch.allclose(flipped, images.flip(3), atol=1e-5)


def test_rotation_keeps_circles_round_in_the_photos_own_geometry(gen):
    aspect = torch.tensor([0.5])
    config = WarpConfig(scale=(1.0, 1.0), stretch=0, rotate=45, quarter_turn=0, shift=0, perspective=0, flip=0)
    matrix = augment.random_warp(aspect, config, gen)[0, :2, :2]
    # In true space (x times sqrt(aspect), y divided by it) the linear part is a pure rotation of the squashed axes.
    true = torch.diag(torch.tensor([0.5**0.5, 0.5**-0.5]))
    rotation = true @ matrix @ torch.linalg.inv(true)
    assert torch.allclose(rotation @ rotation.T, torch.eye(2), atol=1e-4)


def test_light_stays_in_range_and_can_be_switched_off(gen):
    images = torch.rand(4, 3, 16, 16, generator=gen)
    lit = augment.change_light(images.clone(), LightConfig(), gen)
    assert lit.shape == images.shape and float(lit.min()) >= 0 and float(lit.max()) <= 1
    off = LightConfig(brightness=0, contrast=0, saturation=0, white_balance=0, hue=0, gradient=0, sharpness=0, noise=0)
    assert torch.allclose(augment.change_light(images.clone(), off, gen), images, atol=1e-5)


def test_blur_keeps_the_mean_of_a_constant(gen):
    assert torch.allclose(augment.soft_blur(torch.full((1, 2, 8, 8), 0.3), 3), torch.tensor(0.3))


def test_compositing(gen):
    front, back = torch.ones(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    alpha = torch.zeros(1, 1, 16, 16)
    alpha[..., 4:12, 4:12] = 1
    laid = augment.lay_on(front, alpha, back, gen)
    assert torch.equal(laid[:, :1], alpha)


@pytest.mark.parametrize("mixer", [augment.cut_mix, augment.mix_up])
def test_mixes_report_the_share_they_kept(mixer, gen):
    images = torch.arange(6.0).view(6, 1, 1, 1).expand(6, 3, 32, 32).contiguous()
    mixed, order, share = mixer(images, gen)
    expected = images.mean((1, 2, 3)) * share + images[order].mean((1, 2, 3)) * (1 - share)
    assert torch.allclose(mixed.mean((1, 2, 3)), expected, atol=1e-3)


@pytest.mark.parametrize("name", prints.PRINTERS)
def test_prints_are_textures_in_range(name):
    image = prints.PRINTERS[name](np.random.default_rng(3), 96)
    assert image.shape == (96, 96, 3) and image.min() > -0.01 and image.max() < 1.6
    assert image.std() > 0.01


def test_banks_are_reproducible():
    first, labels = prints.print_bank(6, 48, seed=1)
    again, same = prints.print_bank(6, 48, seed=1)
    assert np.array_equal(first, again) and np.array_equal(labels, same)
    assert {PATTERNS[i] for i in labels} <= set(prints.PRINTERS)
    rooms = backgrounds.background_bank(8, 48, 2, first, 0.5)
    assert rooms.shape == (8, 48, 48, 3) and np.array_equal(rooms, backgrounds.background_bank(8, 48, 2, first, 0.5))


@pytest.mark.parametrize("renderer", backgrounds.RENDERERS[:7])
def test_rooms_render(renderer):
    assert renderer(np.random.default_rng(0), 64).shape == (64, 64, 3)


def test_product_on_white_is_cut_out():
    image = np.full((96, 96, 3), 255, np.uint8)
    cv2.rectangle(image, (30, 20), (66, 80), (30, 60, 160), -1)
    mask = cutouts.product_mask(image)
    assert mask is not None and mask[50, 48] == 255 and mask[5, 5] == 0
    assert abs((mask > 0).sum() - 37 * 61) < 120


@pytest.mark.parametrize("value", [255, 120])
def test_no_mask_where_there_is_no_product_or_no_white(value):
    assert cutouts.product_mask(np.full((96, 96, 3), value, np.uint8)) is None


def test_untrusted_masks_are_all_zero():
    pixels = np.full((2, 64, 64, 3), 255, np.uint8)
    pixels[1, 16:48, 20:44] = (200, 30, 30)
    record = Record(path=None, category=CATEGORIES.index("shoes"), studio=True)  # type: ignore[arg-type]
    masks = cutouts.studio_masks([record, record], pixels)
    assert not masks[0].any() and masks[1, 30, 30] == 255


def test_some_photos_come_out_of_a_jpeg():
    images = torch.rand(12, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    stored = augment.compress(images.clone(), 0.5, torch.Generator().manual_seed(1))
    changed = (stored != images).flatten(1).any(1)
    assert 2 <= int(changed.sum()) <= 10 and stored.min() >= 0 and stored.max() <= 1
    assert 0.01 < float((stored - images)[changed].abs().mean()) < 0.4
    smooth = torch.linspace(0, 1, 32).expand(1, 3, 32, 32).clone()
    assert float((augment.compress(smooth.clone(), 1.0, torch.Generator()) - smooth).abs().max()) < 0.15
