"""The agent endpoint as a way into one database."""

import base64
import binascii

from connectors.notes.client import Survey, TransportLacksError
from connectors.notes.endpoint.documents import EndpointDocuments
from connectors.notes.endpoint.views import TITLE, EndpointViews
from connectors.sdk.errors import ContractError, NotFoundError

_EDITOR = 4
_FILES = "Import the agent with files from far_side (run-time security level 2)."


class EndpointClient(EndpointDocuments, EndpointViews):
    """Requests to the agent of one database, as the port asks for them."""

    name = "agent"
    title = TITLE
    tells_forms = True

    async def survey(self) -> Survey:
        """What the agent says of itself, its server and our user's rights."""
        hello = await self.hello(again=True)
        database, access = hello.get("database") or {}, hello.get("access") or {}
        agent = hello.get("agent") or {}
        remarks = []
        if int(access.get("level") or 0) < _EDITOR:
            remarks.append("The user is less than Editor in the database: writes may be refused.")
        if access.get("delete") is False:
            remarks.append("The user may not delete documents.")
        if agent.get("language") != "java":
            remarks.append("The agent is in LotusScript: one request at a time, small documents.")
        return Survey(
            server=f"{hello.get('server', 'Domino')} ({agent.get('name', '')} "
            f"{agent.get('version', '')})",
            login="a session" if self._web.session else "Basic authentication",
            title=str(database.get("title") or ""),
            replica_id=str(database.get("replica_id") or ""),
            clock=self.now,
            remarks=remarks,
        )

    async def prove(self) -> None:
        """The agent answers, as our user and with our secret."""
        await self.hello(again=True)

    async def offers_later(self) -> bool:
        """Agents always; files where the agent was imported with them."""
        return {"attach", "file"} <= set((await self.hello()).get("ops", ()))

    async def file(self, unid: str, item: str, name: str) -> bytes | None:
        """The bytes of an attachment; None when there is none of this name (or no document)."""
        await self._need_files()
        try:
            result = await self._call("file", unid=unid, item=item, name=name)
            return base64.b64decode(str(result.get("content") or ""), validate=True)
        except NotFoundError:
            return None
        except binascii.Error as error:
            raise ContractError(
                "The agent endpoint's file is not base64.",
                code="answer_shape",
                detail={"expected": "base64", "received": str(error)},
            ) from error

    async def attach(self, unid: str, item: str, name: str, content: bytes, *, kind: str) -> None:
        """Add a file to a rich-text item. Not guarded."""
        await self._put(unid, item, name, content, kind=kind, replace=False)

    async def replace_file(self, unid: str, item: str, name: str, content: bytes) -> None:
        """Put other bytes into an attachment that is there."""
        kind = "application/octet-stream"
        await self._put(unid, item, name, content, kind=kind, replace=True)

    async def run_agent(self, agent: str, *, unid: str, wait: bool) -> None:
        """Run an agent and wait for it, also where a flow would not. Raises `RejectedError` for
        one that is not there or failed."""
        await self._call("run", agent=agent, unid=unid or None)

    async def _put(
        self, unid: str, item: str, name: str, content: bytes, *, kind: str, replace: bool
    ) -> None:
        await self._need_files()
        await self._call(
            "attach",
            unid=unid,
            item=item,
            name=name,
            content=base64.b64encode(content).decode(),
            content_type=kind,
            replace=replace,
        )

    async def _need_files(self) -> None:
        if not await self.offers_later():
            raise TransportLacksError(TITLE, "read and write attachments", fix=_FILES)
