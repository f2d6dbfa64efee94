"""The Domino REST API as a way into one database."""

from collections.abc import Mapping

from connectors.notes.client import Survey
from connectors.notes.rest.documents import RestDocuments
from connectors.notes.rest.files import RestFiles
from connectors.notes.rest.views import TITLE, RestViews
from connectors.notes.rest.wire import server_time
from connectors.sdk.errors import NotFoundError

# A well-formed id that no document has: 404 proves that the scope serves documents.
NO_DOCUMENT = "0" * 32


class RestClient(RestDocuments, RestViews, RestFiles):
    """Requests to one scope, as the port asks for them."""

    name = "drapi"
    title = TITLE
    tells_forms = False

    async def survey(self) -> Survey:
        """The scopes that the user sees, and what the connection's one points to."""
        answer = await self._call("GET", "/scopes", {})
        scopes = self._json(answer, list)
        named = {str(o.get("apiName", "")): o for o in scopes if isinstance(o, Mapping)}
        scope = named.get(self.database, {})
        path = str(scope.get("nsfPath", ""))
        wanted = str(self._ctx.connection.settings["database"]).replace("\\", "/").strip("/")
        remarks = []
        if path and path.replace("\\", "/").strip("/").lower() != wanted.lower():
            remarks.append(f"The scope {self.database} points to {path}, not to {wanted}.")
        return Survey(
            server="Domino REST API",
            login="a token",
            title=str(scope.get("description") or scope.get("apiName") or self.database),
            clock=server_time(answer),
            remarks=remarks,
        )

    async def prove(self) -> None:
        """Token, scope and mode, as far as documents go."""
        try:
            await self.read(NO_DOCUMENT)
        except NotFoundError:
            return
