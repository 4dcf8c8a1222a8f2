"""Learning from answers: one training at a time, in a process of its own; it proposes and never activates."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import Schedule

from catalog.models import Category
from erp.core.errors import DomainError
from erp.core.jobs import ensure_schedules
from tests.vision.tiny import make_weights
from vision.messages import retraining_message
from vision.models import ModelVersion, Retraining
from vision.services import (
    activate_model,
    ask_for_retraining,
    detach_retraining,
    end_lost_retrainings,
    record_answers,
    register_model,
    retrain_if_scheduled,
    retraining,
    run_retraining,
    start_retraining,
)
from vision.services.workers import worker_name

pytestmark = pytest.mark.django_db

State = Retraining.State
# Stands in for the trainer: puts a weights folder where the real one writes its candidate.
TRAINER = """
import shutil, sys, time
arguments = dict(zip(sys.argv[1::2], sys.argv[2::2]))
open(arguments["--manifest"] + "/manifest.csv").close()
print("[####] 40 %\\nlearning", flush=True)
{act}
shutil.copytree({made!r}, arguments["--out"])
"""


@pytest.fixture
def models(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path / "var"
    return tmp_path / "var/models"


@pytest.fixture
def base(tmp_path: Path) -> ModelVersion:
    version = register_model(folder=make_weights(tmp_path / "base", name="base"))
    return activate_model(version=version, actor=None)


@pytest.fixture
def answered(product: Any, actor: Any, analysed: Any) -> None:
    """Two photos that a person answered."""
    analysed("navy")
    analysed("red")
    record_answers(product=product, actor=actor, category=Category.objects.get(slug="shirt"), pattern=None)


@pytest.fixture
def trainer(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[list[str]]]:
    """Trains nothing, in a moment. Returns the arguments it was given."""
    made = make_weights(tmp_path / "made", name="candidate", category="hat")
    given: list[list[str]] = []
    real = retraining.train_command

    def use(act: str = "") -> list[list[str]]:
        def command(*args: Any) -> list[str]:
            arguments = real(*args)[3:]
            given.append(arguments)
            return [sys.executable, "-c", TRAINER.format(act=act, made=str(made)), *arguments]

        monkeypatch.setattr(retraining, "train_command", command)
        return given

    use()
    return use


def run(**options: Any) -> Retraining:
    return run_retraining(retraining_id=start_retraining(minutes=5).pk, **({"least": 1} | options))


def test_a_candidate_is_proposed_and_not_activated(base: Any, answered: Any, trainer: Any, models: Path) -> None:
    done = run()
    assert (done.state, done.problem, done.photos, done.base) == (State.PROPOSED, "", 2, base)
    assert done.candidate is not None and done.finished_at and done.answers_until
    assert (done.candidate.name, done.candidate.is_active, done.candidate.activated_at) == ("candidate", False, None)
    assert Path(done.candidate.folder).parent == models
    base.refresh_from_db()
    assert base.is_active
    assert [path.name for path in models.iterdir()] == [Path(done.candidate.folder).name]  # no photo is left


def test_it_begins_from_the_active_model(base: Any, answered: Any, trainer: Any) -> None:
    given = trainer()
    run(data="/srv/photos")
    (arguments,) = given
    told = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert (told["--weights"], told["--minutes"], told["--data"]) == (base.folder, "5", "/srv/photos")


def test_too_few_answers_change_nothing(base: Any, answered: Any, trainer: Any, models: Path) -> None:
    done = run(least=3)
    assert (done.state, done.photos, done.candidate) == (State.NOTHING, 2, None)
    assert "Too few photos" in str(retraining_message(done.problem)) or "적" in retraining_message(done.problem)
    assert trainer() == [] and not models.exists()


def test_only_new_answers_count_the_next_time(
    base: Any, answered: Any, trainer: Any, product: Any, actor: Any, analysed: Any
) -> None:
    assert run().state == State.PROPOSED
    Retraining.objects.update(answers_until=timezone.now())
    assert run().state == State.NOTHING
    analysed("green")
    record_answers(product=product, actor=actor, category=Category.objects.get(slug="dress"), pattern=None)
    done = run(least=4)
    assert (done.state, done.photos) == (State.NOTHING, 3)  # a word on the product is one on each of its photos


def test_what_the_trainer_said_is_the_reason(base: Any, answered: Any, trainer: Any, models: Path) -> None:
    trainer("sys.exit('Row 3 of manifest.csv: nothing there.')")
    done = run()
    assert (done.state, done.candidate) == (State.FAILED, None)
    assert done.problem == "learning\nRow 3 of manifest.csv: nothing there."
    assert list(models.iterdir()) == []


def test_the_reason_of_several_processes(base: Any, answered: Any, trainer: Any) -> None:
    trainer("print('[rank0]: ValueError: no such network'); sys.exit(1)")
    assert run().problem == "learning\nValueError: no such network"


def test_a_trainer_without_a_result(base: Any, answered: Any, trainer: Any) -> None:
    trainer("sys.exit(0)")
    assert run().problem == "retrain_no_result"


def test_a_candidate_that_cannot_be_loaded_is_not_kept(base: Any, answered: Any, trainer: Any, models: Path) -> None:
    card = "(out / 'card.json').write_text('{}')"
    trainer(f"import pathlib; out = pathlib.Path(arguments['--out']); out.mkdir(); {card}; sys.exit(0)")
    done = run()
    assert done.state == State.FAILED and "card" in done.problem
    assert list(models.iterdir()) == [] and ModelVersion.objects.count() == 1


def test_without_torch_it_says_what_to_install(
    base: Any, answered: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retraining, "NEEDED", ("no_such_module",))
    done = run()
    assert (done.state, trainer()) == (State.FAILED, [])
    assert "requirements.txt" in retraining_message(done.problem)


def test_one_at_a_time(base: Any, models: Path) -> None:
    first = start_retraining()
    with pytest.raises(DomainError) as refused:
        start_retraining()
    assert refused.value.code == "retraining_runs"
    assert list(Retraining.objects.all()) == [first]


def test_one_run_is_done_once(base: Any, answered: Any, trainer: Any) -> None:
    started = start_retraining()
    Retraining.objects.update(worker="elsewhere:1")
    assert run_retraining(retraining_id=started.pk, least=1).state == State.RUNNING
    assert trainer() == []


def test_a_dead_process_is_noticed_and_the_next_one_begins(base: Any, answered: Any, trainer: Any) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    start_retraining()
    Retraining.objects.update(worker=f"{worker_name().rpartition(':')[0]}:{gone.pid}")
    done = run()
    lost = Retraining.objects.order_by("pk").first()
    assert lost is not None
    assert (lost.state, lost.problem, done.state) == (State.FAILED, "retrain_interrupted", State.PROPOSED)


def test_a_silent_one_is_lost_and_a_living_one_is_left(base: Any) -> None:
    started = start_retraining()
    Retraining.objects.update(worker="elsewhere:1")
    assert end_lost_retrainings() == 0
    Retraining.objects.update(updated_at=timezone.now() - timedelta(hours=1))
    assert end_lost_retrainings() == 1
    started.refresh_from_db()
    assert started.state == State.FAILED and started.finished_at


def test_one_that_was_ended_meanwhile_stops(
    base: Any, answered: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer("time.sleep(60)")
    monkeypatch.setattr(retraining, "BEAT_SECONDS", 0.0)
    ended = []

    def note(retraining_id: int, **values: Any) -> None:
        if not ended and not values:
            Retraining.objects.update(state=State.FAILED, problem="retrain_interrupted")
            ended.append(1)
        real(retraining_id, **values)

    real = retraining._note
    monkeypatch.setattr(retraining, "_note", note)
    began = time.monotonic()
    assert run().state == State.FAILED
    assert time.monotonic() - began < 30


def test_one_that_never_ends_is_stopped(
    base: Any, answered: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer("time.sleep(60)")
    monkeypatch.setattr(retraining, "OVERHEAD_SECONDS", -300.0)
    assert run().problem == "retrain_too_long"


def test_stopping_the_process_stops_its_trainer(
    base: Any, answered: Any, trainer: Any, monkeypatch: pytest.MonkeyPatch, models: Path
) -> None:
    trainer("time.sleep(60)")
    started: list[Any] = []
    real = subprocess.Popen

    def popen(*args: Any, **kwargs: Any) -> Any:
        started.append(real(*args, **kwargs))
        return started[0]

    def stop(beat: Any) -> None:
        if started:
            raise SystemExit(143)

    monkeypatch.setattr(retraining.subprocess, "Popen", popen)
    monkeypatch.setattr(retraining._Beat, "now_and_then", stop)
    with pytest.raises(SystemExit):
        run()
    assert started[0].returncode == -signal.SIGTERM
    assert Retraining.objects.get().problem == "retrain_interrupted"
    assert list(models.iterdir()) == []


def test_the_page_asks_the_worker(base: Any, actor: Any, capture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(retraining, "async_task", lambda *args, **options: sent.append(args))
    with capture(execute=True):
        asked = ask_for_retraining(actor=actor)
    assert sent == [("vision.tasks.retrain", asked.pk)] and asked.started_by == actor


def test_the_worker_leaves_it_to_a_process_of_its_own(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(retraining.subprocess, "Popen", lambda command, **options: begun.append((command, options)))
    started = start_retraining()
    assert detach_retraining(retraining_id=started.pk) == "running"
    ((command, options),) = begun
    assert command[-3:] == ["retrain", "--run", str(started.pk)] and options["start_new_session"]
    Retraining.objects.update(worker="elsewhere:1")
    assert detach_retraining(retraining_id=started.pk) == "" and len(begun) == 1


def test_the_weekly_turn_is_off_by_default(base: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Any] = []
    monkeypatch.setattr(retraining.subprocess, "Popen", lambda command, **options: begun.append(command))
    assert retrain_if_scheduled() == "" and not Retraining.objects.exists()
    settings.RETRAIN = True
    assert retrain_if_scheduled() == "running" and len(begun) == 1
    assert retrain_if_scheduled() == "retraining_runs" and len(begun) == 1


def test_it_is_scheduled_on_mondays(db: None) -> None:
    ensure_schedules()
    schedule = Schedule.objects.get(func="vision.tasks.retrain_weekly")
    moment = timezone.localtime(schedule.next_run)
    assert (schedule.schedule_type, moment.weekday(), moment.hour) == (Schedule.WEEKLY, 0, 3)
    assert moment > timezone.now()


def test_the_command(base: Any, answered: Any, trainer: Any) -> None:
    out = io.StringIO()
    call_command("retrain", "--least", "9", stdout=out)
    assert "(2)" in out.getvalue()
    call_command("retrain", "--minutes", "2", "--least", "1", stdout=out)
    assert "candidate" in out.getvalue()
    assert signal.getsignal(signal.SIGTERM) in (signal.SIG_DFL, signal.default_int_handler)


def test_the_command_says_why_it_failed(base: Any, answered: Any, trainer: Any) -> None:
    trainer("sys.exit('no space left')")
    with pytest.raises(CommandError, match="no space left"):
        call_command("retrain", "--least", "1")
    start_retraining()
    with pytest.raises(CommandError):
        call_command("retrain")
