"""What the maintainer's page shows: the counts in the order and the words of a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.models import Category, Pattern
from vision.maintainer.charts import Drawing, draw
from vision.maintainer.counting import TASKS, Counts, Right, Said, Seen, counts_of
from vision.maintainer.drift import DRIFTS, SLIGHT, TOO_FEW, Drift, drift_of
from vision.maintainer.periods import BEFORE, Period
from vision.models import Correction
from vision.selectors import PREFILL

MIX_UPS = 8
TASK_NAMES: dict[str, Any] = {
    Correction.Task.CATEGORY: gettext_lazy("Category"),
    Correction.Task.PATTERN: gettext_lazy("Pattern"),
}
STAGE_NAMES: dict[str, Any] = {
    "segment": gettext_lazy("Finding the garment"),
    "classify": gettext_lazy("Naming it"),
    "total": gettext_lazy("Everything of a photo"),
}


@dataclass(frozen=True)
class ClassRow:
    """One label: what people said it was, how often the model agreed, and what it filled in as this."""

    slug: str
    name: str
    said: Right
    filled: int
    share: float
    share_before: float


@dataclass(frozen=True)
class Cell:
    """How often photos of `label` were suggested as `suggested`; `share` of the label's answers, 0 to 1."""

    label: str
    suggested: str
    count: int
    share: float
    is_right: bool


@dataclass(frozen=True)
class DriftRow:
    name: str
    drift: Drift
    now: str
    before: str


@dataclass(frozen=True)
class Overview:
    """Everything of one period; `task` is the one whose classes and mix-ups are shown."""

    counts: Counts
    task: str
    names: dict[str, str]

    @property
    def period(self) -> Period:
        return self.counts.period

    @property
    def said(self) -> Said:
        return self.counts.said

    @property
    def seen(self) -> dict[str, Seen]:
        return self.counts.seen

    @property
    def has_answers(self) -> bool:
        return any(right.answers for right in self.said.total.values())

    @property
    def has_photos(self) -> bool:
        return self.photos > 0

    @property
    def photos(self) -> int:
        return _labels_now(self.seen[self.task]).total()

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The figures of each task at the top of the page."""
        return [self._figures(task) for task in TASKS]

    def _figures(self, task: str) -> dict[str, Any]:
        right, decisions = self.said.total[task], _decisions(self.seen[task])
        filled, photos = decisions[PREFILL], sum(decisions.values())
        return {
            "name": TASK_NAMES[task],
            "accuracy": right.accuracy,
            "answers": right.answers,
            "coverage": filled / photos if photos else None,
            "photos": photos,
            "precision": right.precision,
            "filled": right.filled,
        }

    @property
    def days(self) -> list[Any]:
        """The first day of each part."""
        return [timezone.localtime(start).date() for start in self.period.starts]

    @property
    def accuracy_chart(self) -> Drawing | None:
        parts = range(len(self.period.starts))
        lines = [(str(TASK_NAMES[t]), [self.said.by_part[t][n].accuracy for n in parts]) for t in TASKS]
        return draw(_("Right suggestions, of those that people answered"), self.days, lines)

    @property
    def filled_chart(self) -> Drawing | None:
        """Of the chosen task: how much is filled in, and how much of that stays."""
        parts = range(len(self.period.starts))
        seen, said = self.seen[self.task], self.said.by_part[self.task]
        covered = [_share(seen.decisions[n][PREFILL], sum(seen.decisions[n].values())) for n in parts]
        lines = [(_("Filled in"), covered), (_("Right when filled in"), [said[n].precision for n in parts])]
        return draw(_("Filled in without asking, and how much of that was right"), self.days, lines)

    @property
    def classes(self) -> list[ClassRow]:
        """The labels of the task, the most answered first."""
        seen, said = self.seen[self.task], self.said.by_label[self.task]
        now, before = _labels_now(seen), seen.labels[BEFORE]
        rows = [
            ClassRow(
                slug=slug,
                name=name,
                said=said[slug],
                filled=seen.filled[slug],
                share=_share(now[slug], sum(now.values())) or 0.0,
                share_before=_share(before[slug], sum(before.values())) or 0.0,
            )
            for slug, name in self.names.items()
        ]
        return sorted(rows, key=lambda row: (-row.said.answers, -row.share, row.name))

    @property
    def matrix(self) -> list[tuple[str, str, list[Cell]]]:
        """A row for each label that people said: its slug, its name and a cell for each suggestion."""
        pairs = self.said.pairs[self.task]
        said = Counter[str]()
        for (label, _suggested), count in pairs.items():
            said[label] += count
        return [
            (label, name, [_cell(label, suggested, pairs[label, suggested], said[label]) for suggested in self.columns])
            for label, name in self.names.items()
            if said[label]
        ]

    @property
    def columns(self) -> list[str]:
        """What was suggested, in the order of the vocabulary."""
        suggested = {suggested for _label, suggested in self.said.pairs[self.task]}
        return [slug for slug in self.names if slug in suggested]

    @property
    def mix_ups(self) -> list[Cell]:
        """The mistakes that happen most often."""
        wrong = [cell for _slug, _name, cells in self.matrix for cell in cells if cell.count and not cell.is_right]
        return sorted(wrong, key=lambda cell: -cell.count)[:MIX_UPS]

    @property
    def drifts(self) -> list[DriftRow]:
        """What the photos are like against the period before."""
        rows = []
        for task in TASKS:
            seen = self.seen[task]
            now, before = _labels_now(seen), seen.labels[BEFORE]
            words = _("Suggested categories") if task == Correction.Task.CATEGORY else _("Suggested patterns")
            rows.append(DriftRow(words, drift_of(now, before), *self._most_moved(task, now, before)))
        rows.append(self._row(_("How sure the model is of the category"), self.counts.inputs.confidence, _middle))
        rows.append(self._row(_("How much of the photo the garment takes"), self.counts.inputs.mask, _middle))
        rows.append(self._row(_("Photos of no garment, or of several"), self.counts.inputs.scene, _odd))
        return rows

    def _row(self, name: str, counts: Any, words: Any) -> DriftRow:
        return DriftRow(name, drift_of(counts[False], counts[True]), words(counts[False]), words(counts[True]))

    def _most_moved(self, task: str, now: Counter[str], before: Counter[str]) -> tuple[str, str]:
        """The class whose share changed most, in words of either side."""
        names = self.names if task == self.task else names_of(task)
        if not now or not before:
            return "", ""
        shares = {slug: (now[slug] / now.total(), before[slug] / before.total()) for slug in names}
        most = max(shares, key=lambda slug: abs(shares[slug][0] - shares[slug][1]))
        after, earlier = (f"{names[most]} {round(share * 100)}%" for share in shares[most])
        return after, earlier

    @property
    def drifted(self) -> list[DriftRow]:
        return [row for row in self.drifts if row.drift.state in (DRIFTS, SLIGHT)]

    @property
    def can_compare(self) -> bool:
        return any(row.drift.state != TOO_FEW for row in self.drifts)

    @property
    def model_changed(self) -> bool:
        """Then what seems to be the photos may be the model."""
        return (
            bool(self.counts.inputs.models[True])
            and self.counts.inputs.models[False] != self.counts.inputs.models[True]
        )

    @property
    def stages(self) -> list[tuple[Any, float, float]]:
        return [(STAGE_NAMES[stage], *values) for stage, values in self.counts.latency.stages.items()]


def overview(user: Any, days: int, task: str) -> Overview:
    """Five queries every few minutes, and the vocabulary."""
    return Overview(counts_of(user, days), task, names_of(task))


def names_of(task: str) -> dict[str, str]:
    """The names of a task's labels by slug, in the order of the vocabulary."""
    terms = Category.objects.all() if task == Correction.Task.CATEGORY else Pattern.objects.all()
    return {term.slug: term.name for term in terms}


def task_of(text: str | None) -> str:
    return text if text in TASKS else TASKS[0]


def _decisions(seen: Seen) -> Counter[str]:
    return sum((found for part, found in seen.decisions.items() if part != BEFORE), Counter[str]())


def _labels_now(seen: Seen) -> Counter[str]:
    return sum((found for part, found in seen.labels.items() if part != BEFORE), Counter[str]())


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _cell(label: str, suggested: str, count: int, whole: int) -> Cell:
    return Cell(label, suggested, count, count / whole, label == suggested)


def _middle(counts: Counter[int]) -> str:
    """The mean of tenths, as percent."""
    whole = counts.total()
    return f"{round(sum((tenth + 0.5) * count for tenth, count in counts.items()) / whole * 10)}%" if whole else ""


def _odd(counts: Counter[str]) -> str:
    whole = counts.total()
    return f"{(whole - counts['single']) / whole * 100:.1f}%" if whole else ""
