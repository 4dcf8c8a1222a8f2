"""Who changed what, over REST."""

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request

from catalog.api.base import BrandViewSet
from catalog.api.fields import shown_by
from catalog.audit.exports import changes_csv
from catalog.audit.filters import ChangeFilter
from catalog.audit.words import in_words
from catalog.models import Change
from erp.core.api.views import AnyAccept

ACTIONS = ["made", "changed", "deleted", "looked_at"]


class FieldChangeSerializer(serializers.Serializer):
    field = serializers.CharField()
    label = serializers.CharField(help_text="Its name in the language of the request.")  # type: ignore[assignment]
    before = serializers.JSONField(help_text="As it is stored.")
    after = serializers.JSONField(help_text="As it is stored.")
    before_words = serializers.CharField()
    after_words = serializers.CharField()


class ManyChanges(serializers.ListSerializer):
    """Puts a page of changes into words at once: related names are asked for once for each kind of thing."""

    def to_representation(self, data: Any) -> Any:
        rows = list(data)
        child: Any = self.child
        child.words = {words.change.pk: words for words in in_words(rows)}
        return super().to_representation(rows)


class ChangeSerializer(serializers.ModelSerializer):
    brand = shown_by(allow_null=True)
    action = serializers.SerializerMethodField()
    kind = serializers.CharField(source="content_type.model", help_text="What sort of thing, such as `product`.")
    object_id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(source="object_repr", help_text="What it was called then.")
    actor = serializers.SerializerMethodField()
    actor_name = serializers.CharField(help_text="Who it was; blank: Jangbu itself.")
    topic = serializers.CharField(help_text="The thing on whose page it is seen, as `kind:id`.")
    together = serializers.CharField(source="cid", help_text="Equal for all that one request or job changed.")
    at = serializers.DateTimeField(source="timestamp")
    changes = serializers.SerializerMethodField()

    class Meta:
        model = Change
        list_serializer_class = ManyChanges
        fields = [
            "id", "brand", "action", "kind", "object_id", "name", "topic", "actor", "actor_name", "together", "at",
            "changes",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field({"type": "string", "enum": ACTIONS})
    def get_action(self, change: Change) -> str:
        return ACTIONS[change.action]

    @extend_schema_field({"type": ["string", "null"]})
    def get_actor(self, change: Change) -> str | None:
        """The user name; null for Jangbu itself, and once the account is gone."""
        return change.actor.username if change.actor else None

    @extend_schema_field(FieldChangeSerializer(many=True))
    def get_changes(self, change: Change) -> list[dict[str, Any]]:
        """What changed, as it is stored and in the words of the request's language."""
        known = getattr(self, "words", None) or {change.pk: in_words([change])[0]}
        return [
            {
                "field": field.name,
                "label": field.label,
                "before": change.changes[field.name][0],
                "after": change.changes[field.name][1],
                "before_words": field.before,
                "after_words": field.after,
            }
            for field in known[change.pk].fields
        ]


@extend_schema(tags=["changes"])
@extend_schema_view(
    list=extend_schema(summary="Who changed what, newest first"), retrieve=extend_schema(summary="One change")
)
class ChangesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """Every entry that was made, changed or deleted, but the stock, which has its own history.

    Owners and auditors also see memberships. Changes stay when their object is deleted.
    """

    scope = "changes"
    queryset = Change.objects.select_related("brand", "actor", "content_type")
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilter


@extend_schema(tags=["changes"], filters=True)
class ChangesFileViewSet(BrandViewSet):
    """The changes as a file: a row for each field, with headings in the language of the request."""

    scope = "changes"
    queryset = Change.objects.all()
    filterset_class = ChangeFilter
    content_negotiation_class = AnyAccept
    pagination_class = None

    @extend_schema(
        operation_id="changes_csv", summary="The changes as CSV", responses={(200, "text/csv"): OpenApiTypes.BINARY}
    )
    def csv(self, request: Request) -> HttpResponseBase:
        return changes_csv(
            self.filter_queryset(self.get_queryset()), name=request.query_params.get("brand") or "jangbu"
        )
