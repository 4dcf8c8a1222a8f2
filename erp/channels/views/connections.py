"""The connection of a channel to its shop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.hooks import SecretForm, ShopForm
from erp.channels.live.registry import live
from erp.channels.models import Channel, Connection, Credential, Fulfilment, Inbound, Push
from erp.channels.services import connections as services
from erp.channels.services.credentials import make_signing_key, remove_credential, set_credential
from erp.channels.services.inbound import retry_inbound
from erp.channels.services.listening import close_shop, open_shop
from erp.channels.services.pictures import public_origin
from erp.channels.services.pushing import start_push
from erp.channels.services.telling_parcels import retry_parcels, tell_untold
from erp.core.errors import DomainError
from erp.core.flash import done

Kind = Credential.Kind
SHOWN = 20
SHOP = ("shop", "api_version", "is_automatic", "tells_customers")


@require_safe
@brand_page(Right.WORK)
def connection(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """How far the channel is connected, what goes over the wire, and what came in."""
    channel = _channel(request, public_id)
    places: list[Any] = []
    if "places" in request.GET and request.can_manage:
        try:
            places = services.places_of(channel=channel)
        except DomainError as error:
            messages.error(request, str(error.message))
    return _page(request, channel, places=places)


@require_POST
@brand_page(Right.MANAGE)
def shop(request: BrandRequest, public_id: UUID) -> HttpResponse:
    channel = _channel(request, public_id)
    form = ShopForm(request.POST, channel=channel)
    if form.is_valid():
        origin = public_origin(request)
        try:
            problem = open_shop(channel=channel, actor=request.user, origin=origin, **form.cleaned_data)
        except DomainError as error:
            form.refused(error)
        else:
            _still_listening(request, problem)
            done(request, _("Saved."))
            return _to(channel)
    return _page(request, channel, form=form, status=422)


@require_POST
@brand_page(Right.MANAGE)
def secret(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """A key entered, made or forgotten. One that we make is shown this once."""
    channel = _channel(request, public_id)
    kind = request.POST.get("kind", "")
    if kind not in Kind.values:
        return _to(channel)
    if "make" in request.POST and live(channel.kind) is None:
        return _key_shown(request, channel, make_signing_key(channel=channel, actor=request.user))
    if "forget" in request.POST:
        remove_credential(channel=channel, kind=kind, actor=request.user)
        done(request, _("The key is forgotten."))
        return _to(channel)
    form = SecretForm(request.POST)
    if form.is_valid():
        try:
            set_credential(channel=channel, kind=kind, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.refused(error)
        else:
            done(request, _("The key is kept. It is not shown again."))
            return _to(channel)
    return _page(request, channel, secret_form=form, secret_kind=kind, status=422)


@require_POST
@brand_page(Right.MANAGE)
def place(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """One of the places that the shop names itself."""
    channel = _channel(request, public_id)

    def choose() -> None:
        offered = {place.id: place for place in services.places_of(channel=channel)}
        if chosen := offered.get(request.POST.get("place", "")):
            services.choose_place(channel=channel, place=chosen, actor=request.user)

    return _told(request, channel, choose, _("Saved."))


@require_POST
@brand_page(Right.WORK)
def push(request: BrandRequest, public_id: UUID) -> HttpResponse:
    channel = _channel(request, public_id)
    everything = request.POST.get("everything") == "1"

    def send() -> None:
        start_push(channel=channel, actor=request.user, everything=everything)
        tell_untold(channel=channel)

    return _told(request, channel, send)


@require_POST
@brand_page(Right.MANAGE)
def end(request: BrandRequest, public_id: UUID) -> HttpResponse:
    channel = _channel(request, public_id)
    _still_listening(request, close_shop(channel=channel, actor=request.user))
    done(request, _("The shop is forgotten. What it was sent stays there."))
    return _to(channel)


@require_POST
@brand_page(Right.WORK)
def retry(request: BrandRequest, public_id: UUID, inbound: UUID) -> HttpResponse:
    channel = _channel(request, public_id)
    row = get_object_or_404(Inbound.objects.filter(channel=channel).defer("body"), public_id=inbound)
    retry_inbound(inbound=row)
    return _to(channel)


@require_POST
@brand_page(Right.WORK)
def parcels(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """Tracking numbers that stopped go once more."""
    channel = _channel(request, public_id)
    retry_parcels(channel=channel)
    return _to(channel)


def _still_listening(request: BrandRequest, problem: str) -> None:
    if problem:
        words = _("The shop was not told to deliver nothing here any more (%(reason)s). Delete its webhooks there.")
        messages.warning(request, words % {"reason": problem})


def _channel(request: BrandRequest, public_id: UUID) -> Channel:
    return get_object_or_404(Channel.objects.of(request.brand).select_related("brand"), public_id=public_id)


def _to(channel: Channel) -> HttpResponse:
    return redirect("channels:connection", channel.brand.slug, channel.public_id)


def _told(request: BrandRequest, channel: Channel, act: Callable[[], Any], words: str = "") -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        if words:
            done(request, words)
    return _to(channel)


def _page(request: BrandRequest, channel: Channel, *, status: int = 200, **more: Any) -> HttpResponse:
    row = Connection.objects.filter(channel=channel).first()
    way = live(channel.kind)
    stored = {name: getattr(row, name) for name in SHOP} if row else None
    fulfilments = Fulfilment.objects.filter(channel=channel)
    address = reverse(f"channels:hook-{'shopify' if way else 'orders'}", args=[channel.public_id])
    context: dict[str, Any] = {
        "channel": channel,
        "connection": row,
        "is_live": way is not None,
        "form": ShopForm(channel=channel, initial=stored),
        "secret_form": SecretForm(),
        "credentials": {key.kind: key for key in channel.credentials.all()},
        "hook_url": request.build_absolute_uri(address),
        "push": Push.objects.filter(channel=channel).first(),
        "parcels": fulfilments.select_related("shipment__order__channel_order")[:SHOWN],
        "parcels_stopped": fulfilments.filter(state=Fulfilment.State.FAILED).exists(),
        "inbound": Inbound.objects.filter(channel=channel).defer("body")[:SHOWN],
    } | more
    part = "#push" if request.htmx and not request.htmx.boosted else ""
    return render(request, f"channels/hooks/connection.html{part}", context, status=status)


def _key_shown(request: BrandRequest, channel: Channel, key: str) -> HttpResponse:
    page = render(request, "channels/hooks/key.html", {"channel": channel, "key": key})
    page.headers["Cache-Control"] = "no-store"
    return page
