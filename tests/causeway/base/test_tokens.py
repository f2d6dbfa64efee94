"""A token lets in who owns it, and its text is nowhere to be found."""

import pytest
from django.contrib.auth.models import User
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from causeway.base.models import ApiToken
from causeway.base.tokens import TokenAuthentication, create_token

pytestmark = pytest.mark.django_db


def sign_in(header: str) -> tuple[User, ApiToken] | None:
    request = Request(APIRequestFactory().get("/", headers={"Authorization": header}))
    return TokenAuthentication().authenticate(request)


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


def test_a_token_signs_its_owner_in_and_notes_when(ann: User) -> None:
    token, text = create_token(user=ann, name="ci")
    signed_in = sign_in(f"Bearer {text}")
    assert signed_in is not None
    assert (signed_in[0], signed_in[1].pk) == (ann, token.pk)
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_only_a_digest_is_stored(ann: User) -> None:
    _, text = create_token(user=ann, name="ci")
    (row,) = ApiToken.objects.values()
    assert text not in str(row)
    assert text.startswith(row["prefix"])
    assert len(row["prefix"]) == 10


@pytest.mark.parametrize("header", ["Bearer cwy_wrong", "Bearer ", "bearer\tx", "Bearer ü"])
def test_an_unknown_token_is_refused(ann: User, header: str) -> None:
    create_token(user=ann, name="ci")
    if header.partition(" ")[0].lower() == "bearer":
        with pytest.raises(AuthenticationFailed):
            sign_in(header)
    else:
        assert sign_in(header) is None


def test_other_kinds_are_left_to_others(ann: User) -> None:
    assert sign_in("Basic YTpi") is None
    assert sign_in("") is None


def test_the_token_of_a_closed_account_is_refused(ann: User) -> None:
    _, text = create_token(user=ann, name="ci")
    User.objects.update(is_active=False)
    with pytest.raises(AuthenticationFailed):
        sign_in(f"Bearer {text}")
