"""Domino Data Service as a way into one database."""

from collections.abc import Mapping
from typing import Any

from connectors.notes.client import Survey
from connectors.notes.dds.documents import DdsDocuments
from connectors.notes.dds.files import DdsFiles
from connectors.notes.dds.views import DdsViews
from connectors.notes.dds.wire import server_time
from connectors.sdk.errors import NotFoundError

# A well-formed id that no document has: 404 proves that the database serves documents.
NO_DOCUMENT = "0" * 32


class DdsClient(DdsDocuments, DdsViews, DdsFiles):
    """Requests to one database, as the port asks for them."""

    name = "dds"
    title = "Domino Data Service"
    tells_forms = True

    async def survey(self) -> Survey:
        """The server's list of databases: login, clock, and the database if it is shown."""
        answer = await self._call("GET", "/api/data", {"compact": "true"})
        listed = self._json(answer, list)
        path = self.database.lower()
        # A database may be usable without being listed.
        shown: Mapping[str, Any] = next(
            (one for one in listed if str(one.get("@filepath", "")).lower() == path), {}
        )
        kind = "a session" if self._web.session else "Basic authentication"
        return Survey(
            server=answer.headers.get("server", "Domino"),
            login=kind,
            title=str(shown.get("@title", "")),
            replica_id=str(shown.get("@replicaid", "")),
            clock=server_time(answer),
        )

    async def prove(self) -> None:
        """The three locks, as far as documents go."""
        try:
            await self.read(NO_DOCUMENT)
        except NotFoundError:
            return
