"""Whose movements a brand has."""

from __future__ import annotations

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from catalog.models import Brand
from erp.core.models import User

# A step for each actor, from one to the next in the index `posting_actor`, never over all that they posted.
_PEOPLE = """
WITH RECURSIVE actors(id) AS (
    SELECT MIN(actor_id) FROM inventory_posting WHERE brand_id = %s
    UNION ALL
    SELECT (SELECT MIN(p.actor_id) FROM inventory_posting p WHERE p.brand_id = %s AND p.actor_id > actors.id)
    FROM actors WHERE actors.id IS NOT NULL
)
SELECT id FROM actors WHERE id IS NOT NULL UNION SELECT user_id FROM catalog_membership WHERE brand_id = %s
"""


def people_of(brand: Brand) -> QuerySet[User]:
    """The members of a brand, and everybody else who ever moved its stock: people leave, their movements stay."""
    found = RawSQL(_PEOPLE, [brand.pk] * 3)  # noqa: S611 - made of constants
    return User.objects.filter(pk__in=found).order_by("username")
