"""What batches of both tasks are made with, and the thread that makes them so that no network waits for long."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from . import augment

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


def normalise(images: Tensor) -> Tensor:
    """(n, 3, h, w) in [0, 1] -> what the networks take, channels last."""
    mean = torch.tensor(MEAN, device=images.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=images.device).view(1, 3, 1, 1)
    return ((images - mean) / std).contiguous(memory_format=torch.channels_last)


@dataclass
class Source:
    """Decoded photos (n, s, s, 3) uint8 with aspect ratios (n,) and, where known, masks (n, s, s) uint8."""

    pixels: np.ndarray
    aspect: np.ndarray
    masks: np.ndarray | None = None
    index: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def take(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """Images (n, 3, s, s) in [0, 1] and the aspect ratios."""
        images = torch.from_numpy(np.stack([self.pixels[i] for i in rows])).permute(0, 3, 1, 2).float() / 255
        return images, torch.from_numpy(self.aspect[rows])

    def take_masks(self, rows: np.ndarray) -> Tensor:
        """Masks (n, 1, s, s) in [0, 1]; zeros where a photo has none."""
        if self.masks is None:
            side = self.pixels.shape[1]
            return torch.zeros(len(rows), 1, side, side)
        return torch.from_numpy(np.stack([self.masks[i] for i in rows])).unsqueeze(1).float() / 255


def resized(images: np.ndarray, side: int) -> np.ndarray:
    """(n, s, s[, 3]) uint8 -> (n, side, side[, 3]): smaller by area means, larger by bilinear points."""
    if images.shape[1] == side:
        return images
    how = cv2.INTER_AREA if side < images.shape[1] else cv2.INTER_LINEAR
    return np.stack([cv2.resize(np.asarray(image), (side, side), interpolation=how) for image in images])


def shrunk_source(source: Source, side: int) -> Source:
    """The same photos, smaller: cheaper to sample when the network's input is small."""
    masks = None if source.masks is None else resized(source.masks, side)
    return Source(resized(source.pixels, side), source.aspect, masks, source.index)


def prefetch(make: Callable[[], Any], ahead: int = 3) -> Generator[Any, None, None]:
    """Call `make` for ever in one background thread and hand its results on; an error there is raised here.

    The thread ends with the iterator: one that is still in the middle of PyTorch's work when Python ends aborts it.
    """
    pool = ThreadPoolExecutor(max_workers=1, initializer=torch.set_num_threads, initargs=(1,))
    try:
        coming = deque(pool.submit(make) for _ in range(ahead))
        while True:
            coming.append(pool.submit(make))
            yield coming.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def shrink_alpha(masks: Tensor) -> Tensor:
    """Pull a cut-out's edge in by a pixel and soften it: the white it stood on must not come along."""
    eroded = -torch.nn.functional.max_pool2d(-masks, 3, 1, 1)
    return augment.soft_blur(eroded)
