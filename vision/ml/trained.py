"""Trained networks from their checkpoints, ready to answer: for export, for evaluation and for serving with PyTorch."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from .checkpoint import load_model, load_tensors
from .model import Classifier, build_classifier
from .segmenter_net import build_segmenter


def load_classifier(path: Path) -> Classifier:
    """A student ready to serve: training-only heads are dropped."""
    config = dict(load_tensors(path)[1]["model"])
    config |= {"articles": 0, "pretrained": False}
    model = build_classifier(config)
    load_model(path, model)
    return model.eval()


def load_segmenter(path: Path) -> nn.Module:
    model = build_segmenter(dict(load_tensors(path)[1]["model"]))
    load_model(path, model)
    return model.eval()
