"""The only door to `vision.ml`: pictures in, plain data out, with whichever model is active.

`vision.ml` is imported inside the functions that need it: web processes import this module and must not load ONNX
Runtime.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import structlog
from django.conf import settings
from PIL import Image

from erp.core.photos import decode_photo
from vision import registry

if TYPE_CHECKING:
    from vision.ml.predictor import Prediction, Predictor, Ranked

log = structlog.get_logger(__name__)

# Photos are decoded no larger than needed for these longer sides. The networks look at far smaller copies.
WORKING_SIDE = 768
CUT_OUT_SIDE = 1600


class NoModel(Exception):
    """No usable model: neither the active one, nor one before it, nor the shipped one can be loaded."""


class BadModel(Exception):
    """A folder of weights that must not be served; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Analysed:
    """What one picture shows: `result` is JSON, `embedding` 256 float32, `mask` the garment's alpha or None."""

    result: dict[str, Any]
    embedding: bytes
    mask: Image.Image | None


@dataclass(frozen=True)
class Serving:
    """The model in this process's memory, and the row and activation it came from."""

    predictor: Predictor
    version_id: int


_lock = threading.RLock()
_serving: Serving | None = None
# The activation (row, moment) that this process last decided about, whether it could load it or not.
_decided: tuple[int, datetime | None] | None = None


def get_predictor() -> Predictor:
    """The process-wide predictor; costs one query while nothing changed. Raises NoModel.

    A newly activated version is loaded here, between two jobs. One that cannot be loaded is noted on its row, and the
    model before it goes on serving.
    """
    global _serving, _decided
    with _lock:
        active = registry.active_version()
        if _serving is None or active is None or _decided != (active.pk, active.activated_at):
            _serving = _choose()
            active = registry.active_version()
            _decided = (active.pk, active.activated_at) if active else None
        return _serving.predictor


def version_id_of(predictor: Predictor) -> int | None:
    """The ModelVersion that a predictor of `get_predictor` came from."""
    return _serving.version_id if _serving and _serving.predictor is predictor else None


def forget() -> None:
    """Drop the model in memory; the next job loads it anew."""
    global _serving
    with _lock:
        _serving = None


def _choose() -> Serving:
    for version in registry.candidates():
        try:
            predictor = load_folder(registry.folder_of(version), sha256=version.sha256)
        except BadModel as error:
            log.error("model_refused", model=version.name, problem=str(error))
            registry.note_problem(version, str(error))
            if _serving:
                return _serving
            continue
        registry.note_problem(version, "")
        registry.keep(version)
        log.info("model_loaded", model=version.name, on=predictor.backend.name)
        return Serving(predictor, version.pk)
    raise NoModel


def vocabulary() -> dict[str, tuple[str, ...]]:
    """The labels that a model can learn, by task."""
    from vision.ml.labels import CATEGORIES, PATTERNS

    return {"category": CATEGORIES, "pattern": PATTERNS}


def load_folder(folder: Path | None = None, *, sha256: str = "") -> Predictor:
    """Load and check a folder of weights, by default the shipped one. Raises BadModel.

    With `sha256` the folder's card must be the one that was registered.
    """
    from vision.ml.predictor import WeightsError, load_predictor

    folder = folder or registry.SHIPPED_FOLDER
    try:
        predictor = load_predictor(folder, device=settings.VISION_DEVICE, segmenter=settings.VISION_SEGMENTER)
        found = registry.read_card(folder)[1]
    except (WeightsError, OSError, ValueError) as error:
        raise BadModel(str(error)) from error
    if sha256 and found != sha256:
        raise BadModel(f"The model card in {folder} changed since it was registered. Register the folder again.")
    return predictor


def working_copy(data: bytes) -> Image.Image:
    """The upright picture that is analysed, from a photo's bytes. Raises PhotoError."""
    image = decode_photo(data, max_side=WORKING_SIDE).image
    image.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image


def analyse(images: Sequence[Image.Image], predictor: Predictor) -> list[Analysed]:
    """What each upright RGB picture shows, in order."""
    least = predictor.card.min_mask_share
    return [_as_data(p, predictor.model_name, least) for p in predictor.predict(images)]


def _as_data(prediction: Prediction, model: str, least_mask: float) -> Analysed:
    result = {
        "category": _ranked(prediction.category),
        "pattern": _ranked(prediction.pattern),
        "scene": {"label": prediction.scene.label, "confidence": float(prediction.scene.confidence)},
        "colours": [{"name": c.name, "hex": c.hex, "share": float(c.share)} for c in prediction.colours],
        "mask_share": float(prediction.mask_share),
        "decision": prediction.decision,
        "model": model,
        "ms": {name: float(value) for name, value in prediction.ms.items()},
    }
    found = prediction.mask_share >= least_mask
    return Analysed(result, prediction.embedding.tobytes(), Image.fromarray(prediction.mask) if found else None)


def _ranked(answer: Ranked) -> dict[str, Any]:
    return {
        "label": answer.label,
        "confidence": float(answer.confidence),
        "top3": [[label, float(probability)] for label, probability in answer.top3],
        "decision": answer.decision,
    }


def cut_out_png(image: Image.Image, mask: Image.Image) -> bytes:
    """The garment alone, as PNG with alpha, in the size of `image`; the mask may come from a smaller copy."""
    from vision.ml.segment import cut_out

    return _encoded(cut_out(image, _fitted(mask, image)), "PNG", compress_level=3)


def listing_jpeg(image: Image.Image, mask: Image.Image) -> bytes:
    """The garment centred on a white square, as JPEG."""
    from vision.ml.segment import on_white

    return _encoded(on_white(image, _fitted(mask, image)), "JPEG", quality=88, optimize=True)


def _fitted(mask: Image.Image, image: Image.Image) -> np.ndarray:
    return np.asarray(mask if mask.size == image.size else mask.resize(image.size, Image.Resampling.BILINEAR))


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
