"""Brands, their people, and who gets into the admin."""

from __future__ import annotations

import pytest
from django.http import Http404

from catalog.access import Right, require, rights_in
from catalog.models import Brand, Membership
from catalog.services import (
    add_member,
    change_member,
    create_brand,
    invite_member,
    remove_member,
    update_brand,
)
from erp.core.errors import DomainError, NotAllowed
from erp.core.models import User
from tests.factories import BrandFactory, MembershipFactory, UserFactory

pytestmark = pytest.mark.django_db


def codes(refusal: pytest.ExceptionInfo[DomainError]) -> list[tuple[str | None, str]]:
    return [(problem.field, problem.code) for problem in refusal.value.problems]


def test_a_brand_comes_with_its_owner() -> None:
    owner = UserFactory()
    brand = create_brand(slug="haru", name_ko="하루상회", name_en="Haru", owner=owner, currency="USD")
    assert (brand.currency, brand.time_zone, brand.sku_scheme) == ("USD", "Asia/Seoul", "{style}-{colour}-{size}")
    assert rights_in(owner, brand) == set(Right)
    owner.refresh_from_db()
    assert owner.is_staff


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"slug": "haru"}, "slug", "unique"),
        ({"slug": "no blanks"}, "slug", "invalid"),
        ({"name_ko": ""}, "name_ko", "blank"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "time_zone"),
        ({"currency": "XXX"}, "currency", "invalid_choice"),
        ({"sku_scheme": "{style}-{size}"}, "sku_scheme", "scheme"),
        ({"sku_scheme": "{colour.__class__}-{size}"}, "sku_scheme", "scheme"),
        ({"sku_scheme": "{colour}-{size"}, "sku_scheme", "scheme"),
        ({"sku_scheme": "{colour:>1000000000}-{size}"}, "sku_scheme", "scheme"),
        ({"sku_scheme": "{colour!r}-{size}"}, "sku_scheme", "scheme"),
    ],
)
def test_a_brand_that_makes_no_sense_is_refused_whole(fields, field, code) -> None:
    BrandFactory(slug="haru")
    with pytest.raises(DomainError) as refusal:
        create_brand(**{"slug": "mono", "name_ko": "모노", "owner": UserFactory(), **fields})
    assert (field, code) in codes(refusal)
    assert Brand.objects.count() == 1
    assert not Membership.objects.exists()


def test_settings_of_a_brand_change_one_by_one() -> None:
    brand = BrandFactory()
    other_window = Brand.objects.get(pk=brand.pk)
    update_brand(brand=brand, actor=UserFactory(), low_stock_at=9)
    update_brand(brand=other_window, actor=UserFactory(), name_en="New")
    brand.refresh_from_db()
    assert (brand.low_stock_at, brand.name_en) == (9, "New")
    with pytest.raises(TypeError, match="pk"):
        update_brand(brand=brand, actor=UserFactory(), pk=1)


def test_nobody_belongs_to_a_brand_twice() -> None:
    membership = MembershipFactory(role="staff")
    with pytest.raises(DomainError) as refusal:
        add_member(brand=membership.brand, user=membership.user, role="viewer")
    assert refusal.value.problems
    membership.refresh_from_db()
    assert membership.role == "staff"
    with pytest.raises(DomainError) as refusal:
        add_member(brand=BrandFactory(), user=membership.user, role="king")
    assert ("role", "invalid_choice") in codes(refusal)


def test_the_admin_opens_and_closes_with_ownership() -> None:
    owner = create_brand(slug="haru", name_ko="하루", owner=UserFactory())
    clerk = UserFactory()
    membership = add_member(brand=owner, user=clerk, role="staff")
    assert not clerk.is_staff
    change_member(membership=membership, role="owner")
    assert User.objects.get(pk=clerk.pk).is_staff
    change_member(membership=membership, role="viewer")
    assert not User.objects.get(pk=clerk.pk).is_staff
    auditor = UserFactory(is_auditor=True, is_staff=True)
    remove_member(membership=add_member(brand=owner, user=auditor, role="staff"))
    assert User.objects.get(pk=auditor.pk).is_staff


def test_a_brand_keeps_an_owner() -> None:
    first = MembershipFactory(role="owner")
    for leave in (lambda: change_member(membership=first, role="staff"), lambda: remove_member(membership=first)):
        with pytest.raises(DomainError) as refusal:
            leave()
        assert codes(refusal) == [("role", "last_owner")]
    assert Membership.objects.get(pk=first.pk).role == "owner"
    add_member(brand=first.brand, user=UserFactory(), role="owner")
    remove_member(membership=first)
    assert Membership.objects.count() == 1


def test_inviting_adds_a_known_person_or_makes_an_account() -> None:
    brand = BrandFactory()
    known = UserFactory(username="minji")
    assert invite_member(brand=brand, username=" minji ", role="staff").user == known
    new = invite_member(brand=brand, username="새직원", role="viewer", password="jang-bu-2026").user
    assert new.check_password("jang-bu-2026")
    assert not new.is_staff


@pytest.mark.parametrize(
    ("username", "password", "problem"),
    [
        ("nobody", "", ("username", "no_such_person")),
        ("minji", "jang-bu-2026", ("password", "person_exists")),
        ("new", "12345678", ("password", "weak_password")),
        ("bad name!", "jang-bu-2026", ("username", "invalid")),
    ],
)
def test_an_invitation_that_cannot_work_says_why(username, password, problem) -> None:
    UserFactory(username="minji")
    with pytest.raises(DomainError) as refusal:
        invite_member(brand=BrandFactory(), username=username, role="staff", password=password)
    assert problem in codes(refusal)
    assert User.objects.count() == 1
    assert not Membership.objects.exists()


@pytest.mark.parametrize(
    ("role", "rights"),
    [
        ("owner", {"view", "work", "manage", "backdate"}),
        ("staff", {"view", "work"}),
        ("viewer", {"view"}),
        (None, set()),
    ],
)
def test_rights_follow_the_role(role, rights) -> None:
    brand, user = BrandFactory(), UserFactory()
    if role:
        MembershipFactory(brand=brand, user=user, role=role)
    assert {right.value for right in rights_in(user, brand)} == rights
    assert rights_in(UserFactory(is_auditor=True), brand) == {Right.VIEW}
    assert rights_in(UserFactory(is_superuser=True), brand) == set(Right)
    user.is_active = False
    assert not rights_in(user, brand)


def test_a_viewer_is_told_no_and_a_stranger_nothing() -> None:
    membership = MembershipFactory(role="viewer")
    require(membership.user, membership.brand, Right.VIEW)
    with pytest.raises(NotAllowed):
        require(membership.user, membership.brand, Right.WORK)
    with pytest.raises(Http404):
        require(UserFactory(), membership.brand, Right.VIEW)
