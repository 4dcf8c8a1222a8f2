"""Pages of reports."""

from django.urls import path

from erp.reports.kinds import REPORTS
from erp.reports.views import pages, rules

app_name = "reports"

urlpatterns = [
    path("b/<slug:slug>/reports/", pages.index, name="index"),
    path("b/<slug:slug>/reports/rules/", rules.rules, name="rules"),
    path("b/<slug:slug>/reports/rules/add/", rules.add, name="rule-add"),
    path("b/<slug:slug>/reports/rules/<int:pk>/remove/", rules.remove, name="rule-remove"),
]
for _name in REPORTS:
    urlpatterns += [
        path(f"b/<slug:slug>/reports/{_name}/", pages.report, {"name": _name}, name=_name),
        *(
            path(
                f"b/<slug:slug>/reports/{_name}.{ending}",
                pages.download,
                {"name": _name, "ending": ending},
                name=f"{_name}-{ending}",
            )
            for ending in ("csv", "xlsx")
        ),
    ]
