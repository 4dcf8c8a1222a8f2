"""What a token may do. Every view names the part of Jangbu it belongs to; one permission holds tokens to it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

from erp.core.errors import DomainError, Problem

# Of a view that every token opens: who am I, and the way out.
ANY = "any"


@dataclass(frozen=True, slots=True)
class Scope:
    """`opens` says in people's words what a token with it may do."""

    name: str
    opens: str | Promise


SCOPES: dict[str, Scope] = {
    scope.name: scope
    for scope in (
        Scope(
            "catalog:read",
            gettext_lazy("See brands, products, variants, photos, colours and sizes; print labels and scan."),
        ),
        Scope("catalog:write", gettext_lazy("Make and change products, variants and photos; import files.")),
        Scope("stock:read", gettext_lazy("See places, balances, movements, reservations, counts, seals and periods.")),
        Scope("stock:write", gettext_lazy("Move, reserve and count stock; change places; close periods.")),
        Scope(
            "trade:read",
            gettext_lazy("See orders, purchases, partners and their accounts, slips, returns, loans and costs."),
        ),
        Scope("trade:write", gettext_lazy("Make and change orders, purchases, partners, payments, returns and loans.")),
        Scope("channels:read", gettext_lazy("See marketplaces, their listings, exports and orders.")),
        Scope("channels:write", gettext_lazy("Change marketplaces and listings, export, and take orders in.")),
        Scope("reports:read", gettext_lazy("See reports and reorder rules.")),
        Scope("reports:write", gettext_lazy("Change reorder rules.")),
        Scope("vision:read", gettext_lazy("See what was recognised in photos.")),
        Scope("vision:write", gettext_lazy("Have photos looked at again, and accept suggestions.")),
        Scope("changes:read", gettext_lazy("See who changed what.")),
        Scope("archives:read", gettext_lazy("Download archives: everything a brand owns.")),
        Scope("archives:write", gettext_lazy("Have an archive made.")),
        Scope("tokens:read", gettext_lazy("See your tokens, never their secrets.")),
        Scope("tokens:write", gettext_lazy("Make tokens with no more scopes than its own, revoke them, and log out.")),
    )
}


def scope_of(view: Any, method: str) -> str | None:
    """The scope a request needs; None: every token opens the view.

    A view says `scope = "stock"`: GET then needs `stock:read` and all else `stock:write`, but for the handlers or
    actions it names in `reads_by_post`, which change nothing. ImproperlyConfigured where a view says nothing.
    """
    area = getattr(view, "scope", None)
    if area == ANY:
        return None
    handler = getattr(view, "action", None) or method.lower()
    reads = method in SAFE_METHODS or handler in getattr(view, "reads_by_post", ())
    wanted = (f"{area}:read",) if reads else (f"{area}:write", f"{area}:read")
    for name in wanted:  # a part that can only be read has one scope
        if name in SCOPES:
            return name
    message = f"{type(view).__name__} needs `scope`: a part that erp.core.api.scopes.SCOPES names, or ANY."
    raise ImproperlyConfigured(message)


def held_by(auth: Any) -> Collection[str]:
    """What the credentials of a request may do. A session and the token of a log-in may do all that the person may."""
    scopes = getattr(auth, "scopes", None)
    return SCOPES.keys() if scopes is None else scopes


class HasScope(IsAuthenticated):
    """Somebody is logged in, and what they came with opens this view. What they may do in a brand is asked later."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        needed = scope_of(view, request.method or "GET")
        if needed is not None and needed not in held_by(request.auth):
            raise missing_scope(needed)
        return True


def missing_scope(*names: str) -> DomainError:
    """A refusal whose problems name each scope that is missing as their `field`."""
    message = _("This token may not do that: it lacks the scope %(scope)s. Use a token that has it.")
    problems = [Problem("missing_scope", message % {"scope": name}, field=name) for name in names]
    return DomainError("missing_scope", message % {"scope": ", ".join(names)}, problems, status=403)
