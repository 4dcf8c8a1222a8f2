"""The numbers behind the maintainer's page, counted in the database: a handful of queries however many photos."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.db.models import Case, Count, Exists, FloatField, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Substr

from vision.maintainer.periods import BEFORE, Period
from vision.models import Analysis, Correction
from vision.selectors import PREFILL

TASKS = (Correction.Task.CATEGORY, Correction.Task.PATTERN)
TENTHS = 10
# Latency is of the photos looked at last; a longer look back would only blur what it is now.
LATEST = 2000
KEPT_SECONDS = 300
LOOKED_AT_AGAIN = 24 * 3600.0
STAGES = ("segment", "classify", "total")


@dataclass
class Right:
    """Answers, and how many of them were as suggested; `filled` and `filled_right` of those that were filled in."""

    answers: int = 0
    right: int = 0
    filled: int = 0
    filled_right: int = 0

    def add(self, count: int, is_right: bool, is_filled: bool) -> None:
        self.answers += count
        self.right += count * is_right
        self.filled += count * is_filled
        self.filled_right += count * (is_right and is_filled)

    @property
    def accuracy(self) -> float | None:
        return self.right / self.answers if self.answers else None

    @property
    def precision(self) -> float | None:
        return self.filled_right / self.filled if self.filled else None


def _by_key() -> defaultdict[Any, Right]:
    return defaultdict(Right)


@dataclass
class Said:
    """What people said, by task: in all, by part of the period, by label, and (label, suggested) by number."""

    total: dict[str, Right] = field(default_factory=lambda: defaultdict(Right))
    by_part: dict[str, dict[int, Right]] = field(default_factory=lambda: defaultdict(_by_key))
    by_label: dict[str, dict[str, Right]] = field(default_factory=lambda: defaultdict(_by_key))
    pairs: dict[str, Counter[tuple[str, str]]] = field(default_factory=lambda: defaultdict(Counter))


@dataclass
class Seen:
    """What models answered to the photos of one task: by part of the period, label and decision; and confidences."""

    decisions: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    labels: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    filled: Counter[str] = field(default_factory=Counter)
    confidence: dict[int, float] = field(default_factory=lambda: defaultdict(float))


@dataclass
class Inputs:
    """What the photos themselves were like, in the period (True: before it)."""

    confidence: dict[bool, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    mask: dict[bool, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    scene: dict[bool, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    models: dict[bool, set[int | None]] = field(default_factory=lambda: defaultdict(set))


@dataclass(frozen=True)
class Latency:
    """p50 and p95 in milliseconds of each stage, and in seconds of the wait from upload to answer."""

    photos: int
    stages: dict[str, tuple[float, float]]
    waited: tuple[float, float]


@dataclass(frozen=True)
class Counts:
    """Everything of one period."""

    period: Period
    said: Said
    seen: dict[str, Seen]
    inputs: Inputs
    latency: Latency


def counts_of(user: Any, days: int) -> Counts:
    """Counted anew every few minutes. Whoever may open the page sees every brand, so all of them share the counts."""
    key = f"vision-maintainer-{days}"
    counts: Counts | None = cache.get(key)
    if counts is None:
        period = Period.ending_now(days)
        seen = {str(task): seen_in(user, period, task) for task in TASKS}
        counts = Counts(period, said_in(user, period), seen, inputs_in(user, period), latency_in(user, period))
        cache.set(key, counts, KEPT_SECONDS)
    return counts


def last_words(answers: QuerySet[Correction]) -> QuerySet[Correction]:
    """Of several answers to one suggestion only the last. Of photos that are gone, which cannot be told, all."""
    same = Q(model_version=OuterRef("model_version")) | Q(model_version=None)
    later = Correction.objects.filter(same, analysis=OuterRef("analysis"), task=OuterRef("task"), pk__gt=OuterRef("pk"))
    return answers.exclude(Exists(later.order_by()))


def answers_in(user: Any, period: Period) -> QuerySet[Correction]:
    """The last words of the period, of the brands that a person may see."""
    return last_words(Correction.objects.visible_to(user).filter(created_at__gte=period.since))


def said_in(user: Any, period: Period) -> Said:
    """One query."""
    rows = (
        answers_in(user, period)
        .order_by()
        .annotate(part=period.part_of("created_at"))
        .values_list("part", "task", "label", "suggested", "decision")
        .annotate(count=Count("pk"))
    )
    said = Said()
    for part, task, label, suggested, decision, count in rows:
        is_right, is_filled = label == suggested, decision == PREFILL
        for place in (said.total[task], said.by_part[task][part], said.by_label[task][label]):
            place.add(count, is_right, is_filled)
        said.pairs[task][label, suggested] += count
    return said


def looked_at(user: Any, since: datetime) -> QuerySet[Analysis]:
    """Photos with an answer since then."""
    done = Analysis.objects.visible_to(user).filter(state=Analysis.State.DONE, finished_at__gte=since)
    return done.exclude(result={}).order_by()


def seen_in(user: Any, period: Period, task: str) -> Seen:
    """One query: labels and decisions by part, and of the period before."""
    rows = (
        looked_at(user, period.before)
        .annotate(part=period.part_of("finished_at"))
        .values_list("part", KT(f"result__{task}__label"), KT(f"result__{task}__decision"))
        .annotate(count=Count("pk"), sure=Sum(number(f"result__{task}__confidence")))
    )
    seen = Seen()
    for part, label, decision, count, sure in rows:
        seen.decisions[part][decision] += count
        seen.labels[part][label] += count
        seen.confidence[part] += sure or 0.0
        if part != BEFORE and decision == PREFILL:
            seen.filled[label] += count
    return seen


def inputs_in(user: Any, period: Period) -> Inputs:
    """One query: how sure the model was, how much of the photo the garment takes, and what else the photo shows."""
    rows = (
        looked_at(user, period.before)
        .annotate(
            earlier=Case(When(finished_at__lt=period.since, then=Value(1)), default=Value(0)),
            sure=tenth("result__category__confidence"),
            mask=tenth("result__mask_share"),
            scene=KT("result__scene__label"),
        )
        .values_list("earlier", "sure", "mask", "scene", "model_version")
        .annotate(count=Count("pk"))
    )
    found = Inputs()
    for earlier, sure, mask, scene, model, count in rows:
        side = bool(earlier)
        found.confidence[side][tenth_of(sure)] += count
        found.mask[side][tenth_of(mask)] += count
        found.scene[side][scene or "single"] += count
        found.models[side].add(model)
    return found


def latency_in(user: Any, period: Period) -> Latency:
    """One query: the photos looked at last."""
    rows = list(
        looked_at(user, period.since)
        .order_by("-finished_at")
        .values_list("result__ms", "created_at", "finished_at")[:LATEST]
    )
    stages = {
        stage: percentiles([ms[stage] for ms, *_times in rows if isinstance(ms, dict) and stage in ms])
        for stage in STAGES
    }
    # A photo that somebody has looked at again days later did not wait all the while.
    times = ((finished - created).total_seconds() for _ms, created, finished in rows if finished)
    waits = [seconds for seconds in times if seconds < LOOKED_AT_AGAIN]
    return Latency(len(rows), stages, percentiles(waits))


def percentiles(values: Iterable[float]) -> tuple[float, float]:
    """The median and what 95 % stay below; zeros of nothing."""
    ranked = sorted(values)
    if not ranked:
        return 0.0, 0.0
    return ranked[len(ranked) // 2], ranked[min(int(len(ranked) * 0.95), len(ranked) - 1)]


def number(path: str) -> Cast:
    return Cast(KT(path), FloatField())


def tenth(path: str) -> Substr:
    """The first decimal of a number from 0 to 1, as text ("0.9"): cut in the database, without a function of Python's
    that SQLite would call for each row.
    """
    return Substr(KT(path), 1, 3)


def tenth_of(text: str | None) -> int:
    """The tenth that such a text names; very small numbers are written with an exponent, which is cut off."""
    try:
        number = float(text or 0)
    except ValueError:
        return 0
    return int(number * TENTHS) if number <= 1 else 0
