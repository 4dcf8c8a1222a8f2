"""MODEL_CARD.md from card.json: the same figures, for people. Written by the export, never by hand."""

from __future__ import annotations

from typing import Any

from .card import ModelCard

STEPS = """\
python -m vision.ml.train segmenter --data ../shared/data --out runs/seg1 --minutes 9 --sizes 160:1 --batch 32
python -m vision.ml.selftrain --segmenter runs/seg1/segmenter.safetensors --data ../shared/data --size 160 \\
    --out runs/masks.npz
python -m vision.ml.train segmenter --data ../shared/data --out runs/seg2 --minutes 9 --sizes 192:1 --batch 32 \\
    --lr 1e-3 --start runs/seg1/segmenter.safetensors --masks runs/masks.npz
python -m vision.ml.train student --data ../shared/data --out runs/first --masks runs/masks.npz --held-out 1 \\
    --minutes 78 --sizes 96:0.35,128:1 --batch 32 --lr 1.5e-3 --weight-decay 0.1 --seed 2
python -m vision.ml.train student --data ../shared/data --out runs/student --masks runs/masks.npz --held-out 1 \\
    --start runs/first/student.safetensors --mild --minutes 28 --sizes 160:1 --batch 32 --lr 4e-4 --weight-decay 0.1 \\
    --seed 3
python -m vision.ml.train student --data ../shared/data --out runs/sibling --masks runs/masks.npz --held-out 1 \\
    --start runs/student/student.safetensors --mild --minutes 38 --sizes 160:1 --batch 32 --lr 4e-4 \\
    --weight-decay 0.1 --seed 3
python -m vision.ml.export --student runs/sibling/student.safetensors --segmenter runs/seg2/segmenter.safetensors \\
    --student-size {size} --out runs/measured
python -m vision.ml.evaluate --weights runs/measured --data ../shared/data --held-out 1 --out runs/evaluation.json
python -m vision.ml.train student --data ../shared/data --out runs/all --masks runs/masks.npz --held-out "" \\
    --start runs/student/student.safetensors --mild --minutes 50 --sizes 160:1 --batch 32 --lr 4e-4 \\
    --weight-decay 0.1 --seed 4
python -m vision.ml.export --student runs/all/student.safetensors --segmenter runs/seg2/segmenter.safetensors \\
    --student-size {size} --evaluation runs/evaluation.json --name {name} --out vision/weights"""


def percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(head), " | ".join("---" for _ in head), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def bullets(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


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
    rows = [
        [label, *(f"{row[key]:.2f}" for key in ("precision", "recall", "f1")), str(row["count"])]
        for label, row in metrics[task]["per_class"].items()
    ]
    return table([task, "precision", "recall", "F1", "photos"], rows)


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
    folds = table(
        ["fold", "category", "pattern"],
        [[n, f"{v['category']:.3f}", f"{v['pattern']:.3f}"] for n, v in metrics["by_fold"].items()],
    )
    seg, colours = metrics["segmenter"], metrics["colours"]
    return f"""\
Measured on {metrics["category"]["photos"]} photos of held-out senders (folds by sender and near-duplicate group),
{whose_figures(card)}
Temperature and thresholds are fitted on the same photos, so the calibration figures flatter a little; the accuracies do
not depend on them.

{headline(metrics)}

### Which view of the photo the classifier gets

Kept: **{card.view}**{" (averaged with its mirror image)" if card.flip else ""}.

{views}

### Held-out folds

{folds}

### Per class

{class_table(metrics, "category")}

{class_table(metrics, "pattern")}

### Mask and colours

- IoU on {seg["composites"]} composites of studio pictures that no training saw: mean {seg["iou"]:.3f}, median
  {seg["iou_median"]:.3f}, worst tenth below {seg["iou_p10"]:.3f}.
- Colours, on {colours["pictures"]} studio pictures that the naming was not fitted to: the shop's word is our first name
  on {percent(colours["first"])}, covers it on {percent(colours["family"])} (a shop's "Blue" is our blue, sky blue or
  denim), and is among our names on {percent(colours["listed"])}."""


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

Compute: {card.compute}. Seed {card.seed}. Student: {architecture(card)}, from
random weights, {card.student.size} px at serving; segmenter: a U-Net of 2.6M parameters, {card.segmenter.size} px.
The exact settings are in `card.json` under `recipe`. To make a release of the same kind:

```
{STEPS.format(size=card.student.size, name=card.name)}
```

## Files

{files}
"""
