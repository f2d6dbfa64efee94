"""Addresses below /api/v1/, without trailing slashes."""

from django.urls import path, re_path

from flows.api import openapi as _openapi  # noqa: F401 - registers its extensions
from flows.api.views import (
    approvals,
    bulk_replays,
    deployments,
    dry_runs,
    flows,
    places,
    replays,
    runs,
    sandbox,
    session,
)

urlpatterns = [
    path("session", session.SessionView.as_view()),
    path("catalog", flows.CatalogView.as_view()),
    path("home", places.HomeView.as_view()),
    path("flows", flows.FlowsView.as_view()),
    path("flows/check", flows.FlowCheckView.as_view()),
    path("flows/<slug:slug>", flows.FlowView.as_view()),
    path("flows/<slug:slug>/versions", flows.VersionsView.as_view()),
    path("flows/<slug:slug>/versions/<int:number>", flows.VersionView.as_view()),
    path("flows/<slug:slug>/runs", runs.FlowRunsView.as_view()),
    path("flows/<slug:slug>/dry-runs", dry_runs.DryRunsView.as_view()),
    path("deployments", deployments.DeploymentsView.as_view()),
    path("runs", runs.RunsView.as_view()),
    path("runs/<str:run_id>", runs.RunView.as_view()),
    path("runs/<str:run_id>/events", runs.RunEventsView.as_view()),
    path("runs/<str:run_id>/cancel", runs.RunCancelView.as_view()),
    path("runs/<str:run_id>/replay", replays.RunReplayView.as_view()),
    path("runs/<str:run_id>/resolve", replays.RunResolveView.as_view()),
    path("runs/<str:run_id>/verdict", replays.RunVerdictView.as_view()),
    path("approvals", approvals.ApprovalsView.as_view()),
    path("approvals/<str:approval_id>", approvals.ApprovalView.as_view()),
    path("approvals/<str:approval_id>/decide", approvals.ApprovalDecideView.as_view()),
    path("replays", bulk_replays.ReplaysView.as_view()),
    path("replays/<str:bulk_id>", bulk_replays.ReplayView.as_view()),
    path("replays/<str:bulk_id>/cancel", bulk_replays.ReplayCancelView.as_view()),
    path("connections", places.ConnectionsView.as_view()),
    path("connections/<slug:environment>/<slug:slug>", places.ConnectionView.as_view()),
    path("connections/<slug:environment>/<slug:slug>/check", places.ConnectionCheckView.as_view()),
    path("crosswalks", places.CrosswalksView.as_view()),
    path("crosswalks/<slug:slug>", places.CrosswalkView.as_view()),
    path("sandbox", sandbox.SandboxView.as_view()),
    path("sandbox/reset", sandbox.ResetView.as_view()),
    path("sandbox/shop/orders", sandbox.ShopOrdersView.as_view()),
    path("sandbox/notes/documents/<str:unid>", sandbox.NotesDocumentView.as_view()),
    re_path(r"^sandbox/(?P<twin>shop|notes)/faults$", sandbox.FaultsView.as_view()),
]
