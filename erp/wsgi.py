"""Entry point of the web process."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")

application = get_wsgi_application()
# Every page's code is loaded now, not while the first person waits.
get_resolver().url_patterns  # noqa: B018 - read for what reading it does
