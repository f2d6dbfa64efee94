"""Far sides that ignore, cut off, round, respell and delay: what a receipt says is true."""

import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.layers import channel_layers
from django.db import connections

from flows.dispatch import worker
from flows.dispatch.announce import announcer
from flows.dispatch.catalog import use_catalog
from flows.dispatch.plans import plans
from flows.models import Conflict, Receipt
from flows.store import pool
from tests.flows.sync.pair import Tables, document, make_catalog
from tests.flows.sync.paired import Pair, make_pair

HABITS = ("keeps", "ignores", "cuts", "rounds", "respells", "delays")


class Odd:
    """What the right side does with the next write."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.habit = "keeps"
        self.late: dict[str, Any] = {}
        self.sent: dict[str, Any] = {}
        tables.keep = self.keep

    def keep(self, system: str, fields: Any) -> dict[str, Any]:
        if system == "a":
            return dict(fields)
        self.sent = dict(fields)
        if self.habit == "delays":
            self.late = dict(fields)
            return {}
        return dict(self._kept(fields))

    def _kept(self, fields: Any) -> Iterator[tuple[str, Any]]:
        for name, value in fields.items():
            if self.habit == "ignores":
                continue
            if self.habit == "cuts":
                yield name, value[:6]
            elif self.habit == "rounds" and name == "phone":
                yield name, str(round(Decimal(value), 1))
            elif self.habit == "respells" and name == "mail":
                yield name, f" {value.upper()} "
            else:
                yield name, value

    def arrives(self, row: dict[str, Any]) -> None:
        """What was delayed is there now."""
        row.update(self.late)
        self.late = {}


@pytest.fixture
async def odd(transactional_db: None) -> AsyncIterator[tuple[Pair, Odd]]:
    plans.clear()
    tables = Tables()
    use_catalog(make_catalog(tables))
    made = document(
        fields=[
            {"name": "name"},
            {"name": "mail", "normalise": ["case", "spaces"]},
            {"name": "phone", "normalise": ["number"]},
        ]
    )
    pair = await sync_to_async(make_pair)(tables, made)
    yield pair, Odd(tables)
    use_catalog(None)
    await worker.close_kit()
    await announcer().idle()
    await channel_layers["default"].flush()
    await pool.close()
    await sync_to_async(connections.close_all)()


def truth(sent: dict[str, Any], row: dict[str, Any]) -> str:
    """What anybody would say who looks at both, without the platform's own comparisons."""
    respelt = False
    for name, value in sent.items():
        there = row.get(name, "")
        if there == value:
            continue
        same_mail = name == "mail" and there.strip().lower() == value.lower()
        same_number = name == "phone" and there and Decimal(there) == Decimal(value)
        if not (same_mail or same_number):
            return "diverged"
        respelt = True
    return "absorbed" if respelt else "confirmed"


async def write(pair: Pair, odd: Odd, rng: random.Random, number: int) -> tuple[str, str, bool]:
    """One edit on the left side: what the receipt says, what is true, whether a person is told."""
    tables = pair.tables
    [(other, row)] = tables.rows["b"].items()
    odd.habit = rng.choice(HABITS)
    fields = {
        "name": f"Name number {number}",
        "mail": f"mail{number}@example",
        "phone": str(Decimal(rng.randint(1000, 99999)) / 100),
    }
    changed = dict(rng.sample(sorted(fields.items()), rng.randint(1, 3)))
    tables.put("a", "1", **changed)
    await Receipt.objects.all().adelete()
    await Conflict.objects.all().adelete()
    tables.news.clear()
    await pair.news("a", "1")
    seen = dict(row)
    receipt = await Receipt.objects.aget()
    told = await Conflict.objects.filter(kind="diverged", state="open").aexists()
    true = truth(odd.sent, seen)
    # Whatever became of it, both sides begin the next write alike.
    odd.habit = "keeps"
    odd.arrives(row)
    tables.put("b", other, **{name: tables.rows["a"]["1"][name] for name in fields})
    await pair.news("b", other)
    tables.news.clear()
    return receipt.verdict, true, told


async def verdicts(pair: Pair, odd: Odd, writes: int, seed: int) -> Counter[tuple[str, str, bool]]:
    pair.tables.put("a", "1", name="Ann", mail="ann@x", phone="1")
    await pair.all_news()
    rng = random.Random(seed)
    found: Counter[tuple[str, str, bool]] = Counter()
    for number in range(writes):
        found[await write(pair, odd, rng, number)] += 1
    return found


def judge(found: Counter[tuple[str, str, bool]]) -> None:
    for verdict, true, told in found:
        assert verdict == true, f"{verdict} was said of what is {true}"
        assert told == (true == "diverged"), f"{true} told: {told}"


async def test_no_receipt_says_confirmed_of_what_is_not_there(odd: tuple[Pair, Odd]) -> None:
    found = await verdicts(*odd, writes=40, seed=5)
    judge(found)
    assert {verdict for verdict, _, _ in found} == {"confirmed", "absorbed", "diverged"}


@pytest.mark.faults
async def test_ten_thousand_writes(odd: tuple[Pair, Odd]) -> None:
    """The figure of the design; printed with `-s`."""
    found = await verdicts(*odd, writes=10_000, seed=1)
    print(dict(found))  # noqa: T201 - the figure
    judge(found)
