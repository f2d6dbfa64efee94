"""The template "customers two-way" between the imitated shop and the imitated Domino server."""

import random
from collections.abc import AsyncIterator

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.db import connections
from django.db.models import Sum

from causeway.base.actors import system
from causeway.base.models import Environment, Workspace
from connectors.connections.service import create_connection
from flows.dispatch import worker
from flows.dispatch.announce import announcer
from flows.dispatch.catalog import use_catalog
from flows.dispatch.plans import plans
from flows.dispatch.reach import Reach
from flows.models import Conflict, Link, Receipt, Run, SyncRollup
from flows.services.deployments import deploy
from flows.services.flows import create_flow
from flows.store import pool
from tests.flows.sync.meadow import SECRETS, SETTINGS, Meadow, meadow, template

SETUP = system("setup")


def make(there: Meadow) -> None:
    workspace = Workspace.objects.create(slug="main", name="Main")
    environment = Environment.objects.create(
        workspace=workspace, slug="demo", name="Demo", kind="sandbox"
    )
    for slug, connector in (("shop", "prestashop"), ("notes", "notes")):
        there.connections[slug] = create_connection(
            SETUP,
            environment=environment,
            slug=slug,
            name=slug,
            connector=connector,
            settings=SETTINGS[slug],
            secrets=SECRETS[slug],
        )
    version = create_flow(SETUP, workspace=workspace, document=template(), note="")
    deploy(
        SETUP,
        version=version,
        environment=environment,
        bindings={"shop": "shop", "notes": "notes"},
    )


@pytest.fixture
async def there(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meadow]:
    plans.clear()
    use_catalog(None)
    async with meadow() as made:
        monkeypatch.setattr(worker, "Reach", lambda: Reach(client=made.http))
        await sync_to_async(make)(made)
        await made.news()
        yield made
        await worker.close_kit()
    await announcer().idle()
    await channel_layers["default"].flush()
    await pool.close()
    await sync_to_async(connections.close_all)()


async def link_all(there: Meadow) -> dict[str, str]:
    """Look at every customer once; the Notes ids by those of the shop."""
    for id_ in await there.customers():
        await there.tell("shop", id_)
    await there.settle()
    return {one.left_id: one.right_id async for one in Link.objects.all() if one.right_id}


async def test_customers_that_are_on_both_sides_find_each_other(there: Meadow) -> None:
    records = len(await there.records())
    pairs = await link_all(there)
    by_number = {one["items"]["CustomerNo"]: unid for unid, one in (await there.records()).items()}
    assert pairs == {id_: by_number[id_] for id_ in await there.customers()}
    # Customer 1 was not in Notes: it was made there.
    assert len(by_number) == records + 1
    receipt = await Receipt.objects.filter(action="created").aget()
    assert receipt.verdict in ("confirmed", "absorbed")
    assert [one.state async for one in Run.objects.exclude(state="succeeded")] == []


async def test_an_edit_on_either_side_arrives_on_the_other(there: Meadow) -> None:
    pairs = await link_all(there)
    there.clock.move(minutes=5)
    await there.edit_customer("2", company="Doe Ltd", firstname="Johnny")
    await there.edit_record(pairs["3"], EMail="jane.roe@buyer.example", Blocked="1")
    await there.settle()
    records, customers = await there.records(), await there.customers()
    assert records[pairs["2"]]["items"]["CompanyName"] == "Doe Ltd"
    assert records[pairs["2"]]["items"]["FullName"] == ["Johnny DOE"]
    assert customers["3"]["email"] == "jane.roe@buyer.example"
    assert customers["3"]["active"] == "0"
    assert not await Conflict.objects.filter(state="open").aexists()


async def test_both_sides_at_once_are_for_a_person(there: Meadow) -> None:
    pairs = await link_all(there)
    there.clock.move(minutes=5)
    await there.edit_customer("2", email="a@buyer.example")
    await there.edit_record(pairs["2"], EMail="b@buyer.example")
    await there.settle()
    conflict = await Conflict.objects.filter(state="open").aget()
    [told] = conflict.fields
    assert (told["left"], told["right"]) == ("a@buyer.example", "b@buyer.example")
    assert (await there.customers())["2"]["email"] == "a@buyer.example"


async def random_edits(there: Meadow, edits: int, seed: int) -> dict[str, int]:
    """So many edits, each told with all that follows from it; what they came to."""
    rng = random.Random(seed)
    pairs = await link_all(there)
    before = await counted()
    for number in range(edits):
        there.clock.move(minutes=2)
        id_ = rng.choice(sorted(pairs))
        if rng.random() < 0.5:
            name, value = rng.choice(
                [
                    ("company", f"Company {number}"),
                    ("email", f"c{number}@buyer.example"),
                    ("lastname", f"Name{chr(97 + number % 26)}"),
                ]
            )
            await there.edit_customer(id_, **{name: value})
        else:
            item, value = rng.choice(
                [
                    ("CompanyName", f"Record {number}"),
                    ("EMail", f"n{number}@buyer.example"),
                    ("Blocked", rng.choice(["0", "1"])),
                ]
            )
            await there.edit_record(pairs[id_], **{item: value})
        writes = (await counted())["writes"]
        await there.settle(most=6)
        assert (await counted())["writes"] - writes <= 1, "an edit was written more than once"
    after = await counted()
    return {name: after[name] - before[name] for name in after}


async def counted() -> dict[str, int]:
    sums = await SyncRollup.objects.aaggregate(
        **{
            name: Sum(name)
            for name in ("looks", "writes_left", "writes_right", "echoes_left", "echoes_right")
        },
        **{name: Sum(name) for name in ("loops", "conflicts", "diverged")},
    )
    told = {name: value or 0 for name, value in sums.items()}
    return {**told, "writes": told["writes_left"] + told["writes_right"]}


async def same_on_both(there: Meadow) -> None:
    records, customers = await there.records(), await there.customers()
    async for link in Link.objects.all():
        mine, theirs = customers[link.left_id], records[link.right_id]["items"]
        assert mine["email"] == theirs["EMail"]
        assert mine["company"] == (theirs.get("CompanyName") or "")
        assert (mine["active"] == "0") == (theirs.get("Blocked") == "1")
        name = f"{mine['firstname']} {mine['lastname']}"
        assert name.casefold() == theirs["FullName"][-1].casefold()


async def test_random_edits_cross_at_most_once_and_never_come_back(there: Meadow) -> None:
    told = await random_edits(there, 25, seed=3)
    assert told["loops"] == told["conflicts"] == told["diverged"] == 0
    await same_on_both(there)


@pytest.mark.faults
async def test_a_thousand_random_edits(there: Meadow) -> None:
    """The figure of the design; printed with `-s`."""
    told = await random_edits(there, 1_000, seed=1)
    print(told)  # noqa: T201 - the figure
    assert told["writes"] <= 1_000
    assert told["loops"] == told["conflicts"] == told["diverged"] == 0
    await same_on_both(there)
