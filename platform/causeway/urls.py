"""Addresses: health, the API, and the web app for everything else."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from causeway import web
from causeway.base import health
from flows.api import pages

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/", include("flows.api.urls")),
    path("approve/<str:token>", pages.approve),
    re_path(r"^(?!api/|hooks/|ws/|assets/)", web.app),
]

handler400 = "causeway.base.problems.bad_request"
handler403 = "causeway.base.problems.forbidden"
handler404 = "causeway.base.problems.not_found"
handler500 = "causeway.base.problems.server_error"
