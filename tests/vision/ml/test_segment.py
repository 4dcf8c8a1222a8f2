"""Masks follow the photo's edges, cut-outs keep the photo's size, and no halo of the floor is left."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from vision.ml.segment import (
    bounding_box,
    box_mean,
    clean_edge,
    cut_out,
    drop_specks,
    enlarge_mask,
    label_islands,
    on_white,
    refine_mask,
    working_copy,
)

from .drawing import garment_photo


def low_resolution(mask: np.ndarray, side: int = 48) -> np.ndarray:
    return np.asarray(Image.fromarray(mask).resize((side, side), Image.Resampling.BOX), dtype=np.float32) / 255


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return (a & b).sum() / (a | b).sum()


@pytest.mark.parametrize("size", [(240, 320), (320, 240), (900, 1200)])
def test_refined_mask_has_the_photos_size_and_edge(size):
    image, mask = garment_photo(size)
    refined = enlarge_mask(refine_mask(working_copy(image), low_resolution(mask)), image.size)
    assert refined.shape == mask.shape and refined.dtype == np.uint8
    assert overlap(refined > 127, mask > 127) > 0.96


@pytest.mark.parametrize(
    ("size", "expected"), [((300, 200), (300, 200)), ((3000, 1500), (512, 256)), ((40, 4000), (5, 512))]
)
def test_working_copy_is_small(size, expected):
    assert working_copy(Image.new("RGB", size)).size == expected


def test_box_mean_of_a_constant_is_the_constant():
    assert np.allclose(box_mean(np.full((9, 13), 0.4, dtype=np.float32), 3), 0.4)


def test_specks_go_and_the_garment_stays():
    alpha = np.zeros((200, 200), dtype=np.float32)
    alpha[40:160, 40:160] = 1
    alpha[5:12, 5:12] = 1
    cleaned = drop_specks(alpha)
    assert cleaned[8, 8] == 0 and cleaned[100, 100] == 1 and cleaned[41, 41] == 1


def test_a_pair_of_shoes_keeps_both():
    alpha = np.zeros((200, 200), dtype=np.float32)
    alpha[60:140, 20:80] = 1
    alpha[60:140, 120:180] = 1
    assert np.array_equal(drop_specks(alpha), alpha)


def test_islands_are_counted_across_bends():
    mask = np.array([[1, 0, 1, 0, 1], [1, 0, 1, 0, 0], [1, 1, 1, 0, 1]], dtype=bool)
    labels = label_islands(mask)
    assert labels.max() == 3 and labels[0, 0] == labels[0, 2] != labels[0, 4] and labels[0, 1] == 0


def test_cut_out_is_transparent_outside_and_untouched_inside():
    image, mask = garment_photo()
    piece = cut_out(image, mask)
    pixels = np.asarray(piece)
    assert piece.mode == "RGBA" and piece.size == image.size
    assert (pixels[mask == 0][:, 3] == 0).all() and (pixels[mask == 255][:, 3] == 255).all()
    assert np.array_equal(pixels[160, 120, :3], np.asarray(image)[160, 120])


def test_sizes_must_agree():
    image, mask = garment_photo()
    with pytest.raises(ValueError, match="same size"):
        cut_out(image, mask[:-1])


def test_edge_takes_the_garments_colour():
    pixels = np.full((20, 20, 3), (0, 200, 0), dtype=np.uint8)
    pixels[:, :10] = (200, 0, 0)
    alpha = np.zeros((20, 20), dtype=np.uint8)
    alpha[:, :10], alpha[:, 10:12] = 255, 120
    cleaned = clean_edge(pixels, alpha)
    assert (cleaned[:, 10:12, 0] > 180).all() and (cleaned[:, 10:12, 1] < 20).all()
    assert np.array_equal(cleaned[:, :10], pixels[:, :10])


def test_listing_picture_is_square_white_and_centred():
    image, mask = garment_photo()
    listing = on_white(image, mask, size=400)
    pixels = np.asarray(listing)
    assert listing.size == (400, 400) and listing.mode == "RGB"
    assert (pixels[:20] == 255).all() and (pixels[:, :20] == 255).all()
    rows, columns = np.nonzero(pixels.min(-1) < 200)
    assert abs((rows.min() + rows.max()) / 2 - 200) < 4 and abs((columns.min() + columns.max()) / 2 - 200) < 4


def test_listing_picture_without_a_mask_shows_the_whole_photo():
    image, mask = garment_photo()
    assert np.asarray(on_white(image, np.zeros_like(mask), size=200)).min() < 200


def test_bounding_box():
    mask = np.zeros((10, 12), dtype=np.uint8)
    assert bounding_box(mask) is None
    mask[2:5, 3:9] = 255
    assert bounding_box(mask) == (3, 2, 9, 5)
