"""The segmenter: a small U-Net whose convolutions are dense, because those run best on current CPUs (AMX, VNNI)."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Block(nn.Sequential):
    """Two 3x3 convolutions with batch norm and ReLU."""

    def __init__(self, inside: int, outside: int, stride: int = 1):
        super().__init__(
            nn.Conv2d(inside, outside, 3, stride, 1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
            nn.Conv2d(outside, outside, 3, 1, 1, bias=False),
            nn.BatchNorm2d(outside),
            nn.ReLU(inplace=True),
        )


class Segmenter(nn.Module):
    """U-Net over five scales; one logit per pixel, positive on the garment."""

    def __init__(self, widths: tuple[int, ...] = (32, 64, 96, 160, 256)):
        super().__init__()
        widths = tuple(widths)
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, 2, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True)
        )
        self.down = nn.ModuleList(Block(a, b, 2) for a, b in zip(widths, widths[1:], strict=False))
        ups = list(zip(widths[::-1], widths[-2::-1], strict=False))
        self.up = nn.ModuleList(Block(deep + skip, skip) for deep, skip in ups)
        self.context = nn.Linear(widths[-1], widths[-1])
        self.out = nn.Conv2d(widths[0], 1, 3, 1, 1)

    def forward(self, images: Tensor) -> Tensor:
        """(n, 3, h, w) normalised, sides divisible by 32 -> (n, 1, h, w) logits."""
        features = [self.stem(images)]
        for block in self.down:
            features.append(block(features[-1]))
        x = features.pop()
        # The whole picture's mean lets every pixel know what the floor looks like.
        x = x + self.context(x.mean((2, 3))).to(x.dtype)[:, :, None, None]
        for block in self.up:
            skip = features.pop()
            x = block(torch.cat([F.interpolate(x, scale_factor=2.0, mode="nearest"), skip], 1))
        return F.interpolate(self.out(x).float(), scale_factor=2.0, mode="bilinear", align_corners=False)


def build_segmenter(config: dict[str, Any]) -> Segmenter:
    """A segmenter from {"widths": [...]}."""
    return Segmenter(**config)
