"""Files of people's own making: a table designed here, a form uploaded."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.access import Right
from catalog.pages import BrandRequest, brand_page
from erp.channels.formats.labels import FACT_WORDS
from erp.channels.formats.writing import rows_of
from erp.channels.forms.tables import VALUE_CHOICES, TableForm, UploadForm
from erp.channels.models import Channel
from erp.channels.pictures import page_address
from erp.channels.resolving import Resolver, of_channel
from erp.channels.services.tables import remove_template
from erp.channels.templates import own_template
from erp.channels.views.found import find_channel
from erp.core.flash import done

SHOWN_LISTINGS = 3
SHOWN_LINES = 8


@brand_page(Right.MANAGE)
def table(request: BrandRequest, pk: int) -> HttpResponse:
    """A button of a column changes the page only; "Save" keeps the whole of it."""
    channel = _of_kind(request, pk, Channel.Kind.GENERIC)
    posted, action = request.method == "POST", request.POST.get("action", "save")
    form = TableForm(request.POST if posted else None, channel=channel)
    if posted and action == "save":
        if form.is_valid() and form.save():
            done(request, _("Saved."))
            return redirect("channels:channel", request.brand.slug, channel.pk)
    elif posted:
        form.step(action)
    page = {
        "form": form,
        "channel": channel,
        "choices": VALUE_CHOICES,
        "saved": hasattr(channel, "template"),
        "preview": _preview(form, channel),
    }
    return render(request, "channels/table.html", page, status=422 if form.errors else 200)


def _preview(form: TableForm, channel: Channel) -> dict[str, Any] | None:
    """The first lines with real products, by what stands on the page; None where it cannot be a table yet."""
    bound = form if form.is_bound else TableForm(_as_posted(form), channel=channel)
    own = bound.as_template()
    if own is None:
        return None
    template = own_template(channel, own)
    listings = list(of_channel(channel)[:SHOWN_LISTINGS])
    resolver = Resolver(channel, picture_url=page_address(channel.brand.slug))
    rows = [row for facts in resolver.facts(listings) for row in rows_of(template, facts)]
    return {"headers": template.headers, "rows": rows[:SHOWN_LINES]}


def _as_posted(form: TableForm) -> dict[str, str]:
    """A stored table as its own form would send it."""
    data = {name: str(form.initial[name]) for name in form.fields}
    for place, column, value, _errors in form.rows_shown():
        data |= {f"header-{place}": column.header, f"value-{place}": value, f"text-{place}": column.text}
    return data


@brand_page(Right.MANAGE)
def form(request: BrandRequest, pk: int) -> HttpResponse:
    """Shopee's form: which of its columns Jangbu fills, which the channel's values do."""
    channel = _of_kind(request, pk, Channel.Kind.SHOPEE)
    sent = request.method == "POST"
    upload = UploadForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and upload.is_valid() and upload.save(channel):
        done(request, _("The form is filled from now on."))
        return redirect("channels:form", request.brand.slug, channel.pk)
    own = getattr(channel, "template", None)
    columns = own.columns if own else []
    page = {
        "form": upload,
        "channel": channel,
        "own": own,
        "filled": [
            (c["header"], FACT_WORDS.get(c["value"], c["value"]), c.get("required")) for c in columns if c["value"]
        ],
        "free": [
            (c["header"], c.get("required"), channel.attributes.get(c["header"])) for c in columns if not c["value"]
        ],
    }
    return render(request, "channels/form.html", page, status=422 if upload.errors else 200)


@require_POST
@brand_page(Right.MANAGE)
def remove(request: BrandRequest, pk: int) -> HttpResponse:
    channel = find_channel(request, pk)
    remove_template(channel=channel)
    done(request, _("Removed. Jangbu's own table is used again."))
    return redirect("channels:channel", request.brand.slug, channel.pk)


def _of_kind(request: BrandRequest, pk: int, kind: str) -> Channel:
    channel = find_channel(request, pk)
    if channel.kind != kind:
        raise Http404
    return channel
