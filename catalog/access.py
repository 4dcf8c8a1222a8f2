"""Who may do what in which brand: the only place that decides it."""

from __future__ import annotations

import enum
from typing import Any

from django.http import Http404

from catalog.models import Brand, Membership, Role
from erp.core.errors import NotAllowed


class Right(enum.Enum):
    VIEW = "view"
    WORK = "work"  # list products, move stock
    MANAGE = "manage"  # people, settings of the brand
    BACKDATE = "backdate"  # say that something happened on an earlier business day


RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.STAFF: frozenset({Right.VIEW, Right.WORK}),
    Role.VIEWER: frozenset({Right.VIEW}),
}


def rights_in(user: Any, brand: Brand) -> frozenset[Right]:
    """The rights of a person in a brand; auditors view everything and change nothing."""
    role = None
    if user.is_authenticated and user.only_brand not in (None, brand.pk):
        return frozenset()
    if user.is_authenticated and not user.is_superuser:
        role = Membership.objects.filter(user=user, brand=brand).values_list("role", flat=True).first()
    return rights_of_role(user, role)


def rights_of_role(user: Any, role: str | None) -> frozenset[Right]:
    """The rights that a person has by a role that is known already; None: no member."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(Right)
    if role:
        return RIGHTS[role]
    return frozenset({Right.VIEW}) if user.is_auditor else frozenset()


def require(user: Any, brand: Brand, right: Right) -> None:
    """Raises NotAllowed (403) for a member without the right, Http404 for a stranger, who is not to know the brand."""
    rights = rights_in(user, brand)
    if not rights:
        raise Http404
    if right not in rights:
        raise NotAllowed()


def visible_brands(request: Any) -> Any:
    """The brands that a filter of this request may name; the others do not exist to it."""
    return Brand.objects.visible_to(request.user) if request else Brand.objects.none()
