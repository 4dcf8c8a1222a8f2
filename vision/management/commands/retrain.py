"""`python manage.py retrain`: a better model from people's answers, proposed to whoever may activate it."""

from __future__ import annotations

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from erp.core.errors import DomainError
from vision.messages import retraining_message
from vision.models import Retraining
from vision.services import run_retraining, start_retraining


class Command(BaseCommand):
    help = (
        "Collects the answers, trains a candidate from the active model, measures both on photos that neither was "
        "trained on, and registers the candidate. It never activates one. Safe to interrupt and to run again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--minutes", type=int, help="How long the training itself may take.")
        parser.add_argument("--data", help="Folder of training data to mix in, so that nothing is forgotten.")
        parser.add_argument("--least", type=int, help="Newly answered photos that it takes.")
        parser.add_argument("--run", type=int, help="Take up one that was started from the page.")

    def handle(self, *args: Any, **options: Any) -> None:
        # Whoever stops this process stops its trainer too.
        before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        try:
            started = options["run"] or start_retraining(minutes=options["minutes"]).pk
            done = run_retraining(retraining_id=started, data=options["data"], least=options["least"])
        except DomainError as refusal:
            raise CommandError(str(refusal.message)) from refusal
        finally:
            signal.signal(signal.SIGTERM, before)
        self._tell(done)

    def _tell(self, done: Retraining) -> None:
        if done.state == Retraining.State.FAILED:
            raise CommandError(retraining_message(done.problem))
        if done.candidate is None:
            self.stdout.write(f"{done.get_state_display()}: {retraining_message(done.problem)} ({done.photos})")
            return
        found = done.candidate.card.get("metrics", {}).get("retraining", {})
        self.stdout.write(f"{done.candidate.name}: {found.get('sentence', '')}\n{done.candidate.folder}")
