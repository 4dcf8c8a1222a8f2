"""The OpenAPI document and its page, from files of our own: no CDN, no inline script."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

# Imported for its effect: the document names our token scheme.
from erp.core.api import schema as schema


class Schema(SpectacularAPIView):
    authentication_classes = ()


class Docs(SpectacularSwaggerSplitView):
    authentication_classes = ()
    url_name = "api:schema"
