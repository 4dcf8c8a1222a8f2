"""Archives of brands: everything a brand owns, as one file."""

from django.http import HttpResponseBase
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.access import Right, require, visible_brands
from catalog.api.base import BrandNameSerializer, BrandViewSet, named_brand
from catalog.api.fields import shown_by
from erp.core.api.views import AnyAccept
from erp.core.filters import MadeBetween
from erp.exchange.models import Archive
from erp.exchange.services.archives import start_archive
from erp.exchange.views.archives import archive_download


class ArchiveSerializer(serializers.ModelSerializer):
    brand = shown_by()

    class Meta:
        model = Archive
        fields = ["id", "brand", "state", "rows", "rows_done", "size", "sha256", "created_at", "finished_at"]
        read_only_fields = fields


class ArchiveFilter(MadeBetween):
    brand = filters.ModelChoiceFilter(to_field_name="slug", queryset=visible_brands)

    class Meta:
        model = Archive
        fields = ["brand", "state"]


@extend_schema(tags=["archives"])
@extend_schema_view(list=extend_schema(summary="Archives, newest first"), retrieve=extend_schema(summary="One archive"))
class ArchivesViewSet(ListModelMixin, RetrieveModelMixin, BrandViewSet):
    """A brand's right to leave. Archives are the owner's to make and to take."""

    scope = "archives"
    queryset = Archive.objects.select_related("brand")
    serializer_class = ArchiveSerializer
    filterset_class = ArchiveFilter
    right = Right.MANAGE

    @extend_schema(
        summary="Make an archive",
        description="It is made in the background; ask for it again until its `state` is `done`. While one is being "
        "made, that one is answered.",
        request=BrandNameSerializer,
        responses={202: ArchiveSerializer},
    )
    def create(self, request: Request) -> Response:
        brand = named_brand(request, Right.MANAGE)
        return Response(self.get_serializer(start_archive(brand=brand, actor=self.actor)).data, status=202)


class ArchiveFilesViewSet(BrandViewSet):
    """The file itself, whatever content the client says it accepts."""

    scope = "archives"
    queryset = Archive.objects.select_related("brand")
    serializer_class = ArchiveSerializer
    content_negotiation_class = AnyAccept

    @extend_schema(
        tags=["archives"], summary="The file of an archive", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def file(self, request: Request, pk: int) -> HttpResponseBase:
        archive = self.get_object()
        require(request.user, archive.brand, Right.MANAGE)
        return archive_download(archive)
