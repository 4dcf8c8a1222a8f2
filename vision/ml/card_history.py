"""What the card tells of how a release came about: what it was chosen from, and what was tried beside it."""

from __future__ import annotations

from typing import Any

from .card import ModelCard
from .markdown import percent, table


def history(card: ModelCard) -> str:
    """The commands that made these very weights, where the release kept them."""
    commands = card.recipe.get("history", [])
    if not commands:
        return ""
    lines = "\n".join(commands)
    return f"\nThese weights were made by:\n\n```\n{lines}\n```\n"


def chosen_from(card: ModelCard) -> str:
    """The sections that the history of a release adds to its own figures."""
    recipe = card.recipe
    parts = [
        *(vote_section(recipe["vote"]["figures"]) if "vote" in recipe else []),
        *(student_section(recipe["students"]) if "students" in recipe else []),
        *(["### 8-bit graphs", int8_table(card.metrics["int8"])] if "int8" in card.metrics else []),
        *(part for found in recipe.get("folds", []) for part in fold_section(found)),
        *(mask_section(recipe["masks"]) if "masks" in recipe else []),
    ]
    return "\n" + "\n\n".join(parts) if parts else ""


def vote_section(figures: dict[str, Any]) -> list[str]:
    return ["### Teachers and their vote", vote_table(figures, "category"), vote_table(figures, "pattern")]


def student_section(students: list[dict[str, Any]]) -> list[str]:
    rows = [[str(value) for value in student.values()] for student in students]
    return ["### Students to choose from", table(list(students[0]), rows)]


def vote_table(figures: dict[str, Any], task: str) -> str:
    keys = ("accuracy", "top3", "macro_f1")
    rows = [[name, *(f"{row[key]:.3f}" for key in keys)] for name, row in figures[task].items()]
    return table([f"{task}, who says it", "accuracy", "top 3", "macro F1"], rows)


def int8_table(found: dict[str, dict[str, Any]]) -> str:
    """What 8 bits changed against the floats on the photos that judged them, and which graphs are served so."""
    rows = [
        [
            name,
            "8 bits" if row["served"] else f"floats: {row['problem']}",
            f"{row['speed']:.2f}",
            f"{row['megabytes']:.1f}",
            *(f"{100 * (row[task] - row[f'float_{task}']):+.2f}" for task in ("category", "pattern")),
            percent(row["agreement"]),
            f"{row['overlap']:.3f}",
        ]
        for name, row in found.items()
    ]
    head = ["graph", "served in", "times as fast", "MB", "category, points", "pattern, points"]
    return table([*head, "same answers", "IoU of the masks"], rows)


def fold_table(found: dict[str, Any], task: str) -> str:
    """Every fold by thresholds fitted on the others, then mean and standard deviation; of one fold, the fold alone."""
    keys = ("accuracy", "top3", "macro_f1", "ece", "prefilled", "prefilled_right")
    rows = [[f"fold {n}", *(f"{row[key]:.3f}" for key in keys)] for n, row in found["folds"].items()]
    if len(rows) > 1:
        rows += [[name, *(f"{found[name][key]:.3f}" for key in keys)] for name in ("mean", "spread")]
    return table([task, "accuracy", "top 3", "macro F1", "ECE", "prefilled", "of those right"], rows)


def fold_section(found: dict[str, Any]) -> list[str]:
    """A result of `vision.ml.folds` with a "title" and an "about": the folds, or what the comparison came to."""
    parts = [f"### {found['title']}", found["about"]]
    if "against" not in found:
        return parts + [fold_table(found["runs"][task], task) for task in ("category", "pattern")]
    runs, against = (found[side]["pattern"]["per_class"] for side in ("runs", "against"))
    return [*parts, gain_table(found["gain"]), both_ways(runs, against)]


def gain_table(gain: dict[str, Any]) -> str:
    rows = []
    for task, row in gain.items():
        low, high = (100 * value for value in row["gain_95"])
        rows.append([task, f"{100 * row['gain']:+.1f}", f"{low:+.1f} to {high:+.1f}", str(row["photos"])])
    return table(["task", "points gained", "95 % by sender", "photos"], rows)


def both_ways(runs: dict[str, Any], against: dict[str, Any]) -> str:
    rows = [
        [label, f"{row['f1']:.2f}", f"{against[label]['f1']:.2f}", str(row["count"])] for label, row in runs.items()
    ]
    return table(["pattern", "F1 with", "F1 without", "photos"], rows)


def mask_section(found: dict[str, Any]) -> list[str]:
    """A result of `vision.ml.compare_masks`."""
    rows = [
        [
            name,
            *(f"{masks[key]:.3f}" for key in ("iou", "boundary_f")),
            f"{masks['ms']:.0f}",
            *(f"{found['accuracy'][name][task]:.3f}" for task in ("category", "pattern")),
        ]
        for name, masks in found["masks"].items()
    ]
    about = (
        f"Masks on {found['composites']} composites of held-out studio pictures; accuracy of the cut-out view, cut by "
        f"each, on {found['photos']} photos of held-out senders."
    )
    head = ["cut out by", "IoU", "boundary F", "ms a picture", "category", "pattern"]
    return ["### The segmenter against GrabCut and against none", about, table(head, rows)]
