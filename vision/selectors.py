"""What the photos of a product suggest, merged into one answer for its form."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from catalog.models import Category, Colour, Pattern, Product, ProductImage
from catalog.naming import propose_names
from vision.messages import SINGLE, error_message, scene_message
from vision.models import Analysis

State = Analysis.State
Term = TypeVar("Term", Category, Pattern)
PREFILL, SUGGEST, UNKNOWN = "prefill", "suggest", "unknown"
CHOICES = 3
MAX_COLOURS = 4
MIN_COLOUR_SHARE = 0.07


@dataclass(frozen=True)
class Suggestion(Generic[Term]):
    """One answer. `decision` "prefill": fill `term` in; "suggest": offer `choices`; "unknown": `term` is None."""

    term: Term | None
    confidence: float
    decision: str
    choices: list[tuple[Term, float]]


@dataclass(frozen=True)
class ColourSuggestion:
    """A colour of the garment: the catalog's name, the garment's own `hex`, and its share (0-1) over the photos."""

    colour: Colour
    hex: str
    share: float


@dataclass(frozen=True)
class PhotoState:
    """How far the analysis of one photo is. `state` is "none" for a photo that was never queued.

    `scene`: it shows a "single" garment, "none" or "several"; blank until that is known. `note` says so to people.
    """

    image: ProductImage
    state: str
    error_message: str
    scene: str = ""
    note: str = ""


@dataclass(frozen=True)
class ProductSuggestions:
    """`state`: "none" (no photo queued), "queued", "running" (some are to come), "done" (at least one), "failed" (all).

    What is known so far is filled in while the state is still "running". `done` counts photos whose analysis ended.
    """

    state: str
    photos: list[PhotoState]
    category: Suggestion[Category] | None
    pattern: Suggestion[Pattern] | None
    colours: list[ColourSuggestion]
    name_ko: str
    name_en: str
    done: int
    total: int


def suggestions_for(product: Product) -> ProductSuggestions:
    """Everything its photos suggest for a product, whatever has been analysed so far. Four queries."""
    photos = list(product.images.select_related("analysis"))
    analyses = [photo.analysis for photo in photos if hasattr(photo, "analysis")]
    results = voters([analysis.result for analysis in analyses if analysis.result])
    category = merge_ranked([r["category"] for r in results], _by_slug(Category.objects.all()))
    pattern = merge_ranked([r["pattern"] for r in results], _by_slug(Pattern.objects.all()))
    coloured = [r["colours"] for r in results if scene_of(r) != "none"]
    colours = merge_colours(coloured, _colours_of(product)) if coloured else []
    name_ko, name_en = _names(category, pattern, colours)
    return ProductSuggestions(
        state=merge_states([analysis.state for analysis in analyses]),
        photos=[_photo_state(photo) for photo in photos],
        category=category,
        pattern=pattern,
        colours=colours,
        name_ko=name_ko,
        name_en=name_en,
        done=sum(analysis.state in (State.DONE, State.FAILED) for analysis in analyses),
        total=len(photos),
    )


def _names(
    category: Suggestion[Category] | None, pattern: Suggestion[Pattern] | None, colours: Sequence[ColourSuggestion]
) -> tuple[str, str]:
    """A name says nothing doubtful about the pattern: leaving it out is never wrong."""
    sure = pattern.term if pattern and pattern.decision == PREFILL else None
    return propose_names(category.term if category else None, sure, [c.colour for c in colours])


def _photo_state(photo: ProductImage) -> PhotoState:
    analysis = getattr(photo, "analysis", None)
    if analysis is None:
        return PhotoState(photo, "none", "")
    scene = scene_of(analysis.result) if analysis.result else ""
    return PhotoState(photo, analysis.state, error_message(analysis.error_code), scene, scene_message(scene))


def scene_of(result: dict[str, Any]) -> str:
    """Rows from before models told scenes apart count as those of one garment."""
    label: str = result.get("scene", {}).get("label", SINGLE)
    return label


def voters(results: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """A photo of no garment, or of several, has no vote while another one shows a single garment."""
    return [result for result in results if scene_of(result) == SINGLE] or results


def _by_slug(terms: Iterable[Any]) -> dict[str, Any]:
    return {term.slug: term for term in terms}


def _colours_of(product: Product) -> dict[str, Colour]:
    """The platform's colours by slug; a brand's own colour of the same slug goes before."""
    usable = Colour.objects.usable_by(product.brand_id)
    return _by_slug(sorted(usable, key=lambda colour: colour.brand_id is not None))


def merge_states(states: Sequence[str]) -> str:
    """One state for several photos."""
    if not states:
        return "none"
    waiting = [s for s in states if s in (State.QUEUED, State.RUNNING)]
    if waiting:
        return State.QUEUED if all(s == State.QUEUED for s in states) else State.RUNNING
    return State.DONE if State.DONE in states else State.FAILED


def merge_ranked(answers: Sequence[dict[str, Any]], terms: dict[str, Term]) -> Suggestion[Term] | None:
    """The photos' mean opinion. A photo that claims nothing has no vote while another one claims something.

    It is prefilled when a photo is sure of it and no other photo is sure of something else.
    """
    voters = [a for a in answers if a["decision"] != UNKNOWN] or list(answers)
    if not voters:
        return None
    mean: dict[str, float] = defaultdict(float)
    for answer in voters:
        for label, probability in answer["top3"]:
            mean[label] += probability / len(voters)
    ranked = sorted(((p, label) for label, p in mean.items() if label in terms), reverse=True)[:CHOICES]
    sure = {a["label"] for a in voters if a["decision"] == PREFILL}
    if not ranked or all(a["decision"] == UNKNOWN for a in voters):
        return Suggestion(None, ranked[0][0] if ranked else 0.0, UNKNOWN, [])
    confidence, label = ranked[0]
    decision = PREFILL if sure == {label} else SUGGEST
    return Suggestion(terms[label], confidence, decision, [(terms[name], p) for p, name in ranked])


def merge_colours(answers: Sequence[list[dict[str, Any]]], terms: dict[str, Colour]) -> list[ColourSuggestion]:
    """Mean share of each colour over the photos that show any; the hex comes from the photo that shows most of it."""
    voters = [answer for answer in answers if answer]
    share: dict[str, float] = defaultdict(float)
    best: dict[str, tuple[float, str]] = {}
    for answer in voters:
        for colour in answer:
            share[colour["name"]] += colour["share"] / len(voters)
            best[colour["name"]] = max(best.get(colour["name"], (0.0, "")), (colour["share"], colour["hex"]))
    ranked = sorted(((value, name) for name, value in share.items() if name in terms), reverse=True)[:MAX_COLOURS]
    return [
        ColourSuggestion(terms[name], best[name][1], round(value, 3))
        for place, (value, name) in enumerate(ranked)
        if place == 0 or value >= MIN_COLOUR_SHARE
    ]
