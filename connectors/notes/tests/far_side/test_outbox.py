"""The Java agents of the outbox, on a database in memory and against a real HTTP server."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.notes.tests.far_side.bench import Bench
from connectors.notes.tests.far_side.receiver import Receiver, receiver
from connectors.notes.triggers import read_hook
from connectors.sdk.connection import ConnectionConfig
from connectors.sdk.standard_webhooks import verify

SECRET = "whsec_c2VjcmV0LWZvci1kZWxpdmVyaWVz"
SIGNER = "CN=Agent Signer/O=Acme"


@pytest.fixture
def causeway() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


def configure(domino: Bench, url: str, **more: Any) -> None:
    domino.document(
        {
            "Form": "CausewayConfiguration",
            "Address": url,
            "Secret": SECRET,
            "WatchedForms": ["Order Record|OrderNo|", "Contact||FirstName, LastName"],
            **more,
        }
    )


def order(domino: Bench, number: str = "SO-1007", **more: Any) -> dict[str, str]:
    return domino.document({"Form": "Order Record", "OrderNo": number, "Status": "New", **more})


def outbox(domino: Bench) -> list[dict[str, Any]]:
    return domino.dump("CausewayOutbox")


def states(domino: Bench) -> list[str]:
    return [one["State"][0] for one in outbox(domino)]


def make_due(domino: Bench) -> None:
    for one in outbox(domino):
        past = {"type": "datetime", "values": ["2020-01-01T00:00:00Z"]}
        domino.document({"Due": past}, unid=one["@unid"])


def connection() -> ConnectionConfig:
    return ConnectionConfig(
        id="1",
        slug="orders",
        connector="notes",
        settings={"replica_id": "802579AB00112233", "database": "sales/fulfil.nsf"},
        secrets={},
        system="802579AB00112233",
    )


def test_a_save_becomes_a_signed_delivery_that_the_connector_reads(
    domino: Bench, causeway: Receiver
) -> None:
    configure(domino, causeway.url)
    made = order(domino)
    domino.agent("CausewayCapture")
    [(headers, body)] = causeway.came
    verify(secrets=SECRET, headers=headers, body=body, now=datetime.now(UTC))
    [event] = read_hook(connection(), json.loads(body))
    assert event.entity_id == made["unid"]
    assert event.business_key == "SO-1007"
    assert event.change == "created"
    assert headers["webhook-id"] == json.loads(body)["event_id"]
    [entry] = outbox(domino)
    assert entry["State"] == ["sent"]
    assert entry["Body"] == [""]


def test_only_watched_forms_and_no_conflicts_are_told(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    domino.document({"Form": "Memo", "Subject": "no"})
    domino.document({"Form": "Order Record", "OrderNo": "SO-1", "$Conflict": ""})
    domino.document({"Subject": "no form"})
    domino.agent("CausewayCapture")
    assert causeway.came == []
    assert outbox(domino) == []


def test_an_echo_is_told_by_its_hash_and_a_later_edit_is_not(
    domino: Bench, causeway: Receiver
) -> None:
    from connectors.notes.fingerprint import fingerprint

    configure(domino, causeway.url)
    items = {"OrderNo": ["SO-1"], "Status": ["New"]}
    made = order(domino, "SO-1", SyncHash=fingerprint(items), SyncRev="r1")
    domino.agent("CausewayCapture")
    assert causeway.came == []
    domino.document({"Status": "Approved"}, unid=made["unid"])
    domino.agent("CausewayCapture")
    [(_, body)] = causeway.came
    assert json.loads(body)["kind"] == "updated"
    assert json.loads(body)["sync_rev"] == "r1"


def test_a_state_that_the_form_told_is_not_told_again(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    made = order(domino)
    domino.agent("CausewaySaved", parameter=made["noteid"])
    assert len(causeway.came) == 1
    domino.agent("CausewayCapture")
    assert len(causeway.came) == 1
    # There and back again are two states more.
    for status in ("Open", "New"):
        domino.document({"Status": status}, unid=made["unid"])
        domino.agent("CausewayCapture")
    assert len(causeway.came) == 3


def test_items_that_are_not_synced_make_no_event(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    made = domino.document({"Form": "Contact", "FirstName": "Mara", "Phone": "1"})
    domino.agent("CausewayCapture")
    domino.document({"Phone": "2"}, unid=made["unid"])
    domino.agent("CausewayCapture")
    domino.document({"FirstName": "Maria"}, unid=made["unid"])
    domino.agent("CausewayCapture")
    assert len(causeway.came) == 2


def test_an_outbox_that_cannot_be_written_leaves_the_document_unmarked(
    domino: Bench, causeway: Receiver
) -> None:
    configure(domino, causeway.url)
    order(domino)
    domino.do("database", failing=2)  # the entry, and the log
    domino.agent("CausewayCapture")
    assert causeway.came == []
    assert "could not be saved" in domino.console
    domino.agent("CausewayCapture")
    assert len(causeway.came) == 1


@pytest.mark.parametrize("status", [500, 503, 408, 425, 429, 302])
def test_what_may_pass_is_tried_again_later(domino: Bench, causeway: Receiver, status: int) -> None:
    configure(domino, causeway.url)
    order(domino)
    causeway.answers = [status]
    domino.agent("CausewayCapture")
    [entry] = outbox(domino)
    assert entry["State"] == ["retry"]
    assert entry["Attempts"] == [1]
    assert entry["Answer"] == [f"HTTP {status}"]
    wait = datetime.fromisoformat(entry["Due"][0]) - datetime.now(UTC)
    assert timedelta(seconds=50) < wait < timedelta(seconds=85)
    domino.agent("CausewayDeliver")
    assert len(causeway.came) == 1  # not due yet
    make_due(domino)
    domino.agent("CausewayDeliver")
    assert states(domino) == ["sent"]
    assert causeway.came[0][0]["webhook-id"] == causeway.came[1][0]["webhook-id"]


def test_the_wait_grows_and_ends(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url, MaxAttempts=6)
    order(domino)
    causeway.always = 500
    waits = []
    domino.agent("CausewayCapture")
    for _ in range(5):
        [entry] = outbox(domino)
        waits.append(
            round((datetime.fromisoformat(entry["Due"][0]) - datetime.now(UTC)).seconds / 60)
        )
        make_due(domino)
        domino.agent("CausewayDeliver")
    assert waits == [1, 5, 15, 60, 240]
    assert states(domino) == ["dead"]


@pytest.mark.parametrize("status", [400, 401, 404, 413])
def test_what_is_refused_is_given_up_and_said(
    domino: Bench, causeway: Receiver, status: int
) -> None:
    configure(domino, causeway.url)
    order(domino)
    causeway.always = status
    domino.agent("CausewayCapture")
    assert states(domino) == ["dead"]
    [log] = domino.dump("CausewayLog")
    assert log["Refused"] == [1]
    assert f"HTTP {status}, given up" in log["Lines"][0]
    # The document touched again is told again: nobody knows of its state.
    causeway.always = 202
    domino.document({"Memo": ""}, unid=outbox(domino)[0]["Unid"][0])
    domino.agent("CausewayCapture")
    assert states(domino) == ["dead", "sent"]


def test_a_duplicate_counts_as_delivered(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    order(domino)
    causeway.always = 409
    domino.agent("CausewayCapture")
    assert states(domino) == ["sent"]


def test_the_longest_due_goes_first_and_a_batch_is_kept(domino: Bench, causeway: Receiver) -> None:
    configure(domino, "http://127.0.0.1:9/", BatchSize=3)
    for at in range(5):
        order(domino, f"SO-{at}")
    domino.agent("CausewayCapture")  # nobody there
    entries = outbox(domino)
    for at, one in enumerate(entries):
        due = {"type": "datetime", "values": [f"2020-01-01T00:00:{59 - at}Z"]}
        domino.document({"Due": due}, unid=one["@unid"])
    [configuration] = domino.dump("CausewayConfiguration")
    domino.document({"Address": causeway.url}, unid=configuration["@unid"])
    domino.agent("CausewayDeliver")
    assert [json.loads(body)["key"] for _, body in causeway.came] == ["SO-4", "SO-3", "SO-2"]
    domino.agent("CausewayDeliver")
    assert len(causeway.came) == 5


def test_three_failures_in_a_row_end_the_run(domino: Bench, causeway: Receiver) -> None:
    """Each may cost a timeout, and the agent manager kills long runs."""
    configure(domino, causeway.url)
    causeway.always = 503
    for one in range(10):
        order(domino, f"SO-{one}")
    domino.agent("CausewayCapture")
    assert len(causeway.came) == 3
    assert len(outbox(domino)) == 10


def test_a_form_does_not_wait_for_a_far_end_that_is_away(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    causeway.always = 503
    for at in range(3):
        domino.agent("CausewaySaved", parameter=order(domino, f"SO-{at}")["noteid"])
    assert len(causeway.came) == 1
    assert len(outbox(domino)) == 3


def test_a_web_form_is_told_when_its_save_is_over(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    unid = domino.agent(
        "CausewayWebSave", context={"Form": "Order Record", "OrderNo": "SO-7", "Status": "New"}
    )
    assert causeway.came == []
    [entry] = outbox(domino)
    assert entry["Unid"] == [unid]
    assert entry["Kind"] == ["created"]
    domino.agent("CausewayDeliver")
    assert causeway.came == []
    make_due(domino)
    domino.agent("CausewayDeliver")
    assert len(causeway.came) == 1


def test_a_web_save_is_confirmed_by_the_agent_since_it_may_have_failed(
    domino: Bench, causeway: Receiver
) -> None:
    configure(domino, causeway.url, SettleSeconds=0)
    made = order(domino)
    domino.agent("CausewayWebSave", unid=made["unid"], context={"Status": "Open"})
    domino.document({"Status": "Open"}, unid=made["unid"])
    domino.agent("CausewayCapture")
    assert [one["Path"][0] for one in outbox(domino)] == ["web", "agent"]
    assert len(causeway.came) == 2


def test_a_deletion_is_told_when_the_document_went(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url, SettleSeconds=0)
    made = order(domino)
    domino.agent("CausewayDeleted", parameter=made["noteid"])
    domino.do("remove", unid=made["unid"])
    make_due(domino)
    domino.agent("CausewayDeliver")
    [(_, body)] = causeway.came
    [event] = read_hook(connection(), json.loads(body))
    assert event.change == "deleted"
    assert event.type == "notes.document_deleted@1"
    assert event.entity_id == made["unid"]
    assert event.data["form"] == "Order Record"


def test_a_deletion_that_was_called_off_is_told_to_nobody(
    domino: Bench, causeway: Receiver
) -> None:
    configure(domino, causeway.url, SettleSeconds=0)
    made = order(domino)
    domino.agent("CausewayDeleted", parameter=made["noteid"])
    domino.agent("CausewayDeliver")
    assert states(domino) == ["new"]  # somebody still has to answer
    [entry] = outbox(domino)
    long_ago = {"type": "datetime", "values": ["2020-01-01T00:00:00Z"]}
    domino.document({"Due": long_ago, "Captured": long_ago}, unid=entry["@unid"])
    domino.agent("CausewayDeliver")
    assert states(domino) == ["sent"]
    assert outbox(domino)[0]["Answer"] == ["not deleted"]
    assert causeway.came == []


def test_what_comes_while_a_delivery_stays_is_sent_by_it(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url, LingerSeconds=5, SettleSeconds=1)
    domino.agent("CausewayWebSave", context={"Form": "Order Record", "OrderNo": "SO-7"})
    domino.agent("CausewayDeliver")
    assert len(causeway.came) == 1


def test_old_entries_and_logs_are_cleared(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url, KeepDays=3)
    for at in range(3):
        order(domino, f"SO-{at}")
    domino.agent("CausewayCapture")
    days = (4, 2)
    for days_ago, one in zip(days, outbox(domino), strict=False):
        moment = (datetime.now(UTC) - timedelta(days=days_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")
        domino.document({"Finished": {"type": "datetime", "values": [moment]}}, unid=one["@unid"])
    domino.agent("CausewayDeliver")
    assert len(outbox(domino)) == 2


def test_each_run_with_something_to_say_writes_a_log(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url)
    domino.agent("CausewayCapture")
    domino.agent("CausewayDeliver")
    assert domino.dump("CausewayLog") == []
    order(domino)
    domino.agent("CausewayCapture")
    [log] = domino.dump("CausewayLog")
    assert (log["Agent"], log["Taken"], log["Sent"]) == (["Causeway Capture"], [1], [1])


def test_without_configuration_the_agents_say_so(domino: Bench) -> None:
    for name in ("CausewayCapture", "CausewayDeliver"):
        domino.agent(name)
        assert "no configuration document" in domino.console
    configure(domino, "")
    order(domino)
    domino.agent("CausewayCapture")
    assert "no Address or no Secret" in domino.console
    assert states(domino) == ["new"]


def test_a_form_event_never_fails_the_save(domino: Bench) -> None:
    for name in ("CausewaySaved", "CausewayDeleted"):
        domino.agent(name, parameter="")
        domino.agent(name, parameter="FFFFFF")
    domino.agent("CausewayWebSave")


def test_settings_out_of_bounds_are_brought_back(domino: Bench, causeway: Receiver) -> None:
    configure(domino, causeway.url, BatchSize=-5, TimeoutSeconds="soon", KeepDays=99999)
    for at in range(2):
        order(domino, f"SO-{at}")
    domino.agent("CausewayCapture")
    assert len(causeway.came) == 1


def test_what_was_saved_before_the_installation_is_no_news(
    domino: Bench, causeway: Receiver
) -> None:
    """The first run of an agent sees every document of the database."""
    configure(domino, causeway.url, Since={"type": "datetime", "values": ["2026-01-01T00:00:00Z"]})
    old = order(domino, "SO-1")
    domino.document({}, unid=old["unid"], at="2025-12-31T23:59:59Z")
    order(domino, "SO-2")
    domino.agent("CausewayCapture")
    assert [json.loads(body)["key"] for _, body in causeway.came] == ["SO-2"]
    domino.document({"Status": "Open"}, unid=old["unid"])
    domino.agent("CausewayCapture")
    assert [json.loads(body)["key"] for _, body in causeway.came] == ["SO-2", "SO-1"]


def test_an_entry_that_domino_will_not_keep_stops_no_other(
    domino: Bench, causeway: Receiver
) -> None:
    configure(domino, causeway.url)
    causeway.answers = [503, 503]
    for at in range(2):
        order(domino, f"SO-{at}")
    domino.agent("CausewayCapture")
    make_due(domino)
    domino.do("database", refusing=True)
    domino.agent("CausewayDeliver")
    assert len(causeway.came) == 4  # both were sent, neither could be marked
    domino.do("database", refusing=False)
    domino.agent("CausewayDeliver")
    # Sent once more under the same ids, by which Causeway tells repetitions.
    assert states(domino) == ["sent", "sent"]
    assert len({headers["webhook-id"] for headers, _ in causeway.came}) == 2
