"""The web app: one page that finds its way itself, and the files it is made of."""

from pathlib import Path
from typing import Final

from asgiref.sync import sync_to_async
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

from causeway.config import ROOT

_ASSETS: Final = "/assets/"
BUNDLE: Final = ROOT / "designer_ui" / "dist"
_NOT_BUILT: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<title>Causeway: web app not built</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1rem}
code{background:#8882;padding:.1em .4em;border-radius:.3em}</style>
<h1>The web app is not built yet</h1>
<p>The platform runs and its API answers. Build the pages with <code>make bundle</code>
and load this page again.</p></html>"""


@require_safe
@ensure_csrf_cookie
def app(_request: HttpRequest) -> HttpResponse:
    """The page at every address that is no API: its router reads the address."""
    try:
        page = (BUNDLE / "index.html").read_bytes()
    except FileNotFoundError:
        return HttpResponse(_NOT_BUILT, status=503)
    # The page names its files by their hashes, so it must be asked for anew each time.
    return HttpResponse(page, headers={"Cache-Control": "no-cache"})


class BundleFiles:
    """ASGI app for the files of the bundle: WhiteNoise finds a file and its headers, we send it.

    Not WhiteNoise's middleware: under ASGI it would feed each file through Django's
    synchronous streaming.
    """

    def __init__(self, bundle: Path = BUNDLE) -> None:
        self._files = WhiteNoise(
            None,
            autorefresh=True,  # a bundle built anew is found without a restart
            allow_all_origins=False,
            # The names of these carry a hash of their content.
            immutable_file_test=lambda _path, url: url.startswith(_ASSETS),
        )
        self._files.add_files(str(bundle), prefix="/")

    @staticmethod
    def serves(path: str) -> bool:
        """Whether `path` names a file and not a place in the web app: `/assets/…`, `/icon.svg`."""
        return path.startswith(_ASSETS) or ("." in path and path.count("/") == 1)

    async def __call__(
        self, scope: HTTPScope, _receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        status, headers, body = await sync_to_async(self._read, thread_sensitive=False)(scope)
        await send(
            {"type": "http.response.start", "status": status, "headers": headers, "trailers": False}
        )
        await send({"type": "http.response.body", "body": body, "more_body": False})

    def _read(self, scope: HTTPScope) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        found: StaticFile | None = self._files.find_file(scope["path"])
        if found is None:
            return 404, [(b"content-type", b"text/plain"), (b"content-length", b"0")], b""
        # WhiteNoise reads the WSGI names of request headers.
        asked = {
            f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
            for name, value in scope["headers"]
        }
        response = found.get_response(scope["method"], asked)
        headers = [
            (name.lower().encode("latin-1"), str(value).encode("latin-1"))
            for name, value in response.headers
        ]
        headers.append((b"x-content-type-options", b"nosniff"))
        if response.file is None:
            return int(response.status), headers, b""
        with response.file as file:
            return int(response.status), headers, file.read()
