"""The models that there are, with what their cards say of them, and how the last trainings went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from vision import registry
from vision.maintainer.counting import TASKS
from vision.maintainer.shown import TASK_NAMES
from vision.messages import retraining_message
from vision.models import ModelVersion, Retraining

SHOWN = 12
TRAININGS_SHOWN = 5
VERDICTS = {
    "better": _("Better: right more often, and no worse at anything."),
    "no_better": _("No better: the difference is within chance."),
    "worse": _("Worse: right less often. Keep the present model."),
    "too_few": _("Too few answered photos to tell them apart."),
}
PLACES = {
    "frozen": _("Photos kept for judging"),
    "recent": _("Latest answers"),
    "held_out": _("The release's own photos"),
}


@dataclass(frozen=True)
class Comparison:
    """One line of base against candidate."""

    place: Any
    task: Any
    photos: int
    base: float
    candidate: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class VersionRow:
    """A model with the figures of its card; `comparisons` and `verdict` of one that was retrained."""

    version: ModelVersion
    figures: list[tuple[Any, dict[str, Any]]]
    verdict: str
    verdict_words: Any
    base: str
    comparisons: list[Comparison]
    notes: list[str]

    @property
    def is_candidate(self) -> bool:
        return bool(self.comparisons) and self.version.activated_at is None


@dataclass(frozen=True)
class TrainingRow:
    retraining: Retraining
    problem: str


def version_rows() -> list[VersionRow]:
    """The newest models, the active one first."""
    versions = list(ModelVersion.objects.select_related("pinned_by").order_by("-is_active", "-pk")[:SHOWN])
    return [_row(version) for version in versions]


def training_rows() -> list[TrainingRow]:
    runs = Retraining.objects.select_related("base", "candidate", "started_by").order_by("-pk")[:TRAININGS_SHOWN]
    return [TrainingRow(run, retraining_message(run.problem)) for run in runs]


def before() -> ModelVersion | None:
    """What a rollback would bring back."""
    return registry.version_before()


def _row(version: ModelVersion) -> VersionRow:
    """Cards of other origin may lack any of it: what is missing is not shown."""
    metrics = _dict(_dict(version.card).get("metrics"))
    found = _dict(metrics.get("retraining"))
    figures = [(TASK_NAMES[task], _dict(metrics.get(task))) for task in TASKS if _dict(metrics.get(task))]
    return VersionRow(
        version=version,
        figures=figures,
        verdict=str(found.get("verdict", "")),
        verdict_words=VERDICTS.get(str(found.get("verdict", "")), ""),
        base=str(found.get("base", "")),
        comparisons=_comparisons(found),
        notes=[str(note) for note in found.get("notes", [])],
    )


def _comparisons(found: dict[str, Any]) -> list[Comparison]:
    rows = []
    old, new = _dict(found.get("base_figures")), _dict(found.get("candidate_figures"))
    for place, words in PLACES.items():
        for task in TASKS:
            before, after = _dict(_dict(old.get(place)).get(task)), _dict(_dict(new.get(place)).get(task))
            if before and after:
                low, high = after["accuracy_95"]
                sizes = after["photos"], before["accuracy"], after["accuracy"]
                rows.append(Comparison(words, TASK_NAMES[task], *sizes, (low, high)))
    return rows


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
