"""The model card: what a set of weights is, what it was measured to do, and the hashes that prove the files are those.

Training, evaluation and serving all take labels, preprocessing, temperatures and thresholds from here.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from .labels import CATEGORIES, PATTERNS

SCHEMA = 1
CARD_NAME = "card.json"
WEIGHTS_DIR = Path(__file__).resolve().parent.parent / "weights"
MEND = (
    "Restore the folder from the repository (git checkout -- vision/weights) "
    "or export again: python -m vision.ml.export"
)


class WeightsError(Exception):
    """Weights that must not be served; the message says what is wrong and what to do."""


@dataclass(frozen=True)
class Preprocessing:
    """How a photo becomes a network's input: squashed to `source` squared by area means as all training photos were,
    sampled from there to `size` squared, scaled to [0, 1] and normalised per channel.
    """

    size: int
    source: int = 192
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Decision:
    """Thresholds on the calibrated confidence: prefill at or above `prefill`, claim nothing below `floor`."""

    prefill: float
    floor: float
    temperature: float = 1.0


@dataclass(frozen=True)
class SceneDecision:
    """From which calibrated probability on a photo is said to show no garment (`none`), or `several`."""

    none: float
    several: float
    temperature: float = 1.0


@dataclass(frozen=True)
class ModelCard:
    """Everything a reader or a loader needs to know about one trained release."""

    name: str
    student: Preprocessing
    segmenter: Preprocessing
    category: Decision
    pattern: Decision
    # None: the student has no fourth output, and every photo counts as one of a single garment.
    scene: SceneDecision | None = None
    # "full", "zoom", "cut_out" or "average" (of the three): what the classifier gets to see, whichever measured best.
    view: str = "full"
    flip: bool = True
    # A mask smaller than this share of the photo means that no garment was found.
    min_mask_share: float = 0.02
    files: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    data: list[dict[str, str]] = field(default_factory=list)
    recipe: dict[str, Any] = field(default_factory=dict)
    compute: str = ""
    seed: int = 0
    known_failures: list[str] = field(default_factory=list)
    intended_use: str = ""
    categories: tuple[str, ...] = CATEGORIES
    patterns: tuple[str, ...] = PATTERNS
    schema: int = SCHEMA


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def write_card(card: ModelCard, folder: Path) -> Path:
    """Write `card.json` next to its files: to a temporary name first, then renamed."""
    path = folder / CARD_NAME
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)
    return path


def read_card(folder: Path) -> ModelCard:
    """Parse the card and check its schema and labels against this code; files are not opened yet."""
    path = folder / CARD_NAME
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise WeightsError(f"There is no model card at {path}. {MEND}.") from error
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise WeightsError(f"The model card {path} is not readable JSON ({error}). {MEND}.") from error
    if not isinstance(raw, dict) or raw.get("schema") != SCHEMA:
        found = raw.get("schema") if isinstance(raw, dict) else None
        raise WeightsError(f"The model card {path} has schema {found}; this code reads schema {SCHEMA}. {MEND}.")
    try:
        card = parse_card(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"The model card {path} lacks or misstates a field ({error!r}). {MEND}.") from error
    for ours, theirs, what in ((CATEGORIES, card.categories, "categories"), (PATTERNS, card.patterns, "patterns")):
        if ours != theirs:
            raise WeightsError(
                f"The model in {folder} was trained for other {what} ({', '.join(theirs)}) "
                f"than this code names. {MEND}."
            )
    return card


def parse_card(raw: dict[str, Any]) -> ModelCard:
    known = {f.name for f in fields(ModelCard)}
    values = {key: value for key, value in raw.items() if key in known}
    for key in ("student", "segmenter"):
        part = dict(values[key])
        part["mean"], part["std"] = tuple(part["mean"]), tuple(part["std"])
        values[key] = Preprocessing(**part)
    for key in ("category", "pattern"):
        values[key] = Decision(**values[key])
    if values.get("scene") is not None:
        values["scene"] = SceneDecision(**values["scene"])
    values["categories"], values["patterns"] = tuple(values["categories"]), tuple(values["patterns"])
    return ModelCard(**values)


def verify_files(
    card: ModelCard, folder: Path, *, needed: tuple[str, ...] = ("student.onnx", "segmenter.onnx")
) -> None:
    """Compare every file that the card names with its hash. Raises `WeightsError`."""
    missing = [name for name in needed if name not in card.files]
    if missing:
        raise WeightsError(f"The model card in {folder} names no {' and no '.join(missing)}. {MEND}.")
    for name, expected in card.files.items():
        path = folder / name
        if not path.is_file():
            raise WeightsError(f"The model file {path} is missing. {MEND}.")
        if sha256_of(path) != expected:
            raise WeightsError(f"The model file {path} is not the one its card describes (sha256 differs). {MEND}.")


def load_card(folder: Path) -> ModelCard:
    """Read and verify a whole weights folder."""
    card = read_card(folder)
    verify_files(card, folder)
    return card
