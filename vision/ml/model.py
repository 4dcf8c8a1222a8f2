"""The classifier, teacher and student alike: a timm trunk, a 256-d neck and linear heads."""

from __future__ import annotations

from typing import Any

import timm
import torch.nn.functional as F
from torch import Tensor, nn

from .labels import CATEGORIES, PATTERNS, SCENES

EMBEDDING = 256


class Classifier(nn.Module):
    """Trunk -> neck (n, 256) -> category (12) and pattern (10) logits, with `scene` also scene (3) logits.

    The head of the studio's `articles` exists while training only.
    """

    def __init__(
        self,
        trunk: str,
        articles: int = 0,
        scene: bool = False,
        pretrained: bool = False,
        drop: float = 0.1,
        **trunk_args: Any,
    ):
        super().__init__()
        self.trunk = timm.create_model(trunk, pretrained=pretrained, num_classes=0, **trunk_args)
        width = int(getattr(self.trunk, "head_hidden_size", None) or self.trunk.num_features)  # type: ignore[arg-type]
        self.neck = nn.Linear(width, EMBEDDING)
        self.drop = nn.Dropout(drop)
        self.category = nn.Linear(EMBEDDING, len(CATEGORIES))
        self.pattern = nn.Linear(EMBEDDING, len(PATTERNS))
        self.article = nn.Linear(EMBEDDING, articles) if articles else None
        self.scene = nn.Linear(EMBEDDING, len(SCENES)) if scene else None

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """(n, 3, h, w) normalised -> category logits, pattern logits, unit embedding (n, 256), scene logits if any."""
        code = self.encode(images)
        answers = self.category(code), self.pattern(code), F.normalize(code, dim=1)
        return answers if self.scene is None else (*answers, self.scene(code))

    def encode(self, images: Tensor) -> Tensor:
        return self.neck(self.trunk(images).float())

    def all_heads(self, images: Tensor) -> dict[str, Tensor]:
        """Every head's logits, for training."""
        code = self.drop(self.encode(images))
        heads = {"category": self.category(code), "pattern": self.pattern(code)}
        if self.article is not None:
            heads["article"] = self.article(code)
        if self.scene is not None:
            heads["scene"] = self.scene(code)
        return heads


def build_classifier(config: dict[str, Any]) -> Classifier:
    """A classifier from {"trunk", "articles", "pretrained", "drop", ...trunk arguments}."""
    return Classifier(**config)
