"""Whether a shop delivers its orders to us by itself: asked for when it is connected, ended when it is disconnected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from erp.channels.live.pace import Pace
from erp.channels.live.trouble import Lacking, Passing, Trouble
from erp.channels.models import Channel, Connection, Credential
from erp.channels.services.connections import adapter_of, connect, disconnect
from erp.channels.services.pictures import is_public
from erp.core.errors import DomainError
from erp.core.models import User

Listening = Connection.Listening
RUN_TASK = "erp.channels.tasks.listen_to_shop"

log = structlog.get_logger(__name__)


def hook_address(connection: Connection) -> str:
    """Where the shop delivers to, as it reaches this installation."""
    return connection.origin + reverse("channels:hook-shopify", args=[connection.channel.public_id])


@transaction.atomic
def listen_soon(*, channel: Channel) -> None:
    """After the connection or one of its keys changed: the shop is asked, once all of it is there."""
    if Connection.objects.filter(channel=channel).update(listening=Listening.WAITING, listening_problem=""):
        transaction.on_commit(partial(async_task, RUN_TASK, channel.pk, q_options={"save": False}), robust=True)


def listen_to_shop(*, channel_id: int, pace: Pace | None = None) -> str:
    """Asks the shop to deliver its orders to us. Gives what came of it; asked again, it delivers no more than once."""
    rows = Connection.objects.select_related("channel", "created_by")
    row = rows.filter(channel=channel_id, listening=Listening.WAITING).first()
    if row is None:
        return Connection.objects.filter(channel=channel_id).values_list("listening", flat=True).first() or ""
    with translation.override(row.created_by.language):
        if problem := _missing(row):
            return _note(row, Listening.OFF, problem)
        try:
            adapter_of(row.channel, pace=pace).listen(hook_address(row))
        except Passing as error:
            return _note(row, Listening.WAITING, str(error))
        except Lacking:
            return _note(row, Listening.OFF, _("The access token lacks a right: it needs to read orders."))
        except (Trouble, DomainError) as error:
            return _note(row, Listening.OFF, str(error))
    return _note(row, Listening.ON, "")


def listen_again() -> int:
    """Queues the shops that could not be asked. Gives how many."""
    waiting = Connection.objects.filter(listening=Listening.WAITING, channel__is_active=True)
    keys = list(waiting.values_list("channel", flat=True))
    for channel in keys:
        async_task(RUN_TASK, channel, q_options={"save": False})
    return len(keys)


def open_shop(*, channel: Channel, actor: User, pace: Pace | None = None, **said: Any) -> str:
    """Connects the channel as `connect` does, and asks the shop for its orders. Gives why another shop, which it was
    before, could not be told to deliver nothing more; what that one delivers is refused from now on."""
    before = Connection.objects.select_related("channel").filter(channel=channel).first()
    leave = _leaving(before, pace)
    row = connect(channel=channel, actor=actor, **said)
    problem = leave() if before and before.shop != row.shop else ""
    listen_soon(channel=channel)
    return problem


def close_shop(*, channel: Channel, actor: User, pace: Pace | None = None) -> str:
    """Disconnects the channel. Gives why its shop could not be told to deliver nothing more."""
    problem = _leaving(Connection.objects.select_related("channel").filter(channel=channel).first(), pace)()
    disconnect(channel=channel, actor=actor)
    return problem


def _leaving(row: Connection | None, pace: Pace | None) -> Callable[[], str]:
    """Tells the shop as it is connected now, also once it no longer is. Gives why it could not be told."""
    if row is None or not row.listening:
        return lambda: ""
    try:
        adapter, address = adapter_of(row.channel, pace=pace), hook_address(row)
    except DomainError as error:
        words = str(error)
        return lambda: words

    def leave() -> str:
        try:
            adapter.stop_listening(address)
        except Trouble as error:
            log.warning("still_listening", channel=row.channel_id, shop=row.shop)
            return str(error)
        return ""

    return leave


def _missing(row: Connection) -> str:
    kinds = set(row.channel.credentials.values_list("kind", flat=True))
    if not kinds >= {Credential.Kind.TOKEN, Credential.Kind.WEBHOOK}:
        return _("Enter the access token and the key of webhooks: then the shop is asked to deliver its orders.")
    if not row.origin.startswith("https://") or not is_public(row.origin):
        return _(
            "The shop cannot reach this installation: it has no public address with https. Set PUBLIC_URL, or open "
            "Jangbu under its public address, and save the connection. Until then bring orders in by file."
        )
    return ""


def _note(row: Connection, state: str, problem: str) -> str:
    """By columns: nobody's edit is written over."""
    mine = Connection.objects.filter(pk=row.pk, shop=row.shop, origin=row.origin)
    mine.update(listening=state, listening_problem=problem[:300], updated_at=timezone.now())
    return state
