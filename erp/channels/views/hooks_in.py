"""Where shops deliver to us. Nobody is logged in: the signature over the raw body says who it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from erp.channels.formats.signed_orders import read_signed
from erp.channels.live.shopify.orders import TOPICS
from erp.channels.models import Channel, Credential, Inbound
from erp.channels.services.credentials import secret_of
from erp.channels.services.inbound import take_inbound
from erp.channels.signing import LATE, RIGHT, TOLERANCE, is_shopifys, judge
from erp.core.api.errors import NOT_FOUND
from erp.core.api.parsers import TooLarge, refuse_larger_than
from erp.core.errors import DomainError, Problem
from erp.core.handlers import as_json

MOST_BYTES = 10 * 1024 * 1024
Kind = Inbound.Kind


def machine(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """For machines: every refusal is JSON in the one shape, in the language of Accept-Language; no cookie counts."""

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with translation.override(translation.get_language_from_request(request)):
            try:
                return view(request, *args, **kwargs)
            except DomainError as error:
                return as_json(error)
            except TooLarge as error:
                return as_json(DomainError("too_large", str(error.detail), status=413))
            except Http404:
                return as_json(DomainError("not_found", NOT_FOUND, status=404))

    return answered


@machine
@require_POST
def shopify(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A webhook of Shopify: acknowledged once it is kept. It is sent again for hours until we say so."""
    channel, key, body = _opened(request, public_id, Channel.Kind.SHOPIFY)
    if not is_shopifys(key, body, request.headers.get("X-Shopify-Hmac-Sha256", "")):
        raise _refused(_("The signature is not right. Check the key of webhooks."))
    topic = request.headers.get("X-Shopify-Topic", "")
    if topic not in TOPICS:
        return HttpResponse(status=204)
    event = request.headers.get("X-Shopify-Event-Id", "")
    name = request.headers.get("X-Shopify-Webhook-Id", "") or hashlib.sha256(body).hexdigest()
    _inbound, news = take_inbound(channel=channel, kind=Kind.SHOPIFY, key=name, body=body, topic=topic, event=event)
    return JsonResponse({"duplicate": not news})


@machine
@require_POST
def orders(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Orders of any shop, signed with the channel's key: 202 with the address where their fate is told."""
    channel, key, body = _opened(request, public_id)
    given = request.headers.get("Webhook-Signature", "")
    found = judge(key, body, given)
    if found == LATE:
        raise _refused(
            _("This was signed more than %(seconds)s seconds ago, or by a clock that is ahead. Sign it anew.")
            % {"seconds": TOLERANCE},
            code="signature_expired",
        )
    if found != RIGHT:
        raise _refused(_("The signature is not right. It is of the exact bytes of the body, with this channel's key."))
    name = request.headers.get("Webhook-Id", "").strip() or hashlib.sha256(given.encode()).hexdigest()
    if len(name) > 80 or not name.isascii() or not name.isprintable():
        message = _("Webhook-Id takes 1 to 80 letters, digits and signs.")
        raise DomainError("invalid_id", message, [Problem("invalid_id", message, "Webhook-Id")])
    read_signed(body)  # what is wrong is told at once, and nothing of it is kept
    inbound, news = take_inbound(channel=channel, kind=Kind.ORDERS, key=name, body=body)
    address = reverse("channels:inbound-state", args=[channel.public_id, inbound.public_id])
    answer = {"id": str(inbound.public_id), "duplicate": not news, "status_url": request.build_absolute_uri(address)}
    return JsonResponse(answer, status=202)


@machine
@require_safe
def inbound_state(request: HttpRequest, public_id: UUID, inbound: UUID) -> HttpResponse:
    """What became of a delivery; its address is known to its sender alone."""
    rows = Inbound.objects.defer("body").filter(channel__public_id=public_id, kind=Kind.ORDERS)
    row = get_object_or_404(rows, public_id=inbound)
    answer = {"id": str(row.public_id), "state": row.state, "orders": row.results, "problem": row.problem}
    return JsonResponse(answer)


def _opened(request: HttpRequest, public_id: UUID, kind: str = "") -> tuple[Channel, str, bytes]:
    """The channel, its key and the raw body, which is not read where it is too large."""
    refuse_larger_than(MOST_BYTES, request, {"request": request})
    rows = Channel.objects.filter(is_active=True, public_id=public_id)
    channel = get_object_or_404(rows.filter(kind=kind) if kind else rows.exclude(kind=Channel.Kind.SHOPIFY))
    key = secret_of(channel, Credential.Kind.WEBHOOK)
    if not key:
        raise Http404
    return channel, key, request.read(MOST_BYTES)


def _refused(message: str, code: str = "bad_signature") -> DomainError:
    return DomainError(code, message, [Problem(code, message, "signature")], status=401)
