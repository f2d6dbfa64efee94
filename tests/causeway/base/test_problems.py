"""Every error leaves as problem+json, whoever raised it."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from rest_framework import exceptions
from rest_framework.response import Response

from causeway.base import problems
from causeway.base.problems import FieldError, Problem


def answered(error: Exception) -> Response:
    return problems.handler(error, {"request": None})


def test_a_problem_keeps_all_its_members() -> None:
    fault = FieldError(pointer="/nodes/0/type", code="unknown_type", message="No such type")
    response = answered(Problem(422, "flow_invalid", "The flow has faults.", errors=[fault]))
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"
    assert response.data == {
        "type": "urn:causeway:problem:flow_invalid",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "The flow has faults.",
        "code": "flow_invalid",
        "errors": [{"pointer": "/nodes/0/type", "code": "unknown_type", "message": "No such type"}],
    }


def test_a_problem_may_carry_more_about_each_error() -> None:
    richer = {"pointer": "/a", "code": "x", "message": "m", "fix": "Do that.", "node": "a"}
    assert answered(Problem(422, "x", "d", errors=[richer])).data["errors"] == [richer]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied("no"), 403, "permission_denied"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "authentication_failed"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/csv"), 415, "unsupported_media_type"),
    ],
)
def test_known_errors_have_a_status_and_a_code(error: Exception, status: int, code: str) -> None:
    response = answered(error)
    assert (response.status_code, response.data["code"]) == (status, code)


def test_nested_complaints_become_json_pointers() -> None:
    response = answered(
        exceptions.ValidationError(
            {"name": ["Too long."], "lines": [{}, {"a/b": ["Wrong."]}], "non_field_errors": ["No."]}
        )
    )
    assert response.status_code == 422
    assert [(one["pointer"], one["message"]) for one in response.data["errors"]] == [
        ("/name", "Too long."),
        ("/lines/1/a~1b", "Wrong."),
        ("", "No."),
    ]


def test_a_throttled_caller_learns_when_to_come_back() -> None:
    response = answered(exceptions.Throttled(wait=12.4))
    assert (response.status_code, response.headers["Retry-After"]) == (429, "13")


def test_an_unknown_error_shows_a_number_and_nothing_of_itself() -> None:
    response = answered(RuntimeError("password=hunter2 in /srv/secret.py"))
    assert response.status_code == 500
    assert len(response.data["correlation_id"]) >= 32
    assert "hunter2" not in json.dumps(response.data)
    assert "RuntimeError" not in json.dumps(response.data)


@pytest.mark.parametrize(
    ("view", "status"),
    [
        (problems.bad_request, 400),
        (problems.forbidden, 403),
        (problems.not_found, 404),
        (problems.server_error, 500),
        (problems.csrf_failure, 403),
        (problems.locked_out, 429),
    ],
)
def test_what_happens_outside_the_api_answers_alike(view: Any, status: int) -> None:
    response = view(HttpRequest())
    body = json.loads(response.content)
    assert response.status_code == body["status"] == status
    assert response["Content-Type"] == "application/problem+json"
    assert {"type", "title", "detail", "code", "errors"} <= body.keys()
