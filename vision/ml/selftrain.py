"""Masks for real photos from a first segmenter, sharpened by GrabCut, kept only where both agree:

    python -m vision.ml.selftrain --segmenter vision/weights/segmenter.onnx --out runs/masks.npz

The segmenter is a graph that is served (.onnx) or a checkpoint of `vision.ml.train` (.safetensors). The photos carry
no masks of their own, so the segmenter's confident answers become its second teacher (Rother, Kolmogorov and Blake,
"GrabCut", 2004, draws the edge).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import data
from .backends import open_session
from .batches import normalise
from .tasks import autocast
from .trained import load_segmenter

# Normalised images (n, 3, s, s) -> logits (n, 1, s, s).
Network = Callable[[Tensor], Tensor]

MIN_AGREEMENT, MIN_CONFIDENCE = 0.86, 0.72
MIN_SHARE, MAX_SHARE = 0.04, 0.85


def open_network(path: Path, *, threads: int = 2) -> Network:
    """The segmenter of a .onnx or .safetensors file."""
    if path.suffix == ".onnx":
        session = open_session(path, threads)
        return lambda images: torch.from_numpy(session.run(None, {"images": images.contiguous().numpy()})[0])
    model = load_segmenter(path).to(memory_format=torch.channels_last)

    def run(images: Tensor) -> Tensor:
        with autocast(True):
            return torch.as_tensor(model(images))

    return run


@torch.no_grad()
def probabilities(network: Network, pixels: np.ndarray, size: int) -> np.ndarray:
    """(n, s, s) float32 garment probability of squashed photos (n, s, s, 3) uint8, averaged over the mirror image."""
    side = pixels.shape[1]
    result = np.zeros(pixels.shape[:3], dtype=np.float32)
    for start in range(0, len(pixels), 64):
        images = torch.from_numpy(np.array(pixels[start : start + 64])).permute(0, 3, 1, 2).float() / 255
        if size != side:
            images = F.interpolate(images, size=(size, size), mode="bilinear", antialias=True, align_corners=False)
        images = normalise(images)
        logits = (network(images).sigmoid() + network(images.flip(3)).sigmoid().flip(3)) / 2
        if size != side:
            logits = F.interpolate(logits, size=(side, side), mode="bilinear", align_corners=False)
        result[start : start + 64] = logits[:, 0].numpy()
    return result


def grab_cut(image: np.ndarray, probability: np.ndarray) -> np.ndarray | None:
    """A mask (h, w) uint8 0/255 with the photo's own edges, or None when the probability is too one-sided."""
    kernel = np.ones((5, 5), np.uint8)
    inside = cv2.erode((probability > 0.85).astype(np.uint8), kernel)
    outside = cv2.erode((probability < 0.15).astype(np.uint8), kernel)
    if inside.sum() < 200 or outside.sum() < 200:
        return None
    trimap = np.where(probability > 0.5, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    trimap[inside > 0], trimap[outside > 0] = cv2.GC_FGD, cv2.GC_BGD
    models = np.zeros((1, 65)), np.zeros((1, 65))
    whole = (0, 0, image.shape[1], image.shape[0])
    cv2.grabCut(np.ascontiguousarray(image), trimap, whole, *models, 2, cv2.GC_INIT_WITH_MASK)
    return np.where((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD), 255, 0).astype(np.uint8)


def trusted_mask(image: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """GrabCut's mask where it and a confident network agree, else all zeros."""
    nothing = np.zeros(probability.shape, dtype=np.uint8)
    if np.abs(probability - 0.5).mean() * 2 < MIN_CONFIDENCE:
        return nothing
    mask = grab_cut(image, probability)
    if mask is None or not MIN_SHARE < mask.mean() / 255 < MAX_SHARE:
        return nothing
    ours, theirs = probability > 0.5, mask > 0
    agreement = (ours & theirs).sum() / max((ours | theirs).sum(), 1)
    return mask if agreement > MIN_AGREEMENT else nothing


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m vision.ml.selftrain", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--segmenter", type=Path, required=True, help="segmenter to start from, .onnx or .safetensors")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder with garments/")
    parser.add_argument("--cache", type=Path, default=Path(".cache/vision"), help="folder for decoded photos")
    parser.add_argument("--out", type=Path, required=True, help="masks as .npz")
    parser.add_argument("--size", type=int, default=192, help="input side of the segmenter")
    options = parser.parse_args(arguments)
    pixels, _ = data.cached_pixels(data.read_garments(options.data), 192, options.cache)
    guesses = probabilities(open_network(options.segmenter), pixels, options.size)
    cv2.setNumThreads(1)
    with ThreadPoolExecutor() as pool:
        masks = np.stack(list(pool.map(trusted_mask, pixels, guesses)))
    np.savez_compressed(options.out, masks=masks)
    print(
        f"{options.out}: {(masks.reshape(len(masks), -1).any(1)).mean():.1%} of {len(masks)} photos have a trusted mask"
    )


if __name__ == "__main__":
    main()
