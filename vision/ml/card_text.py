"""MODEL_CARD.md from card.json: the same figures, for people. Written by the export, never by hand."""

from __future__ import annotations

from typing import Any

from .card import ModelCard
from .card_history import chosen_from, fold_table, history
from .markdown import bullets, percent, table


def headline(metrics: dict[str, Any]) -> str:
    rows = []
    for task in ("category", "pattern"):
        figures = metrics[task]
        low, high = figures["accuracy_95"]
        rows.append(
            [
                task,
                f"{figures['accuracy']:.3f} ({low:.3f} to {high:.3f})",
                f"{figures['top3']:.3f}",
                f"{figures['macro_f1']:.3f}",
                f"{figures['ece_before']:.3f} / {figures['ece_after']:.3f}",
                f"{figures['temperature']:.2f}",
                f"{figures['prefill']['threshold']:.3f}",
                f"{percent(figures['prefill']['coverage'])} at {percent(figures['prefill']['precision'])}",
                f"{percent(figures['at_98']['coverage'])}",
                f"{figures['floor']:.2f}",
            ]
        )
    head = [
        "task",
        "accuracy (95 % by sender)",
        "top 3",
        "macro F1",
        "ECE before / after",
        "temperature",
        "prefill from",
    ]
    return table([*head, "prefilled, of those right", "coverage at 98 % precision", "floor"], rows)


def class_table(metrics: dict[str, Any], task: str) -> str:
    rows = []
    for label, row in metrics[task]["per_class"].items():
        low, high = row.get("f1_95") or (0.0, 1.0)
        figures = [f"{row[key]:.2f}" for key in ("precision", "recall", "f1")]
        rows.append([label, *figures, f"{low:.2f} to {high:.2f}", str(row["count"])])
    return table([task, "precision", "recall", "F1", "95 % by sender", "photos"], rows)


def fold_note(card: ModelCard) -> str:
    """What the table of folds adds, or why it says no more than the one before it."""
    if len(card.metrics["by_fold"]["category"]["folds"]) > 1:
        return "The table of folds below fits each fold's on the others."
    spread = "is told below, of a shorter training" if "folds" in card.recipe else "is not known"
    return f"One fold was held out; the intervals are over its senders. How figures spread over folds {spread}."


def reliability_table(metrics: dict[str, Any], task: str) -> str:
    rows = [[f"{b['confidence']:.2f}", f"{b['right']:.2f}", str(b["photos"])] for b in metrics[task]["reliability"]]
    return table([f"{task}: said", "was right", "photos"], rows)


def scene_text(metrics: dict[str, Any]) -> str:
    """How well photos of no garment and of several are told from one."""
    found = metrics.get("scenes")
    if not found:
        return "Not measured."
    rows = [
        [name, str(row["pictures"]), percent(row["found"]), percent(row["single garments turned away"])]
        for name, row in found.items()
        if isinstance(row, dict)
    ]
    head = ["scene", "pictures made for this", "noticed", f"of {found['photos']} real single garments, turned away"]
    return table(head, rows)


def whose_figures(card: ModelCard) -> str:
    """Which weights the figures are of: these, or a sibling where these learned from every sender."""
    train = card.recipe.get("student", {}).get("train", {})
    if train.get("held_out"):
        return "on exactly these weights; no stage of their training saw these photos."
    return (
        "on a sibling of these weights, no stage of whose training saw these photos.\n"
        f"The release differs in its last stage: {train.get('minutes', 0):.0f} minutes on all senders, those included, "
        "so that nothing\nlabelled is wasted; what that adds is not in the figures."
    )


def measured(card: ModelCard) -> str:
    """The sections that need an evaluation."""
    metrics = card.metrics
    if not {"category", "views", "by_fold", "segmenter", "colours"} <= metrics.keys():
        return "Not evaluated in every part: see card.json for what was measured."
    views = table(
        ["view", "category", "category top 3", "pattern"],
        [[n, *(f"{v[k]:.3f}" for k in ("category", "category_top3", "pattern"))] for n, v in metrics["views"].items()],
    )
    masks, colours = metrics["segmenter"], metrics["colours"]
    return f"""\
Measured on {metrics["category"]["photos"]} photos of held-out senders (folds by sender and near-duplicate group),
{whose_figures(card)}
Temperature and thresholds are fitted on the same photos, so the calibration figures of this table flatter a little; the
accuracies do not depend on them. {fold_note(card)}

{headline(metrics)}

### Fold by fold

{fold_table(metrics["by_fold"]["category"], "category")}

{fold_table(metrics["by_fold"]["pattern"], "pattern")}

### Which view of the photo the classifier gets

Kept: **{card.view}**{" (averaged with its mirror image)" if card.flip else ""}, chosen on these very photos.

{views}

### Per class

{class_table(metrics, "category")}

{class_table(metrics, "pattern")}

### Calibration

{reliability_table(metrics, "category")}

{reliability_table(metrics, "pattern")}

### No garment, several garments

{scene_text(metrics)}

### Mask and colours

- On {masks["composites"]} composites of studio pictures that no training saw: IoU mean {masks["iou"]:.3f}, median
  {masks["iou_median"]:.3f}, worst tenth below {masks["iou_p10"]:.3f}.
- Colours, on {colours["pictures"]} studio pictures that the naming was not fitted to: the shop's word is our first name
  on {percent(colours["first"])}, covers it on {percent(colours["family"])} (a shop's "Blue" is our blue, sky blue or
  denim), and is among our names on {percent(colours["listed"])}.
{chosen_from(card)}"""


def architecture(card: ModelCard) -> str:
    """The student's trunk in words, from its recipe."""
    model = card.recipe.get("student", {}).get("model", {})
    parts = [f"{name} {', '.join(map(str, model[name]))}" for name in ("layers", "channels") if name in model]
    return f"timm's {model.get('trunk', 'trunk')} ({'; '.join(parts)})" if parts else f"timm's {model.get('trunk')}"


def describe(card: ModelCard) -> str:
    """The whole card as Markdown."""
    data = bullets([f"{d['name']}: {d['author']}, {d['licence']}, {d['source']}. {d['use']}." for d in card.data])
    files = table(["file", "sha256"], [[name, f"`{digest}`"] for name, digest in card.files.items()])
    return f"""\
# {card.name}

One pass over a photo of a garment: category ({len(card.categories)}), pattern ({len(card.patterns)}) and a
256-d unit embedding, behind a segmenter that cuts the garment out.
This file is written by `python -m vision.ml.export` from `card.json`.

## Intended use

{card.intended_use}

## Figures

{measured(card)}

## Known failures

{bullets(card.known_failures)}

## Data and licences

{data}

## Recipe

Compute: {card.compute}. Seed {card.seed}. Student: {architecture(card)}, {card.student.size} px at serving; segmenter:
{card.segmenter.size} px. The exact settings are in `card.json` under `recipe`. A release of this kind from the data
alone, in one command (`--preset gpu` for the published ensemble from ImageNet weights):

```
python -m vision.ml.recipe --preset cpu --data ../shared/data --out runs/release --name {card.name}
```
{history(card)}

## Files

{files}
"""
