"""Templates of descriptions: one for each language, used wherever a listing has no description of its own."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import Brand
from catalog.services.saving import save_clean
from erp.channels.models import ChannelListing, DescriptionTemplate
from erp.channels.models.channels import Language
from erp.channels.services.staleness import listings_changed
from erp.channels.words import FACTS, unknown_facts
from erp.core.errors import Problem

MOST_SIGNS = 10_000


@transaction.atomic
def save_description(*, brand: Brand, language: str, body: str) -> DescriptionTemplate:
    """Raises DomainError where a place is of no fact, naming those that are."""
    row = used_description(brand, language) or DescriptionTemplate(
        brand=brand, language=language, name_ko=str(Language(language).label)
    )
    row.body = body.strip()
    save_clean(row, also=body_problems(row.body))
    _note(brand, language)
    return row


@transaction.atomic
def forget_description(*, brand: Brand, language: str) -> None:
    """Back to the one that Jangbu ships."""
    row = used_description(brand, language)
    if row:
        row.delete()
        _note(brand, language)


def used_description(brand: Brand, language: str) -> DescriptionTemplate | None:
    return DescriptionTemplate.objects.of(brand).filter(language=language, is_default=True).first()


def body_problems(body: str) -> list[Problem]:
    """What is wrong with a text before it is saved, or shown as a preview."""
    if unknown := unknown_facts(body):
        message = _("There is no fact %(unknown)s. These are known: %(known)s.") % {
            "unknown": ", ".join(f"{{{name}}}" for name in unknown),
            "known": ", ".join(f"{{{name}}}" for name in FACTS),
        }
        return [Problem("unknown_fact", message, "body")]
    if len(body) > MOST_SIGNS:
        return [Problem("too_long", _("At most %(most)s characters.") % {"most": MOST_SIGNS}, "body")]
    return []


def _note(brand: Brand, language: str) -> None:
    listings_changed(ChannelListing.objects.filter(channel__brand=brand, channel__language=language, description=""))
