"""Filters that every list shares."""

from datetime import UTC, datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import BigIntegerField
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 1})
class IdFilter(filters.NumberFilter):
    """The id of a row. What can be none, with more digits than the database counts, is refused before it is asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(
            *args, **{"min_value": 1, "max_value": BigIntegerField.MAX_BIGINT, "decimal_places": 0} | kwargs
        )


class SinceFilter(filters.IsoDateTimeFilter):
    """From a moment on. Those that some time zone carries out of the calendar are refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first, last = datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
        validators = [MinValueValidator(first), MaxValueValidator(last)]
        super().__init__(*args, **{"lookup_expr": "gte", "validators": validators} | kwargs)


class MadeBetween(filters.FilterSet):
    """For rows with a `created_at`."""

    since = SinceFilter(field_name="created_at", label="Made at this moment or later.")
    until = SinceFilter(field_name="created_at", lookup_expr="lt", label="Made before this moment.")
