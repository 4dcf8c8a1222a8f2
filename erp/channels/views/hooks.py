"""Webhooks of a brand: for its owners."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.forms.hooks import EndpointForm
from erp.channels.models import WebhookDelivery, WebhookEndpoint
from erp.channels.models.hooks import CHOSEN
from erp.channels.services import hooks as services
from erp.core.errors import DomainError
from erp.core.flash import done

State = WebhookDelivery.State
PER_PAGE = 50


@require_safe
@brand_page(Right.MANAGE)
def endpoints(request: BrandRequest) -> HttpResponse:
    dead = Count("deliveries", filter=Q(deliveries__state=State.DEAD))
    rows = WebhookEndpoint.objects.of(request.brand).annotate(dead=dead)
    return render(request, "channels/hooks/endpoints.html", {"endpoints": rows})


@brand_page(Right.MANAGE)
def new(request: BrandRequest) -> HttpResponse:
    """The answer to a made one shows its key, once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, key = services.create_endpoint(brand=request.brand, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.refused(error)
        else:
            return _key_shown(request, made, key)
    return _form(request, form)


@brand_page(Right.MANAGE)
def edit(request: BrandRequest, public_id: UUID) -> HttpResponse:
    found = _endpoint(request, public_id)
    stored = {"name": found.name, "url": found.url, "events": found.events}
    form = EndpointForm(request.POST or None, initial=stored)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_endpoint(endpoint=found, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.refused(error)
        else:
            done(request, _("Saved."))
            return _to(found)
    return _form(request, form, found)


@require_safe
@brand_page(Right.MANAGE)
def endpoint(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """One webhook with its deliveries, the newest first."""
    found = _endpoint(request, public_id)
    chosen = request.GET.get("state", "")
    rows = found.deliveries.defer("payload").order_by("-pk")
    rows = rows.filter(state=chosen) if chosen in State.values else rows
    counts = dict(found.deliveries.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "endpoint": found,
        "events": [label for value, label in CHOSEN if value in found.events],
        "chosen": chosen,
        "states": [(value, label, counts.get(value, 0)) for value, label in State.choices],
        "dead": counts.get(State.DEAD, 0),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "channels/hooks/endpoint.html", context)


@require_POST
@brand_page(Right.MANAGE)
def act(request: BrandRequest, public_id: UUID) -> HttpResponse:
    """Pause, resume, try, replay what was given up, a new key, delete."""
    found = _endpoint(request, public_id)
    step = ACTS.get(request.POST.get("act", ""))
    if step is None:
        return _to(found)
    try:
        return step(request, found)
    except DomainError as error:
        messages.error(request, str(error.message))
        return _to(found)


@require_safe
@brand_page(Right.MANAGE)
def delivery(request: BrandRequest, public_id: UUID, delivery: UUID) -> HttpResponse:
    found = _endpoint(request, public_id)
    row = get_object_or_404(found.deliveries, public_id=delivery)
    return render(request, "channels/hooks/delivery.html", {"endpoint": found, "delivery": row})


@require_POST
@brand_page(Right.MANAGE)
def replay(request: BrandRequest, public_id: UUID, delivery: UUID) -> HttpResponse:
    found = _endpoint(request, public_id)
    row = get_object_or_404(found.deliveries, public_id=delivery)
    services.replay(delivery=row)
    done(request, _("It is sent again."))
    return redirect("channels:webhook-delivery", request.brand.slug, found.public_id, row.public_id)


def _pause(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    services.pause_endpoint(endpoint=found, actor=request.user)
    done(request, _("Paused. What waits stays."))
    return _to(found)


def _resume(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    services.resume_endpoint(endpoint=found, actor=request.user)
    done(request, _("Resumed. What waited is sent now."))
    return _to(found)


def _try(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    made = services.try_endpoint(endpoint=found)
    return redirect("channels:webhook-delivery", request.brand.slug, found.public_id, made.public_id)


def _replay_all(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    count = services.replay_dead(endpoint=found)
    words = ngettext("%(n)s delivery is sent again.", "%(n)s deliveries are sent again.", count)
    done(request, words % {"n": count})
    return _to(found)


def _renew(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    return _key_shown(request, found, services.renew_key(endpoint=found, actor=request.user))


def _delete(request: BrandRequest, found: WebhookEndpoint) -> HttpResponse:
    services.delete_endpoint(endpoint=found, actor=request.user)
    done(request, _("The webhook was deleted."))
    return redirect("channels:webhooks", request.brand.slug)


ACTS: dict[str, Callable[[BrandRequest, WebhookEndpoint], HttpResponse]] = {
    "pause": _pause,
    "resume": _resume,
    "try": _try,
    "replay": _replay_all,
    "key": _renew,
    "delete": _delete,
}


def _endpoint(request: BrandRequest, public_id: UUID) -> WebhookEndpoint:
    return get_object_or_404(WebhookEndpoint.objects.of(request.brand), public_id=public_id)


def _to(found: WebhookEndpoint) -> HttpResponse:
    return redirect("channels:webhook", found.brand.slug, found.public_id)


def _form(request: BrandRequest, form: EndpointForm, found: WebhookEndpoint | None = None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "endpoint": found}
    return render(request, "channels/hooks/edit.html", context, status=422 if form.errors else 200)


def _key_shown(request: BrandRequest, found: WebhookEndpoint, key: str) -> HttpResponse:
    """The only page that ever holds the key: no cache keeps it."""
    page = render(request, "channels/hooks/key.html", {"endpoint": found, "key": key})
    page.headers["Cache-Control"] = "no-store"
    return page
