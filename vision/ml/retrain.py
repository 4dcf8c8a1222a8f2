"""Make a candidate from the weights that serve and from what people answered:

    python manage.py export_training_set var/answers
    python -m vision.ml.retrain --weights vision/weights --manifest var/answers --out var/models/candidate

The candidate learns from the manifest's "train" photos but for those of the last days, with --data mixed with the
photos of the release so that it does not forget them. It is measured beside the weights it began from on the frozen
photos, on the last days' and, with --data, on the folds that the release held out. --out then is a weights folder whose
card says all of it and what to do. An interrupted run goes on with --resume.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import parallel
from .answers import Answers, RetrainConfig, completed, divided, load_material, released, work_of
from .card import ModelCard, WeightsError, load_card, sha256_of, write_card
from .card_text import describe
from .checkpoint import load_tensors, save_model, start_from
from .config import parse_config
from .export import PLACES, outputs_of, recipe_of, round_to_half, write_graph
from .judging import (
    AGREEMENT,
    SENTENCES,
    Trial,
    decisions_of,
    differences,
    figures_of,
    hold_trial,
    joined,
    recalibrated,
    verdict_on,
)
from .loop import run_loop
from .manifest import ManifestError, read_manifest
from .material import Material, make_level
from .mix import MILD_MIX, Mix
from .model import build_classifier
from .predictor import load_predictor
from .tasks import classifier_loss
from .trained import load_classifier
from .training import as_sampled, loop_config, seed_everything, stream


def settings_of(config: RetrainConfig) -> dict[str, Any]:
    """The configuration without the folders of this machine."""
    return {name: value for name, value in asdict(config).items() if name not in (*PLACES, "weights")}


def mix_of(config: RetrainConfig, material: Material, scene: bool) -> Mix:
    mix = MILD_MIX if config.data else replace(MILD_MIX, studio=0.0)
    masks = material.garments.masks
    return mix.with_scenes() if scene and masks is not None and masks.any() else mix


def train_candidate(config: RetrainConfig, card: ModelCard, material: Material) -> Path:
    """Fine-tune the base on the answers; the checkpoint lies in the run's work folder."""
    start = Path(config.weights) / "student.safetensors"
    architecture = load_tensors(start)[1]["model"] | {"articles": len(material.articles), "pretrained": False}
    model = build_classifier(architecture)
    start_from(start, model)
    mix = mix_of(config, material, bool(architecture.get("scene")))
    batches = stream(config, material, mix=mix, mild=True, size=card.student.size)
    loop = loop_config(config, f"{card.student.size}:1")
    loss = classifier_loss(config.bf16)
    average = run_loop(model, batches, loss, loop, work_of(config), resume=config.resume)
    path = work_of(config) / "classifier.safetensors"
    if parallel.rank() == 0:
        meta = {"model": architecture, "train": settings_of(config)}
        save_model(path, as_sampled(average, material, mix).cpu(), meta, half=False)
    return path


def write_candidate(config: RetrainConfig, base: ModelCard, checkpoint: Path) -> Path:
    """A weights folder in the work folder, with the base's segmenter and, for now, the base's decisions."""
    folder = work_of(config) / "candidate"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    student, meta = load_classifier(checkpoint), load_tensors(checkpoint)[1]
    round_to_half(student)
    save_model(folder / "student.safetensors", student, {"model": meta["model"] | {"articles": 0}})
    gap = write_graph(student, folder / "student.onnx", base.student.size, outputs_of(student))
    for name in base.files:
        if name.startswith("segmenter"):
            shutil.copyfile(Path(config.weights) / name, folder / name)
    files = {path.name: sha256_of(path) for path in sorted(folder.iterdir())}
    recipe = {"student": recipe_of(meta), "segmenter": base.recipe.get("segmenter", {}), "base": base.name}
    metrics = {"onnx_parity": {"student": gap}}
    write_card(replace(base, name=config.name, files=files, metrics=metrics, recipe=recipe, seed=config.seed), folder)
    return folder


def measure(config: RetrainConfig, base: ModelCard, folder: Path, answers: Answers) -> ModelCard:
    """Base and candidate on the same photos; gives the candidate's card with what came out."""
    held = released(config)[1]
    if len(held) > config.most_held_out:
        chosen = np.random.default_rng(config.seed).permutation(len(held))[: config.most_held_out]
        held = [held[i] for i in sorted(chosen)]
    sets = {"frozen": answers.frozen, "recent": answers.recent, "held_out": held}
    ours, theirs = load_predictor(folder), load_predictor(Path(config.weights))
    new: dict[str, Trial] = {name: hold_trial(ours, records) for name, records in sets.items()}
    old: dict[str, Trial] = {name: hold_trial(theirs, records) for name, records in sets.items()}
    answered = [joined([trials["frozen"], trials["recent"]]) for trials in (old, new)]
    decisions, words = recalibrated(answered[1], base, least=config.calibrate_least)
    on_answers, on_held_out = differences(*answered), differences(old["held_out"], new["held_out"])
    verdict = verdict_on(on_answers, on_held_out, least=config.judge_least)
    figures = {
        "verdict": verdict,
        "sentence": SENTENCES[verdict],
        "base": base.name,
        "photos": {"trained": len(answers.train)} | {name: len(records) for name, records in sets.items()},
        "candidate_figures": {name: figures_of(trial, decisions) for name, trial in new.items()},
        "base_figures": {name: figures_of(trial, decisions_of(base)) for name, trial in old.items()},
        "gain": {"answered": on_answers, "held_out": on_held_out},
        "calibration": words,
        "notes": [AGREEMENT, *notes_on(config, base, words)],
    }
    card = load_card(folder)
    return replace(card, **decisions, metrics=card.metrics | {"retraining": figures})  # type: ignore[arg-type]


def notes_on(config: RetrainConfig, base: ModelCard, calibration: dict[str, str]) -> list[str]:
    notes = []
    if not config.data:
        notes.append("Trained on the answers alone: what the release knew of rare classes may fade.")
    elif not config.held_out:
        notes.append(
            f"{base.name} was trained on every photo of the release, so none is left to see whether it forgot."
        )
    if any(words.startswith("set anew") for words in calibration.values()):
        notes.append("Thresholds were set on the answered photos they are measured on; expect a little less.")
    return notes


def finish(config: RetrainConfig, card: ModelCard, folder: Path) -> Path:
    """Write the card and put the folder in its place, in one step."""
    said = {
        "name": "answers of this installation",
        "source": "manage.py export_training_set",
        "author": "the people who work with it",
        "licence": "photos of its own brands; they stay on this server",
        "use": f"{card.metrics['retraining']['photos']['trained']} photos to train on",
    }
    card = replace(card, data=[*card.data, said])
    write_card(card, folder)
    (folder / "MODEL_CARD.md").write_text(describe(card) + "\n" + in_words(card), encoding="utf-8")
    os.replace(folder, config.out)
    shutil.rmtree(work_of(config))
    return Path(config.out)


def in_words(card: ModelCard) -> str:
    """The section of MODEL_CARD.md on where the candidate comes from."""
    found = card.metrics["retraining"]
    lines = [f"## Retrained from {found['base']}", "", found["sentence"], ""]
    lines += ["| photos | task | base | candidate | gain (95 % by sender) |", "| --- | --- | --- | --- | --- |"]
    for place, kind in (("frozen", "answered"), ("recent", "answered"), ("held_out", "held_out")):
        for task, figures in found["candidate_figures"][place].items():
            before, gain = found["base_figures"][place][task], found["gain"][kind][task]
            low, high = gain["gain_95"]
            lines.append(
                f"| {place}: {figures['photos']} | {task} | {before['accuracy']:.3f} | {figures['accuracy']:.3f} "
                f"| {gain['gain']:+.3f} ({low:+.3f} to {high:+.3f}), {kind} together |"
            )
    lines += ["", *(f"- {note}" for note in found["notes"])]
    lines += [f"- Calibration of the {task}: {words}." for task, words in found["calibration"].items()]
    return "\n".join(lines) + "\n"


def retrain(config: RetrainConfig, arguments: Sequence[str]) -> Path:
    """The candidate's folder; in a helper process its checkpoint. Raises ManifestError, WeightsError."""
    base = load_card(Path(config.weights))
    config = completed(config, base)
    seed_everything(config.seed)
    answers = divided(read_manifest(Path(config.manifest)), config.recent_days)
    # The first process fills the cache before it starts the others, which would write the same files beside it.
    material = load_material(config, answers.train)
    make_level(config, material)
    with parallel.processes("retrain", config, arguments):
        checkpoint = train_candidate(config, base, material)
    if parallel.rank():
        return checkpoint
    folder = write_candidate(config, base, checkpoint)
    return finish(config, measure(config, base, folder, answers), folder)


def main(arguments: Sequence[str] | None = None) -> Path:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    config = parse_config(RetrainConfig, "retrain", __doc__, arguments)
    if Path(config.out).exists():
        raise SystemExit(f"{config.out} exists already. Name a new folder with --out.")
    try:
        path = retrain(config, arguments)
    except (ManifestError, WeightsError) as error:
        raise SystemExit(str(error)) from error
    if parallel.rank() == 0:
        print(load_card(path).metrics["retraining"]["sentence"])
        print(path)
    return path


if __name__ == "__main__":
    main()
