"""Brands and who works in them. The admin opens to the owners of a brand and to the platform's own people."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand, Membership, Role
from catalog.services.saving import assign, refuse, save_clean
from erp.core.audit import by_actor
from erp.core.errors import DomainError, Problem
from erp.core.models import User

BRAND_FIELDS = frozenset(
    {"slug", "name_ko", "name_en", "time_zone", "currency", "day_ends_at", "sku_scheme", "low_stock_at"}
)


@transaction.atomic
def create_brand(*, slug: str, name_ko: str, name_en: str = "", owner: User, **fields: Any) -> Brand:
    """A brand and its first owner."""
    brand = Brand(slug=slug, name_ko=name_ko, name_en=name_en)
    assign(brand, BRAND_FIELDS, fields)
    save_clean(brand)
    add_member(brand=brand, user=owner, role=Role.OWNER)
    return brand


@by_actor
@transaction.atomic
def update_brand(*, brand: Brand, actor: User, **fields: Any) -> Brand:
    assign(brand, BRAND_FIELDS, fields)
    save_clean(brand, fields)
    return brand


@transaction.atomic
def add_member(*, brand: Brand, user: User, role: str) -> Membership:
    """Refused when the person is a member already: then their role is changed instead."""
    membership = Membership(brand=brand, user=user, role=role)
    save_clean(membership)
    sync_admin_access(user)
    return membership


@transaction.atomic
def invite_member(*, brand: Brand, username: str, role: str, password: str = "") -> Membership:
    """Adds somebody by user name; with a first password, somebody who has no account yet."""
    username = User.normalize_username(username.strip())
    user = User.objects.filter(username=username).first()
    if user and password:
        raise refuse("person_exists", _("This person has an account already. Leave the password blank."), "password")
    if not user and not password:
        raise refuse(
            "no_such_person",
            _("Nobody has this user name. Check the spelling, or give a first password to make an account."),
            "username",
        )
    return add_member(brand=brand, user=user or _create_person(username, password), role=role)


def _create_person(username: str, password: str) -> User:
    user = User(username=username)
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems = [Problem("weak_password", message, field="password") for message in error.messages]
        raise DomainError("weak_password", _("Choose a stronger password."), problems) from error
    user.set_password(password)
    save_clean(user, None)
    return user


@transaction.atomic
def change_member(*, membership: Membership, role: str) -> Membership:
    if membership.role == Role.OWNER and role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    save_clean(membership, ["role"])
    sync_admin_access(membership.user)
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    if membership.role == Role.OWNER:
        _keep_an_owner(membership)
    user = membership.user
    membership.delete()
    sync_admin_access(user)


def _keep_an_owner(membership: Membership) -> None:
    """Refuses to take the last owner of a brand away. The owners' rows are locked: two owners cannot leave at once."""
    owners = Membership.objects.select_for_update().filter(brand=membership.brand_id, role=Role.OWNER).order_by("pk")
    if not [owner for owner in owners if owner.pk != membership.pk]:
        raise refuse("last_owner", _("A brand needs an owner. Make somebody else an owner first."), "role")


def sync_admin_access(user: User) -> None:
    """Sets `is_staff`, which only means that the admin opens; what it shows follows from the memberships."""
    owns = Membership.objects.filter(user=user, role=Role.OWNER).exists()
    opens = user.is_superuser or user.is_auditor or owns
    if user.is_staff != opens:
        user.is_staff = opens
        user.save(update_fields=["is_staff"])
