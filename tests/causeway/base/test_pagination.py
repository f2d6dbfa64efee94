"""Pages of a list that grows while it is read."""

import uuid

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from causeway.base.models import Workspace
from causeway.base.pagination import NewestFirst, decode, encode
from causeway.base.problems import Problem


def page(**query: str) -> tuple[list[str], str | None]:
    pager = NewestFirst()
    request = Request(APIRequestFactory().get("/", query))
    rows = pager.paginate_queryset(Workspace.objects.all(), request)
    return [row.slug for row in rows], pager.get_paginated_response([]).data["next"]


@pytest.mark.django_db
def test_pages_follow_each_other_newest_first_without_gap_or_repeat() -> None:
    for number in range(5):
        Workspace.objects.create(slug=f"w{number}", name="W")
    first, cursor = page(limit="2")
    assert first == ["w4", "w3"]
    Workspace.objects.create(slug="w5", name="W")  # moves no border
    assert cursor is not None
    second, cursor = page(limit="2", cursor=cursor)
    assert second == ["w2", "w1"]
    assert cursor is not None
    assert page(limit="2", cursor=cursor) == (["w0"], None)


@pytest.mark.django_db
def test_a_full_last_page_has_no_next() -> None:
    for number in range(2):
        Workspace.objects.create(slug=f"w{number}", name="W")
    assert page(limit="2") == (["w1", "w0"], None)


@pytest.mark.parametrize("cursor", ["!", "abc", "AAAA", "ü", "x" * 500])
def test_a_foreign_cursor_is_a_problem_at_its_parameter(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        page(cursor=cursor)
    assert refused.value.status == 422
    assert refused.value.errors[0]["pointer"] == "/cursor"


@pytest.mark.parametrize("limit", ["0", "201", "-1", "ten", "٣"])
def test_a_limit_out_of_bounds_is_a_problem(limit: str) -> None:
    with pytest.raises(Problem) as refused:
        page(limit=limit)
    assert refused.value.errors[0]["pointer"] == "/limit"


def test_a_cursor_carries_an_id_there_and_back() -> None:
    row = uuid.uuid4()
    assert decode(encode(row)) == row
