"""How labels are asked for, and how codes that were read are written down."""

from rest_framework import serializers

from catalog.api.serializers import VariantSerializer
from erp.core.api.fields import RowIdField
from erp.core.models import User
from erp.labels.models import CodeKind
from erp.labels.services import MOST_LABELS
from erp.labels.templates import templates

TEMPLATES = list(templates())


class LabelLineSerializer(serializers.Serializer):
    """So many labels of one variant, named by its id, its SKU or its barcode."""

    variant = RowIdField(required=False)
    sku = serializers.CharField(required=False, max_length=80)
    barcode = serializers.CharField(required=False, max_length=48)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_LABELS)


class LabelsEntrySerializer(serializers.Serializer):
    """Give `lines`, or a `posting`, of which every piece gets a label. The rest is as the brand chose last."""

    brand = serializers.SlugField(max_length=40)
    template = serializers.ChoiceField(choices=TEMPLATES, required=False)
    code = serializers.ChoiceField(
        choices=CodeKind.choices, required=False, help_text="What cannot be drawn large enough becomes a QR code."
    )
    language = serializers.ChoiceField(choices=User.Language.choices, required=False)
    with_price = serializers.BooleanField(required=False)
    start = serializers.IntegerField(
        required=False, min_value=1, max_value=999, help_text="The first free place of a used sheet, along the rows."
    )
    lines = serializers.ListField(
        child=LabelLineSerializer(), required=False, allow_empty=False, max_length=MOST_LABELS
    )
    posting = serializers.UUIDField(required=False)


class ScanEntrySerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    code = serializers.CharField(max_length=120, help_text="What a scanner read.")


class ScanPhotoSerializer(serializers.Serializer):
    brand = serializers.SlugField(max_length=40)
    photo = serializers.FileField(allow_empty_file=True, help_text="A photo, or a frame of a camera, with codes in it.")


class FoundCodeSerializer(serializers.Serializer):
    text = serializers.CharField()
    format = serializers.CharField(help_text="EAN-13, Code 128, QR Code ...; blank for a code that was typed.")
    variant = VariantSerializer(allow_null=True, help_text="null: no variant of the brand has this code.")


class ScanSerializer(serializers.Serializer):
    codes = FoundCodeSerializer(many=True)
    message = serializers.CharField(help_text="For people: why there is no code. Blank where there is one.")
