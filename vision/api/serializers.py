"""How an analysis and the suggestions for a product are written down."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.fields import shown_by
from catalog.models import Category, Pattern
from vision.messages import error_message
from vision.models import Analysis
from vision.selectors import PREFILL, SUGGEST, UNKNOWN

DECISIONS = [
    (PREFILL, "sure enough to fill in"),
    (SUGGEST, "doubtful: offer the choices"),
    (UNKNOWN, "nothing is claimed"),
]
EXAMPLE = {
    "category": {
        "label": "shirt",
        "confidence": 0.97,
        "top3": [["shirt", 0.97], ["long_sleeve", 0.02], ["jacket", 0.01]],
        "decision": PREFILL,
    },
    "pattern": {
        "label": "stripe",
        "confidence": 0.81,
        "top3": [["stripe", 0.81], ["check", 0.12], ["solid", 0.05]],
        "decision": SUGGEST,
    },
    "scene": {"label": "single", "confidence": 0.99},
    "colours": [{"name": "navy", "hex": "#1f2a4d", "share": 0.7}, {"name": "white", "hex": "#f0f0ee", "share": 0.3}],
    "mask_share": 0.41,
    "decision": PREFILL,
    "model": "student-2026.11c",
    "ms": {"segment": 21.5, "classify": 24.1, "total": 61.3},
}
SCENES = [("single", "one garment"), ("none", "no garment"), ("several", "several garments")]
PHOTO_STATES = [("none", "never queued"), *Analysis.State.choices]


class AnalysisSerializer(serializers.ModelSerializer):
    image = shown_by("public_id")
    error_message = serializers.SerializerMethodField()
    model = shown_by("name", source="model_version", allow_null=True)
    result = serializers.SerializerMethodField()

    class Meta:
        model = Analysis
        fields = [
            "image",
            "state",
            "attempts",
            "error_code",
            "error_message",
            "model",
            "result",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields

    def get_error_message(self, analysis: Analysis) -> str:
        """Why it failed, for people."""
        return str(error_message(analysis.error_code))

    @extend_schema_field({"type": "object", "additionalProperties": True, "example": EXAMPLE})
    def get_result(self, analysis: Analysis) -> dict[str, Any]:
        """`category` and `pattern` with label, confidence, top3 and decision; `scene` (`single`, `none` or `several`
        garments) with its confidence; `colours`. Empty until known.
        """
        return analysis.result


class ChoiceSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name_ko = serializers.CharField()
    name_en = serializers.CharField()
    confidence = serializers.FloatField()


@extend_schema_field(ChoiceSerializer(many=True))
class ChoicesField(serializers.Field):
    def to_representation(self, value: list[tuple[Category | Pattern, float]]) -> list[dict[str, Any]]:
        return [
            {"slug": term.slug, "name_ko": term.name_ko, "name_en": term.name_en, "confidence": round(share, 4)}
            for term, share in value
        ]


class SuggestionSerializer(serializers.Serializer):
    term = serializers.CharField(
        source="term.slug", allow_null=True, help_text="The slug; null where nothing is claimed."
    )
    confidence = serializers.FloatField()
    decision = serializers.ChoiceField(choices=DECISIONS)
    choices = ChoicesField(help_text="At most three, the likeliest first.")


class ColourSuggestionSerializer(serializers.Serializer):
    colour = serializers.CharField(source="colour.slug")
    name_ko = serializers.CharField(source="colour.name_ko")
    name_en = serializers.CharField(source="colour.name_en")
    hex = serializers.CharField(help_text="Measured from the garment.")
    share = serializers.FloatField(help_text="Of the garment, 0 to 1.")


class PhotoStateSerializer(serializers.Serializer):
    image = serializers.UUIDField(source="image.public_id")
    state = serializers.ChoiceField(choices=PHOTO_STATES)
    error_message = serializers.CharField(allow_blank=True)
    scene = serializers.ChoiceField(
        choices=SCENES, allow_blank=True, help_text="What the photo shows; blank until that is known."
    )
    note = serializers.CharField(
        allow_blank=True, help_text="For people: why nothing is named from this photo, and how to mend it."
    )


class SuggestionsSerializer(serializers.Serializer):
    """Everything the photos of a product suggest so far."""

    state = serializers.ChoiceField(choices=PHOTO_STATES, help_text="Poll until it is done or failed.")
    done = serializers.IntegerField(help_text="Photos whose analysis has ended.")
    total = serializers.IntegerField()
    category = SuggestionSerializer(allow_null=True)
    pattern = SuggestionSerializer(allow_null=True)
    colours = ColourSuggestionSerializer(many=True)
    name_ko = serializers.CharField(allow_blank=True)
    name_en = serializers.CharField(allow_blank=True)
    photos = PhotoStateSerializer(many=True)


class AcceptSerializer(serializers.Serializer):
    """What the person chose where the suggestions were doubtful or wrong. All of it may be left out."""

    category = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all(), required=False)
    pattern = serializers.SlugRelatedField(slug_field="slug", queryset=Pattern.objects.all(), required=False)
