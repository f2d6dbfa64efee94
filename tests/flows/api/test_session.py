"""Signing in: sessions, CSRF, tokens, lock-out."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from causeway.base.tokens import create_token
from governance.roles import PERMISSIONS_OF, Role, grant_role
from tests.flows.api.conftest import SETUP, House

PASSWORD = "a-long-enough-password"
URL = "/api/v1/session"


@pytest.fixture
def mara(house: House) -> User:
    user = User.objects.create_user("mara", password=PASSWORD, first_name="Mara", last_name="Quill")
    grant_role(SETUP, user=user, workspace=house.workspace, role=Role.ANALYST)
    return user


def browser() -> APIClient:
    """A client that minds CSRF, as a browser does, and has looked at the session once."""
    client = APIClient(enforce_csrf_checks=True)
    client.get(URL)
    return client


def sign_in(client: APIClient, password: str = PASSWORD, username: str = "mara") -> Any:
    return client.post(
        URL,
        {"username": username, "password": password},
        headers={"X-CSRFToken": client.cookies["csrftoken"].value},
    )


def test_before_signing_in_there_is_nobody(house: House) -> None:
    answer = APIClient().get(URL)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["user"], body["permissions"], body["environments"]) == (None, [], [])
    assert body["csrf"]


def test_signing_in_tells_who_and_what_may_be_done(mara: User) -> None:
    answer = sign_in(browser())
    assert answer.status_code == 200
    body = answer.json()
    assert body["user"] == {"username": "mara", "name": "Mara Quill", "initials": "MQ"}
    assert body["permissions"] == sorted(PERMISSIONS_OF[Role.ANALYST])
    assert body["environments"] == [
        {"slug": "demo", "name": "Demo", "kind": "sandbox"},
        {"slug": "test", "name": "Test", "kind": "test"},
    ]
    assert body["workspace"] == "main"


def test_signing_in_needs_the_csrf_token(mara: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    answer = client.post(URL, {"username": "mara", "password": PASSWORD})
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_change_needs_the_csrf_token(mara: User) -> None:
    client = browser()
    sign_in(client)
    bare = client.post("/api/v1/flows/check", {"document": {}})
    assert bare.status_code == 403
    with_token = client.post(
        "/api/v1/flows/check",
        {"document": {}},
        headers={"X-CSRFToken": client.cookies["csrftoken"].value},
    )
    assert with_token.status_code == 200


@pytest.mark.parametrize(("username", "password"), [("mara", "wrong"), ("nobody", PASSWORD)])
def test_wrong_name_and_wrong_password_look_alike(mara: User, username: str, password: str) -> None:
    answer = sign_in(browser(), password, username)
    assert answer.status_code == 401
    assert answer.json()["code"] == "login_failed"


def test_ten_failures_lock_the_name_out(mara: User) -> None:
    client = browser()
    codes = [sign_in(client, "wrong").status_code for _ in range(10)]
    assert codes[0] == 401
    locked = sign_in(client)
    assert locked.status_code == 429
    assert locked.json()["code"] == "locked_out"
    assert client.get(URL).json()["user"] is None


def test_signing_out_ends_the_session(mara: User) -> None:
    client = browser()
    sign_in(client)
    token = client.cookies["csrftoken"].value
    assert client.delete(URL, headers={"X-CSRFToken": token}).status_code == 204
    assert client.get(URL).json()["user"] is None
    assert client.get("/api/v1/flows").status_code == 401


def test_a_token_signs_a_program_in(mara: User) -> None:
    _, text = create_token(user=mara, name="CI")
    client = APIClient(headers={"Authorization": f"Bearer {text}"}, enforce_csrf_checks=True)
    assert client.get("/api/v1/flows").status_code == 200
    assert client.post("/api/v1/flows/check", {"document": {}}).status_code == 200


def test_an_unknown_token_and_a_closed_account_are_refused(mara: User) -> None:
    _, text = create_token(user=mara, name="CI")
    wrong = APIClient(headers={"Authorization": f"Bearer {text}x"})
    assert wrong.get("/api/v1/flows").status_code == 401
    mara.is_active = False
    mara.save()
    closed = APIClient(headers={"Authorization": f"Bearer {text}"})
    assert closed.get("/api/v1/flows").status_code == 401


def test_who_belongs_to_no_workspace_sees_none(house: House) -> None:
    User.objects.create_user("new", password=PASSWORD)
    client = browser()
    body = sign_in(client, username="new").json()
    assert body["user"]["initials"] == "N"
    assert (body["workspace"], body["permissions"]) == (None, [])
    assert client.get("/api/v1/flows").status_code == 404
