"""What people make of the suggestions: taken over into the product, and kept as labels for the next model."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from catalog.models import Category, Pattern, Product
from catalog.services import set_product_colours, update_product
from erp.core.models import User
from vision.models import Analysis, Correction
from vision.selectors import UNKNOWN, ProductSuggestions, suggestions_for

Task = Correction.Task


@transaction.atomic
def record_answers(
    *, product: Product, actor: User | None, category: Category | None, pattern: Pattern | None
) -> list[Correction]:
    """Keep what a person says the product is, as a label of each of its analysed photos. None says nothing.

    The same answer again adds nothing, whoever gives it; a changed answer adds rows. Returns the rows added.
    """
    given = {Task.CATEGORY: category, Task.PATTERN: pattern}
    answers = {task: term.slug for task, term in given.items() if term is not None}
    found = Analysis.objects.filter(image__product=product).exclude(result={})
    analyses = list(found.select_related("image__product").select_for_update(of=("self",)))
    said = _last_answers(analyses)
    rows = [
        _correction(analysis, task, label, actor)
        for analysis in analyses
        for task, label in answers.items()
        if said.get((analysis.pk, task)) != (label, analysis.model_version_id)
    ]
    return Correction.objects.bulk_create(rows)


def _last_answers(analyses: list[Analysis]) -> dict[tuple[int, str], tuple[str, int | None]]:
    """(analysis, task) -> the label said last, and of which model's suggestion."""
    rows = Correction.objects.filter(analysis__in=analyses).order_by("pk")
    values = rows.values_list("analysis_id", "task", "label", "model_version_id")
    return {(analysis, task): (label, version) for analysis, task, label, version in values}


def _correction(analysis: Analysis, task: str, label: str, actor: User | None) -> Correction:
    suggested = analysis.result[task]
    return Correction(
        brand_id=analysis.image.product.brand_id,
        analysis=analysis,
        photo_sha256=analysis.image.sha256,
        task=task,
        suggested=suggested["label"],
        confidence=suggested["confidence"],
        decision=suggested["decision"],
        label=label,
        accepted=suggested["label"] == label and suggested["decision"] != UNKNOWN,
        actor=actor,
        model_version_id=analysis.model_version_id,
    )


@transaction.atomic
def accept_suggestions(*, product: Product, actor: User) -> ProductSuggestions:
    """Fill the product's empty fields with what its photos suggest; what a person entered stays as it is."""
    found = suggestions_for(product)
    fields: dict[str, Any] = {"name_ko": found.name_ko, "name_en": found.name_en}
    for name, suggestion in (("category", found.category), ("pattern", found.pattern)):
        fields[name] = suggestion.term if suggestion else None
    fields = {name: value for name, value in fields.items() if value and not getattr(product, name)}
    if fields:
        update_product(product=product, actor=actor, **fields)
    if found.colours and not product.product_colours.exists():
        set_product_colours(product=product, colours=[(c.colour, c.hex) for c in found.colours])
    record_answers(product=product, actor=actor, category=fields.get("category"), pattern=fields.get("pattern"))
    return found
