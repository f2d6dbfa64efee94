"""Looking up the connection behind a hook."""

import asyncio
from typing import Any

import pytest

from flows.ingress import hooks as module
from flows.ingress.hooks import Hooks
from tests.flows.world import World

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 50


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that were looked up in the database."""
    seen: list[str] = []
    load = module._load

    def counting(token: str) -> Any:
        seen.append(token)
        return load(token)

    monkeypatch.setattr(module, "_load", counting)
    return seen


async def test_all_that_arrive_at_once_wait_for_one_look(hot: World, looks: list[str]) -> None:
    hooks, token = Hooks(), hot.connection.hook_token
    found = await asyncio.gather(*(hooks.find(token) for _ in range(AT_ONCE)))
    assert {one and one.connection_id for one in found} == {hot.connection.id}
    assert looks == [token]


async def test_who_hangs_up_takes_the_answer_from_nobody(hot: World, looks: list[str]) -> None:
    hooks, token = Hooks(), hot.connection.hook_token
    first = asyncio.create_task(hooks.find(token))
    second = asyncio.create_task(hooks.find(token))
    await asyncio.sleep(0)
    first.cancel()
    found = await second
    assert found is not None
    assert looks == [token]


async def test_a_token_that_leads_nowhere_is_remembered_too(hot: World, looks: list[str]) -> None:
    hooks = Hooks()
    assert await hooks.find("nobody-has-this") is None
    assert await hooks.find("nobody-has-this") is None
    assert looks == ["nobody-has-this"]


async def test_a_look_that_failed_is_tried_again(
    hot: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks, token, load = Hooks(), hot.connection.hook_token, module._load

    def broken(_token: str) -> Any:
        raise ConnectionError("away")

    monkeypatch.setattr(module, "_load", broken)
    with pytest.raises(ConnectionError):
        await hooks.find(token)
    monkeypatch.setattr(module, "_load", load)
    assert await hooks.find(token) is not None
