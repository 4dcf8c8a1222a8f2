"""Files of orders: taken in whole, looked at by a person, then read order by order in the background."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice

import structlog
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from catalog.photos import clean_name
from erp.channels.formats.orders import (
    MEANINGS,
    NEEDED,
    SaidOrder,
    best_order_template,
    open_orders,
    order_template_names,
    read_orders,
    recognised_columns,
)
from erp.channels.models import Channel, OrderFile, OrderFileProblem, OrderMapping
from erp.channels.services.intake import CHUNK, take_orders_in
from erp.core.errors import DomainError, Problem
from erp.core.models import User
from erp.exchange.products.columns import fingerprint
from erp.exchange.products.tables import Sheet

State = OrderFile.State
RUN_TASK = "erp.channels.tasks.read_order_file"
TIME_LIMIT = 3_600
STALLED = timedelta(minutes=2)
MAX_ATTEMPTS = 3
PREVIEW = 5
GENERIC = "generic"
# An order that was told before and is as it was.
KNOWN = "known"

log = structlog.get_logger(__name__)


class OutOfDate(Exception):
    """Somebody else reads this file now."""


def take_order_file(*, channel: Channel, actor: User, data: bytes, filename: str) -> OrderFile:
    """Takes in a file and guesses whose it is; what was chosen for the same headings before comes first.

    Raises DomainError `file_*` for what is no table.
    """
    table = open_orders(data)
    rows = [[number, cells] for number, cells in islice(table.rows, PREVIEW)]
    known = OrderMapping.objects.filter(channel=channel, fingerprint=fingerprint(table.headings)).first()
    file = OrderFile(
        channel=channel,
        created_by=actor,
        file_name=clean_name(filename),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        headings=table.headings,
        preview=rows,
        template=known.template if known else best_order_template(table.headings),
        columns=known.columns if known else {},
    )
    file.file.save("", ContentFile(data), save=False)
    try:
        file.save()
    except BaseException:
        file.file.storage.delete(str(file.file.name))
        raise
    return file


@transaction.atomic
def start_order_file(
    *, file: OrderFile, actor: User, template: str, columns: Mapping[str, str] | None = None
) -> OrderFile:
    """Remembers how files with these headings are read, and begins. A file that was read may be read again: what is
    known changes nothing."""
    current = _locked(file)
    if current.is_running:
        return current
    _refuse_forgotten(current)
    chosen = _checked_columns(current, template, columns or {})
    current.template, current.columns = template, chosen
    current.state, current.problem, current.run = State.QUEUED, "", 0
    current.next_order, current.total, current.counts = 0, 0, {}
    current.save()
    current.problems.all().delete()
    OrderMapping.objects.update_or_create(
        channel=current.channel,
        fingerprint=fingerprint(current.headings),
        defaults={"template": template, "columns": chosen},
    )
    transaction.on_commit(lambda: _enqueue(current.pk))
    return current


@transaction.atomic
def retry_order_file(*, file: OrderFile, actor: User) -> OrderFile:
    """Goes on where it stopped."""
    current = _locked(file)
    if current.state == State.FAILED:
        _refuse_forgotten(current)
        current.state, current.run, current.problem = State.QUEUED, 0, ""
        current.save()
        transaction.on_commit(lambda: _enqueue(current.pk))
    return current


def read_order_file(*, file_id: int) -> str:
    """The background's part: gives the state it came to. Safe to run twice, and goes on after a crash."""
    waiting = OrderFile.objects.filter(pk=file_id, state=State.QUEUED)
    if not waiting.update(state=State.READING, run=F("run") + 1, updated_at=timezone.now()):
        return _state_of(file_id)
    file = OrderFile.objects.select_related("channel__brand", "channel__location", "created_by").get(pk=file_id)
    try:
        with translation.override(file.created_by.language), timezone.override(file.channel.brand.time_zone):
            _read(file)
    except OutOfDate:
        log.warning("order_file_out_of_date", file=file_id, run=file.run)
    except DomainError as error:
        _stop(file, str(error.problems[0].message if error.problems else error.message))
    except FileNotFoundError:
        _stop(file, _("The file was removed. Upload it again."))
    except Exception:
        log.exception("order_file_failed", file=file_id, order=file.next_order)
        if file.run < MAX_ATTEMPTS:
            _mine(file).update(state=State.QUEUED, updated_at=timezone.now())
        else:
            _stop(file, _("Something unexpected stopped this file. What was taken in stays. Go on in a moment."))
    return _state_of(file_id)


def resume_stalled_order_files(*, stalled: timedelta = STALLED) -> int:
    lost = OrderFile.objects.filter(state__in=OrderFile.RUNNING, updated_at__lte=timezone.now() - stalled)
    for file in lost:
        log.warning("order_file_resumed", file=file.pk, order=file.next_order)
        OrderFile.objects.filter(pk=file.pk, state=State.READING).update(state=State.QUEUED)
        _enqueue(file.pk)
    return len(lost)


def columns_of(file: OrderFile) -> dict[str, list[str]]:
    """Meaning -> headings, as the file would be read."""
    if file.columns:
        return {meaning: [heading] for meaning, heading in file.columns.items()}
    return recognised_columns(file.template, file.headings)


def _read(file: OrderFile) -> None:
    with file.file.open("rb") as stored:
        table: Sheet = open_orders(stored.read())
    columns = file.columns or None
    orders, problems = read_orders(file.template, table, columns=columns, currency=file.channel.currency)
    _begin(file, orders, problems)
    for start in range(file.next_order, len(orders), CHUNK):
        _take(file, orders[start : start + CHUNK], start)
    if not _mine(file).update(state=State.DONE, updated_at=timezone.now()):
        raise OutOfDate


@transaction.atomic
def _begin(file: OrderFile, orders: Sequence[SaidOrder], problems: Sequence[Problem]) -> None:
    if not _mine(file).update(total=len(orders), updated_at=timezone.now()):
        raise OutOfDate
    OrderFileProblem.objects.filter(file=file).delete()
    OrderFileProblem.objects.bulk_create(
        (
            OrderFileProblem(
                file=file,
                line=problem.line or 0,
                column=(problem.field or "")[:300],
                code=problem.code,
                message=str(problem.message)[:300],
            )
            for problem in problems
        ),
        batch_size=2_000,
    )


@transaction.atomic
def _take(file: OrderFile, orders: Sequence[SaidOrder], start: int) -> None:
    """Some orders, and the note that they are taken in, in one transaction."""
    if not _mine(file).filter(next_order=start).update(next_order=start + len(orders), updated_at=timezone.now()):
        raise OutOfDate
    taken = take_orders_in(channel=file.channel, said=orders, actor=file.created_by)
    fates = Counter(one.order.state if one.news else KNOWN for one in taken)
    file.counts = dict(Counter(file.counts) + fates)
    OrderFile.objects.filter(pk=file.pk).update(counts=file.counts)


def _checked_columns(file: OrderFile, template: str, columns: Mapping[str, str]) -> dict[str, str]:
    """The people's own columns, which only a file of their own has. Raises DomainError with each that is wrong."""
    if template not in order_template_names():
        message = _("Choose the marketplace the file is of.")
        raise DomainError("unknown_template", message, [Problem("unknown_template", message, "template")])
    chosen = {key: heading for key, heading in columns.items() if heading} if template == GENERIC else {}
    words = _("Choose a column of this file.")
    problems = [
        Problem("unknown_column", words, key)
        for key, heading in chosen.items()
        if key not in MEANINGS or heading not in file.headings
    ]
    known = chosen or recognised_columns(template, file.headings)
    needed = _("A file of orders needs this column.")
    problems += [Problem("columns_missing", needed, key) for key in NEEDED if key not in known]
    if not {"sku", "title"} & known.keys():
        problems.append(Problem("columns_missing", _("Choose the SKU, or the name of the goods."), "sku"))
    if problems:
        raise DomainError(problems[0].code, problems[0].message, problems)
    return chosen


def _refuse_forgotten(file: OrderFile) -> None:
    if not file.file:
        message = _("This file is not kept any more. Upload it again.")
        raise DomainError("file_forgotten", message, [Problem("file_forgotten", message, "file")], status=409)


def _mine(file: OrderFile) -> QuerySet[OrderFile]:
    return OrderFile.objects.filter(pk=file.pk, run=file.run, state=State.READING)


def _stop(file: OrderFile, words: str) -> None:
    _mine(file).update(state=State.FAILED, problem=words[:300], updated_at=timezone.now())


def _state_of(file_id: int) -> str:
    return OrderFile.objects.filter(pk=file_id).values_list("state", flat=True).first() or ""


def _locked(file: OrderFile) -> OrderFile:
    return OrderFile.objects.select_for_update(of=("self",)).select_related("channel").get(pk=file.pk)


def _enqueue(file_id: int) -> None:
    """A broker that is down loses nothing: the sweep adds it."""
    try:
        async_task(RUN_TASK, file_id, q_options={"timeout": TIME_LIMIT, "save": False})
    except Exception:
        log.exception("enqueue_failed", file=file_id)
