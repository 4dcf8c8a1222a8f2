"""Fields that turn the words of a request into rows of the taxonomy, and rows into their words."""

from typing import Any, cast

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.measuring import measured_rows, points
from catalog.models import Brand


class ShownBy(serializers.SlugRelatedField):
    """A related row, written as one of its fields; the document says null where the models allow there to be none."""

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        model = getattr(getattr(parent, "Meta", None), "model", None)
        for name in self.source_attrs:
            if model is None:
                return
            key = model._meta.get_field(name)
            self.allow_null = self.allow_null or key.null
            model = key.related_model


def shown_by(slug_field: str = "slug", **kwargs: Any) -> Any:
    """A related row, written as one of its fields."""
    return ShownBy(slug_field=slug_field, read_only=True, **kwargs)


def usable_terms(model: Any, brand: Brand) -> dict[str, Any]:
    """Slug to row of the platform's terms and the brand's own; where both have a slug the brand's own is meant."""
    return {row.slug: row for row in model.objects.usable_by(brand).order_by(F("brand").asc(nulls_first=True))}


@extend_schema_field({"type": "string", "maxLength": 40})
class TermField(serializers.Field):
    """A term that the brand of the request may use, by its slug. Needs `brand` in the serializer's context."""

    default_error_messages = {"does_not_exist": _("There is no “%(slug)s” here."), "invalid": _("Give its slug.")}

    def __init__(self, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid")
        known = cast(dict[str, Any], self.context).setdefault("terms", {})
        if self.model not in known:  # once a request, however many entries name one
            known[self.model] = usable_terms(self.model, self.context["brand"])
        if data not in known[self.model]:
            raise serializers.ValidationError(
                self.error_messages["does_not_exist"] % {"slug": data[:40]}, code="does_not_exist"
            )
        return known[self.model][data]

    def to_representation(self, value: Any) -> str:
        return value.slug


MOST_SIZES = 60
TABLE_SCHEMA = {
    "type": "object",
    "description": "Measured sizes in centimetres with at most one decimal: by size, then by measuring point.",
    "maxProperties": MOST_SIZES,
    "additionalProperties": {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            point.code: {"type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9])?$", "description": point.name_en}
            for point in points().values()
        },
    },
}


@extend_schema_field(TABLE_SCHEMA)
class SizeTableField(serializers.Field):
    """The size table of a product. Only its shape is looked at here; the service reads the cells."""

    default_error_messages = {
        "invalid": _("Give an object of sizes, each an object of measuring points."),
        "too_many": _("At most %(most)s sizes, each with at most %(most)s points."),
    }

    def to_internal_value(self, data: Any) -> dict[str, dict[str, Any]]:
        if not isinstance(data, dict) or not all(isinstance(cells, dict) for cells in data.values()):
            self.fail("invalid")
        if max(len(data), *map(len, data.values()), 0) > MOST_SIZES:
            message = self.error_messages["too_many"] % {"most": MOST_SIZES}
            raise serializers.ValidationError(message, code="too_many")
        return data

    def to_representation(self, value: Any) -> dict[str, dict[str, str]]:
        found = measured_rows(value.all())
        return {size: {point: str(cm) for point, cm in cells.items()} for size, cells in found.items()}
