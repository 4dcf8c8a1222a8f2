"""The only door to a network: `build_student` and `build_segmenter` from plain config dictionaries.

The student is a timm trunk, a 256-d neck and linear heads; the segmenter a small U-Net whose convolutions are dense,
because those run best on current CPUs (AMX, VNNI) and depthwise ones do not.
"""

from __future__ import annotations

from typing import Any

import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .labels import CATEGORIES, PATTERNS

EMBEDDING = 256


class Student(nn.Module):
    """Trunk -> neck (n, 256) -> category (12) and pattern (10) logits; `article` exists while training only."""

    def __init__(self, trunk: str, articles: int = 0, pretrained: bool = False, drop: float = 0.1, **trunk_args: Any):
        super().__init__()
        self.trunk = timm.create_model(trunk, pretrained=pretrained, num_classes=0, **trunk_args)
        width = int(self.trunk.num_features)  # type: ignore[arg-type]
        self.neck = nn.Linear(width, EMBEDDING)
        self.drop = nn.Dropout(drop)
        self.category = nn.Linear(EMBEDDING, len(CATEGORIES))
        self.pattern = nn.Linear(EMBEDDING, len(PATTERNS))
        self.article = nn.Linear(EMBEDDING, articles) if articles else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, 3, h, w) normalised -> category logits, pattern logits, unit embedding (n, 256)."""
        code = self.encode(images)
        return self.category(code), self.pattern(code), F.normalize(code, dim=1)

    def encode(self, images: Tensor) -> Tensor:
        return self.neck(self.trunk(images).float())

    def all_heads(self, images: Tensor) -> dict[str, Tensor]:
        """Every head's logits, for training."""
        code = self.drop(self.encode(images))
        heads = {"category": self.category(code), "pattern": self.pattern(code)}
        if self.article is not None:
            heads["article"] = self.article(code)
        return heads


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


def build_student(config: dict[str, Any]) -> Student:
    """A student from {"trunk", "articles", "pretrained", "drop", ...trunk arguments}."""
    return Student(**config)


def build_segmenter(config: dict[str, Any]) -> Segmenter:
    """A segmenter from {"widths": [...]}."""
    return Segmenter(**config)
