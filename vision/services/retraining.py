"""From people's answers to a proposed model: collected here, trained in a process of its own, registered, not active.

One at a time. What is written down in `Retraining` is enough to see how far it is; a process that dies leaves it to
`end_lost_retrainings` to say so, and the next one begins from the start.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess  # noqa: S404 - our own trainer, with arguments of our own
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_q.tasks import async_task

from erp.core.errors import DomainError
from erp.core.models import User
from vision import messages, registry
from vision.models import ModelVersion, Retraining
from vision.services.training import export_training_set, training_answers
from vision.services.versions import register_model
from vision.services.workers import is_gone, worker_name

log = structlog.get_logger(__name__)
State, Step = Retraining.State, Retraining.Step

BEAT_SECONDS = 20.0
# Without a sign of life for so long, whoever trained is dead, or no worker took it up.
SILENT = timedelta(minutes=15)
# Exporting, decoding and measuring come on top of the minutes of training itself.
OVERHEAD_SECONDS = 2 * 3600
NEEDED = ("torch", "timm", "onnx")
REASON_LENGTH = 2000
BAR, RANK = re.compile(r"\[[#.]*\]"), re.compile(r"^\[rank\d+\]: ?")


class Stopped(Exception):
    """A retraining that cannot go on; `reason` is a code of vision.messages, or what the trainer said."""

    def __init__(self, reason: str, state: str = State.FAILED) -> None:
        super().__init__(reason)
        self.reason = reason
        self.state = state


def start_retraining(*, minutes: int | None = None, actor: User | None = None) -> Retraining:
    """The note that one runs now. Raises DomainError `retraining_runs` while another one does."""
    end_lost_retrainings()
    try:
        with transaction.atomic():
            return Retraining.objects.create(minutes=minutes or settings.RETRAIN_MINUTES, started_by=actor)
    except IntegrityError:
        words = _("A training runs already. Wait until it has ended.")
        raise DomainError("retraining_runs", words, status=409) from None


@transaction.atomic
def ask_for_retraining(*, actor: User | None) -> Retraining:
    """Starts one by the worker, in a process that outlives the worker's time limit."""
    retraining = start_retraining(actor=actor)
    transaction.on_commit(lambda: async_task("vision.tasks.retrain", retraining.pk))
    return retraining


def retrain_if_scheduled() -> str:
    """The weekly turn; does nothing where RETRAIN is off, or while another one runs."""
    if not settings.RETRAIN:
        return ""
    try:
        retraining = start_retraining()
    except DomainError as refusal:
        return refusal.code
    return detach_retraining(retraining_id=retraining.pk)


def detach_retraining(*, retraining_id: int) -> str:
    """Leaves the work to a process of its own, at low priority: workers never load PyTorch, nor wait for it."""
    if not _running(retraining_id).filter(worker="").exists():
        return ""
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "retrain", "--run", str(retraining_id)]
    subprocess.Popen(  # noqa: S603
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, start_new_session=True, close_fds=True
    )
    return State.RUNNING


def run_retraining(*, retraining_id: int, data: str | None = None, least: int | None = None) -> Retraining:
    """Does the work of a started retraining, in this process and one below it, and writes down how it went.

    A second process that is handed the same one leaves it alone.
    """
    mine = _running(retraining_id).filter(worker="")
    if not mine.update(worker=worker_name(), updated_at=timezone.now()):
        return Retraining.objects.get(pk=retraining_id)
    ended: dict[str, Any]
    try:
        candidate = _work(retraining_id, data or settings.RETRAIN_DATA, least or settings.RETRAIN_LEAST)
        ended = {"state": State.PROPOSED, "candidate": candidate}
    except Stopped as stop:
        ended = {"state": stop.state, "problem": stop.reason}
    except DomainError as refusal:
        ended = {"state": State.FAILED, "problem": " ".join(str(p.message) for p in refusal.problems) or str(refusal)}
    except BaseException as error:
        log.exception("retraining_failed", retraining=retraining_id)
        reason = f"{type(error).__name__}: {error}" if isinstance(error, Exception) else messages.RETRAIN_INTERRUPTED
        _end(retraining_id, state=State.FAILED, problem=reason[-REASON_LENGTH:])
        raise
    finally:
        shutil.rmtree(work_folder(), ignore_errors=True)
    _end(retraining_id, **ended)
    return Retraining.objects.get(pk=retraining_id)


def end_lost_retrainings() -> int:
    """Says of running ones whose process is gone that they failed. Returns how many."""
    silent_since = timezone.now() - SILENT
    lost = [
        retraining.pk
        for retraining in Retraining.objects.filter(state=State.RUNNING)
        if (retraining.worker and is_gone(retraining.worker)) or retraining.updated_at < silent_since
    ]
    return sum(_end(pk, state=State.FAILED, problem=messages.RETRAIN_INTERRUPTED) for pk in lost)


def models_folder() -> Path:
    """Where candidates lie, beside everything else that the product writes."""
    return Path(settings.VAR_DIR) / "models"


def work_folder() -> Path:
    """Photos and progress of the training that runs; gone once it has ended."""
    return models_folder() / ".work"


def _running(retraining_id: int) -> Any:
    return Retraining.objects.filter(pk=retraining_id, state=State.RUNNING)


def _end(retraining_id: int, **values: Any) -> int:
    now = timezone.now()
    return int(_running(retraining_id).update(finished_at=now, updated_at=now, **values))


def _note(retraining_id: int, **values: Any) -> None:
    """A sign of life. Somebody who ended it meanwhile has ended it."""
    if not _running(retraining_id).update(updated_at=timezone.now(), **values):
        raise Stopped(messages.RETRAIN_INTERRUPTED)


def _work(retraining_id: int, data: str, least: int) -> ModelVersion:
    if not all(importlib.util.find_spec(name) for name in NEEDED):
        raise Stopped(messages.RETRAIN_NO_TORCH)
    base = registry.active_version() or registry.shipped_version()
    if base is None:
        raise Stopped(messages.NO_MODEL)
    _check_answers(retraining_id, least)
    _note(retraining_id, base=base)
    work = work_folder()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    beat = _Beat(retraining_id)
    exported = export_training_set(folder=work / "answers", progress=lambda photos: beat.now_and_then())
    _note(retraining_id, step=Step.TRAIN, photos=exported.photos, answers_until=exported.newest)
    minutes = Retraining.objects.values_list("minutes", flat=True).get(pk=retraining_id)
    _train(train_command(registry.folder_of(base), work, minutes, data), work / "log.txt", minutes, beat)
    _note(retraining_id, step=Step.REGISTER)
    return _keep(work / "candidate", f"{timezone.localtime():%Y-%m-%d}-{retraining_id}")


def _check_answers(retraining_id: int, least: int) -> None:
    """Photos that were answered since the last candidate was made."""
    last = Retraining.objects.filter(state=State.PROPOSED).order_by("-pk").values_list("answers_until", flat=True)
    answers = training_answers(since=last.first())
    count = answers.values("analysis_id").distinct().count()
    _note(retraining_id, photos=count)
    if count < least:
        raise Stopped(messages.RETRAIN_TOO_FEW, State.NOTHING)


def train_command(weights: Path, work: Path, minutes: int, data: str) -> list[str]:
    places = {"--weights": weights, "--manifest": work / "answers", "--out": work / "candidate"}
    options = [str(part) for pair in places.items() for part in pair] + ["--minutes", str(minutes)]
    return [sys.executable, "-m", "vision.ml.retrain", *options, *(["--data", data] if data else [])]


class _Beat:
    """Writes a sign of life every so often."""

    def __init__(self, retraining_id: int) -> None:
        self.retraining_id = retraining_id
        self.last = time.monotonic()

    def now_and_then(self) -> None:
        if time.monotonic() - self.last >= BEAT_SECONDS:
            self.last = time.monotonic()
            _note(self.retraining_id)


def _train(command: list[str], output: Path, minutes: int, beat: _Beat) -> None:
    """Runs the trainer to its end; it goes down with this process."""
    deadline = time.monotonic() + minutes * 60 + OVERHEAD_SECONDS
    with output.open("wb") as sink:
        trainer = subprocess.Popen(  # noqa: S603
            command,
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        try:
            while not _has_ended(trainer, 1.0):
                beat.now_and_then()
                if time.monotonic() > deadline:
                    raise Stopped(messages.RETRAIN_TOO_LONG)
        finally:
            if trainer.poll() is None:
                trainer.terminate()
                if not _has_ended(trainer, 30.0):
                    trainer.kill()
    if trainer.returncode:
        raise Stopped(_reason(output) or messages.UNEXPECTED)


def _has_ended(trainer: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        trainer.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _reason(output: Path) -> str:
    """What the trainer said last, without its progress bars."""
    text = output.read_text(encoding="utf-8", errors="replace").replace("\r", "\n")
    # PyTorch repeats a traceback with the process before each line.
    lines = [RANK.sub("", line) for line in text.splitlines() if line.strip() and not BAR.match(line)]
    return "\n".join(lines[-12:])[-REASON_LENGTH:]


def _keep(made: Path, name: str) -> ModelVersion:
    """Moves a trained folder to where candidates lie and registers it, which loads it once."""
    folder = models_folder() / name
    if not (made / "card.json").is_file():
        raise Stopped(messages.RETRAIN_NO_RESULT)
    os.replace(made, folder)
    try:
        return register_model(folder=folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
