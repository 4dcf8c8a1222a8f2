"""Make a release from the data, start to end, with one command:

    python -m vision.ml.recipe --preset cpu --data ../shared/data --out runs/release

Trains a first segmenter, masks for the photos, the teachers, the segmenter that is shipped, the vote, a student on
held-out senders that gives the figures, and the released student on all senders. `cpu` takes small teachers from random
weights, `gpu` the published ensemble (ConvNeXt-Base, Swin-Base, EfficientNetV2-S) from timm's ImageNet weights, which
needs a network once. What is there is not made again, and an interrupted training goes on: run the same command.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .config import option, parse_config, parse_sizes


@dataclass(frozen=True)
class Preset:
    """How long and how large; minutes are wall-clock budgets on the machine the preset is named after."""

    teachers: tuple[str, ...]
    student: str
    teacher_minutes: float
    end_minutes: float
    student_minutes: float
    segmenter_minutes: float
    sizes: str
    end_sizes: str
    size: int
    # The student serves at the last of these.
    student_sizes: str
    batch: int
    source: int
    # Pictures that the teachers answer for the students.
    views: int
    # The network whose trunk the shipped segmenter's encoder starts from; empty for timm's weights.
    encoder: str = ""
    # Teachers that begin with what an earlier, related one learned first.
    related: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    lr: float = 1.5e-3
    end_lr: float = 4e-4
    training: tuple[str, ...] = ()
    evaluation: tuple[str, ...] = ()


PRESETS = {
    "cpu": Preset(
        teachers=("resnet34_narrow", "seresnet34_fine", "regnety_008"),
        student="seresnet34_fine",
        teacher_minutes=180,
        end_minutes=60,
        student_minutes=120,
        segmenter_minutes=25,
        sizes="96:0.35,128:1",
        end_sizes="160:1",
        size=160,
        student_sizes="160:0.3,192:1",
        batch=32,
        source=256,
        views=96_000,
        encoder="resnet34_narrow",
        related=(("seresnet34_fine", "resnet34_narrow"),),
    ),
    "gpu": Preset(
        teachers=("convnext_base", "swin_base", "efficientnetv2_s"),
        student="convnext_tiny",
        teacher_minutes=40,
        end_minutes=10,
        student_minutes=60,
        segmenter_minutes=15,
        sizes="224:1",
        end_sizes="224:1",
        size=224,
        student_sizes="224:1",
        batch=128,
        source=256,
        views=600_000,
        flags=("--pretrained",),
        lr=3e-4,
        end_lr=1e-4,
    ),
    # Seconds on anything: for tests, and to see whether an installation can train.
    "tiny": Preset(
        teachers=("test_resnet", "test_efficientnet"),
        student="test_resnet",
        teacher_minutes=1,
        end_minutes=1,
        student_minutes=1,
        segmenter_minutes=1,
        sizes="32:1",
        end_sizes="64:1",
        size=64,
        student_sizes="64:1",
        batch=6,
        source=64,
        views=12,
        training=("--max-steps", "2", "--backgrounds", "6", "--prints", "8", "--workers", "1"),
        evaluation=("--composites", "2", "--made-scenes", "8"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class RecipeConfig:
    """Which release is made, from what and where."""

    preset: str = option("cpu", "what the machine is", choices=tuple(PRESETS))
    data: str = option("../shared/data", "folder that holds garments/ and studio/")
    cache: str = option(".cache/vision", "folder for decoded photos")
    out: str = option("runs/release", "folder for every step; the release is in its subfolder `weights`")
    held_out: str = option("1,2", "folds that give the figures")
    name: str = option("student-dev", "the release's name")
    int8: str = option("auto", "8-bit graphs where the answers hold", choices=("auto", "never", "always"))
    seed: int = option(0, "seed of everything")
    list_only: bool = option(False, "print the steps and do nothing")


@dataclass(frozen=True)
class Step:
    """One command of vision.ml and the file that proves it was done."""

    name: str
    module: str
    arguments: tuple[str, ...]
    proof: Path

    @property
    def command(self) -> tuple[str, ...]:
        return ("-m", f"vision.ml.{self.module}", *self.arguments)


class Recipe:
    """The steps of a configuration, in order; every later one reads files of the earlier ones."""

    def __init__(self, config: RecipeConfig) -> None:
        self.config = config
        self.preset = PRESETS[config.preset]
        self.out = Path(config.out)
        self.source = ["--data", config.data, "--cache", config.cache]

    def steps(self) -> list[Step]:
        preset, masks = self.preset, self.out / "masks.npz"
        teachers = [self.out / f"teacher-{name}" / "classifier.safetensors" for name in preset.teachers]
        segmenter = self.out / "segmenter" / "segmenter.safetensors"
        found = [self._segmenter("segmenter-first", ()), self._masks(masks)]
        for number, name in enumerate(preset.teachers):
            found += self._teacher(name, number, masks)
        start: tuple[str, ...] = ()
        if preset.encoder:
            start = ("--start-encoder", str(self.out / f"teacher-{preset.encoder}" / "classifier.safetensors"))
        found.append(self._segmenter("segmenter", ("--masks", str(masks), *start)))
        found.append(self._export("first", teachers[0], segmenter))
        found += [self._vote(teachers), self._student("sibling", self.config.held_out, teachers, masks)]
        found.append(self._export("measured", self.out / "sibling" / "classifier.safetensors", segmenter))
        found += [self._evaluation(), self._student("student", "", teachers, masks), self._release(segmenter)]
        return found

    def _step(self, name: str, module: str, arguments: Sequence[str], proof: Path) -> Step:
        return Step(name, module, tuple(arguments), proof)

    def _training(self, seed: int) -> list[str]:
        shape = ["--batch", str(self.preset.batch), "--source-size", str(self.preset.source)]
        return [*self.source, *shape, "--seed", str(self.config.seed + seed), "--resume", *self.preset.training]

    def _segmenter(self, name: str, extra: Sequence[str]) -> Step:
        preset, out = self.preset, self.out / name
        said = ["--network", preset.encoder or preset.student, "--minutes", str(preset.segmenter_minutes)]
        said += ["--sizes", f"{min(192, preset.source)}:1", "--held-out", self.config.held_out, "--out", str(out)]
        shared = ["segmenter", *self._training(1), *said, *extra, *preset.flags]
        return self._step(name, "train", shared, out / "segmenter.safetensors")

    def _masks(self, masks: Path) -> Step:
        first = self.out / "segmenter-first" / "segmenter.safetensors"
        return self._step("masks", "selftrain", ["--segmenter", str(first), *self.source, "--out", str(masks)], masks)

    def _teacher(self, name: str, number: int, masks: Path) -> list[Step]:
        preset, seed = self.preset, 10 * (number + 1)
        shared = ["--network", name, "--held-out", self.config.held_out, "--masks", str(masks)]
        first, out = self.out / f"teacher-{name}-first", self.out / f"teacher-{name}"
        begin = ["--minutes", str(preset.teacher_minutes), "--sizes", preset.sizes, "--lr", str(preset.lr)]
        related = dict(preset.related).get(name)
        if related:
            begin += ["--start", str(self.out / f"teacher-{related}-first" / "classifier.safetensors")]
        end = ["--minutes", str(preset.end_minutes), "--sizes", preset.end_sizes, "--lr", str(preset.end_lr), "--mild"]
        end += ["--start", str(first / "classifier.safetensors")]
        return [
            self._step(
                first.name,
                "train",
                ["classifier", *self._training(seed), *shared, *begin, *preset.flags] + ["--out", str(first)],
                first / "classifier.safetensors",
            ),
            self._step(
                out.name,
                "train",
                ["classifier", *self._training(seed + 1), *shared, *end, "--out", str(out)],
                out / "classifier.safetensors",
            ),
        ]

    def _vote(self, teachers: Sequence[Path]) -> Step:
        said = ["--members", ",".join(map(str, teachers)), "--weights", str(self.out / "weights-first")]
        said += ["--data", self.config.data, "--held-out", self.config.held_out, "--size", str(self.preset.size)]
        vote = self.out / "vote.json"
        return self._step("vote", "ensemble", [*said, "--out", str(vote)], vote)

    def _student(self, name: str, held_out: str, teachers: Sequence[Path], masks: Path) -> Step:
        preset, out = self.preset, self.out / name
        said = ["--teachers", ",".join(map(str, teachers)), "--vote", str(self.out / "vote.json")]
        said += ["--teacher-size", str(preset.size), "--views", str(preset.views), "--network", preset.student]
        said += ["--sizes", preset.student_sizes, "--held-out", held_out, "--masks", str(masks), "--out", str(out)]
        said += ["--minutes", str(preset.student_minutes), *self._student_start(name)]
        return self._step(name, "distil", [*self._training(50), *said], out / "classifier.safetensors")

    def _student_start(self, name: str) -> list[str]:
        """The release goes on from its sibling, the sibling from a teacher of its kind or from timm's weights."""
        preset = self.preset
        if name != "student" and preset.student not in preset.teachers:
            return ["--lr", str(preset.lr), *preset.flags]
        before = self.out / ("sibling" if name == "student" else f"teacher-{preset.student}")
        return ["--start", str(before / "classifier.safetensors"), "--lr", str(preset.end_lr), "--mild"]

    def _export(self, name: str, student: Path, segmenter: Path, extra: Sequence[str] = ()) -> Step:
        out = self.out / (f"weights-{name}" if name else "weights")
        said = ["--student", str(student), "--segmenter", str(segmenter), "--out", str(out), "--name", self.config.name]
        served = parse_sizes(self.preset.student_sizes)[-1][0]
        sizes = ["--student-size", str(served), "--segmenter-size", str(min(192, self.preset.source))]
        return self._step(out.name, "export", [*said, *sizes, *extra], out / "card.json")

    def _evaluation(self) -> Step:
        out = self.out / "evaluation.json"
        said = ["--weights", str(self.out / "weights-measured"), *self.source, "--held-out", self.config.held_out]
        said += self.preset.evaluation
        return self._step("evaluation", "evaluate", [*said, "--pictures", str(self.out), "--out", str(out)], out)

    def _release(self, segmenter: Path) -> Step:
        extra = ["--evaluation", str(self.out / "evaluation.json"), "--int8", self.config.int8]
        extra += ["--data", self.config.data, "--held-out", self.config.held_out]
        return self._export("", self.out / "student" / "classifier.safetensors", segmenter, extra)


def execute(step: Step) -> int:
    """Run a step in a process of its own, which frees its memory for the next one; gives the exit status."""
    return subprocess.run([sys.executable, *step.command], check=False).returncode  # noqa: S603 - our own commands


def run(steps: Sequence[Step], out: Path) -> None:
    """Do what is not done yet. A step that fails ends the recipe with its exit status; run it again to go on."""
    out.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, start=1):
        if step.proof.exists():
            print(f"[{number}/{len(steps)}] {step.name}: there already", flush=True)
            continue
        print(f"[{number}/{len(steps)}] {step.name}: python {shlex.join(step.command)}", flush=True)
        started = time.monotonic()
        if status := execute(step):
            raise SystemExit(status)
        row = {"step": step.name, "seconds": round(time.monotonic() - started, 1), "command": shlex.join(step.command)}
        with (out / "steps.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")


def main(arguments: Sequence[str] | None = None) -> None:
    config = parse_config(RecipeConfig, "recipe", __doc__, arguments)
    steps = Recipe(config).steps()
    if config.list_only:
        print("\n".join(f"python {shlex.join(step.command)}" for step in steps))
        return
    run(steps, Path(config.out))


if __name__ == "__main__":
    main()
