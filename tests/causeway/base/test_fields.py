from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from causeway.base.fields import ExactJSONField
from causeway.base.models import Workspace
from flows.models import Flow, FlowVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def flow() -> Flow:
    workspace = Workspace.objects.create(slug="main", name="Main")
    return Flow.objects.create(workspace=workspace, slug="f", name="F")


def stored(flow: Flow, document: Any) -> Any:
    version = FlowVersion.objects.create(flow=flow, number=1, document=document, digest="d")
    return FlowVersion.objects.get(pk=version.pk).document


@pytest.mark.parametrize("text", ["19.90", "0.1", "12345678901234567890.123456789", "1E+2"])
def test_fractions_keep_their_digits(flow: Flow, text: str) -> None:
    found = stored(flow, {"price": Decimal(text)})["price"]
    assert found == Decimal(text)
    if "E" not in text:
        assert str(found) == text


def test_whole_numbers_texts_and_nothing_stay_what_they_are(flow: Flow) -> None:
    document = {"n": 7, "t": "75001", "none": None, "list": [1, "1", True], "big": 2**70}
    assert stored(flow, document) == document


def test_a_text_that_looks_like_json_stays_text(flow: Flow) -> None:
    assert stored(flow, '{"a": 1}') == '{"a": 1}'


def test_a_key_can_be_asked_for(flow: Flow) -> None:
    stored(flow, {"slug": "7", "price": Decimal("1.50")})
    assert FlowVersion.objects.filter(document__slug="7").exists()
    assert FlowVersion.objects.values_list("document__slug", flat=True).get() == "7"


def test_null_is_sql_null(flow: Flow) -> None:
    field = ExactJSONField(null=True)
    assert field.get_db_prep_save(None, connection) is None


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ValidationError):
        ExactJSONField().validate(object(), None)
