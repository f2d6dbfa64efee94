"""One socket: its reader, the topics it follows, and sending what is new in them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import Http404

from causeway.base.actors import Actor, person
from causeway.base.problems import Problem
from connectors.sdk import codec
from flows.live.topics import Message, Topic, open_topic

log = structlog.get_logger(__name__)

MOST_TOPICS: Final = 20
_PAUSE: Final = 0.1  # seconds between two looks at the database
_TRUST: Final = 10.0  # seconds until the session is looked at again
_SIGNED_OUT: Final = 4401
_MISUSE: Final = 4400
_PREFIXES: Final = ("run:", "runs:")


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """Speaks JSON. From the client: {"subscribe": topic, "after": number?} and
    {"unsubscribe": topic}. To it: {"topic", "number", "event"}, or {"topic", "problem"} for a
    topic that there is not, or not for this reader.
    """

    async def connect(self) -> None:
        self._topics: dict[str, Topic] = {}
        self._stirred: dict[str, None] = {}
        self._pump: asyncio.Task[None] | None = None
        self._seen_at = 0.0
        await self.accept()
        if await self._actor() is None:
            await self.close(code=_SIGNED_OUT)

    async def disconnect(self, code: int) -> None:
        for name in list(self._topics):
            await self._leave(name)
        if self._pump is not None:
            self._pump.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            asked = codec.loads(text_data or "")
        except ValueError:
            asked = None
        if not isinstance(asked, dict):
            await self.close(code=_MISUSE)
            return
        if isinstance(name := asked.get("unsubscribe"), str):
            await self._leave(name)
            return
        name, after = asked.get("subscribe"), asked.get("after")
        if not isinstance(name, str) or not name.startswith(_PREFIXES):
            await self._refuse(str(name)[:200], Problem(404, "not_found", "No such topic."))
        elif after is not None and (not isinstance(after, int) or not 0 <= after < 2**62):
            await self._refuse(name, Problem(422, "invalid", "`after` is a number from 0 on."))
        else:
            await self._follow(name, after)

    # what the channel layer calls

    async def run_moved(self, message: dict[str, Any]) -> None:
        """Journals of runs grew."""
        self._stir(message)

    async def runs_moved(self, message: dict[str, Any]) -> None:
        """Rows of a list of runs changed."""
        self._stir(message)

    async def _follow(self, name: str, after: int | None) -> None:
        actor = await self._actor()
        if actor is None:
            await self.close(code=_SIGNED_OUT)
            return
        if len(self._topics) >= MOST_TOPICS and name not in self._topics:
            await self._refuse(name, Problem(422, "too_many_topics", "Leave a topic first."))
            return
        try:
            topic = await database_sync_to_async(open_topic)(name, actor, after)
        except (Http404, PermissionDenied, Problem) as error:
            await self._refuse(name, _problem(error))
            return
        await self._leave(name)
        # In the group before the first look: what is committed in between is seen by either.
        await self.channel_layer.group_add(topic.group, self.channel_name)
        self._topics[name] = topic
        self._wake(name)

    async def _leave(self, name: str) -> None:
        topic = self._topics.pop(name, None)
        if topic is not None and topic.group not in {one.group for one in self._topics.values()}:
            await self.channel_layer.group_discard(topic.group, self.channel_name)

    def _stir(self, message: dict[str, Any]) -> None:
        group = message["group"]
        for name, topic in self._topics.items():
            if topic.group == group and topic.moved(message):
                self._wake(name)

    def _wake(self, name: str) -> None:
        self._stirred[name] = None
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._send_news())

    async def _send_news(self) -> None:
        while self._stirred:
            name = next(iter(self._stirred))
            del self._stirred[name]
            topic = self._topics.get(name)
            if topic is not None and not await self._send_of(topic):
                return
            await asyncio.sleep(_PAUSE if not self._stirred else 0)

    async def _send_of(self, topic: Topic) -> bool:
        """False when the socket was closed."""
        actor = await self._actor()
        if actor is None:
            await self.close(code=_SIGNED_OUT)
            return False
        try:
            messages = await database_sync_to_async(topic.read)(actor)
        except (Http404, PermissionDenied, Problem) as error:
            await self._leave(topic.name)
            await self._refuse(topic.name, _problem(error))
            return True
        await self._send_all(topic.name, messages)
        if messages:
            self._stirred[topic.name] = None  # there may be more than one page
        return True

    async def _send_all(self, name: str, messages: Sequence[Message]) -> None:
        for number, event in messages:
            text = codec.dumps({"topic": name, "number": number, "event": event}).decode()
            await self.send(text_data=text)

    async def _refuse(self, name: str, problem: Problem) -> None:
        text = codec.dumps({"topic": name, "problem": problem.to_dict()}).decode()
        await self.send(text_data=text)

    async def _actor(self) -> Actor | None:
        """The reader, or None when nobody is signed in any more."""
        if time.monotonic() - self._seen_at > _TRUST:
            user = await database_sync_to_async(_still_signed_in)(self.scope)
            self.scope["user"] = user
            self._seen_at = time.monotonic()
        try:
            return person(self.scope["user"])
        except PermissionDenied:
            return None


def _still_signed_in(scope: Any) -> User | AnonymousUser:
    """The session as it is now, not as it was when the socket opened."""
    session = scope["session"]
    key = session.session_key
    if key is None or not session.exists(key):
        return AnonymousUser()
    user = scope["user"]
    found = User.objects.filter(pk=user.pk, is_active=True).first()
    return found or AnonymousUser()


def _problem(error: Exception) -> Problem:
    if isinstance(error, Problem):
        return error
    if isinstance(error, PermissionDenied):
        return Problem(403, "permission_denied", str(error))
    return Problem(404, "not_found", str(error))
