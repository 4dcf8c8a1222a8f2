"""Fields that every part of the API shares."""

from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class MomentField(serializers.DateTimeField):
    """A point in time. One without an offset is refused: nobody could tell whose clock is meant."""

    default_error_messages = {"naive": _("Give the time with its offset, like 2026-03-01T09:30:00+09:00.")}

    def enforce_timezone(self, value: datetime) -> Any:
        if timezone.is_naive(value):
            self.fail("naive")
        return super().enforce_timezone(value)


@extend_schema_field({"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "example": "06:00"})
class ClockField(serializers.TimeField):
    """A time of day on the wall, in nobody's time zone; OpenAPI's own `time` demands an offset."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"format": "%H:%M"} | kwargs)


class RowIdField(serializers.IntegerField):
    """The id of a row, no greater than the database can hold: a greater one is refused instead of failing there."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": BigIntegerField.MAX_BIGINT} | kwargs)


def choice_or_blank(choices: Any) -> Any:
    """One of the choices, or empty text while nothing is said; of a model's own field the document would not say so."""
    return serializers.ChoiceField(choices=choices, allow_blank=True, read_only=True)
