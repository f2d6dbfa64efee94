"""HTML → a rich-text item as the service takes it.

A MIME item of two alternatives, plain text and HTML, which Notes shows, edits and searches as
rich text. The service stores it as given (reference, 9.5 [S]): the boundary must be the last
parameter and is not quoted; every part after the first names it. Headers and data are ASCII, so
that no code page of a server can harm a letter. The item is replaced as a whole, with its files.
"""

import hashlib
import quopri
from typing import Any

from connectors.notes.transforms.richtext.html_writer import write_html
from connectors.notes.transforms.richtext.text_writer import write_text
from connectors.notes.transforms.richtext.tree import Blocks


def write_item(blocks: Blocks) -> dict[str, Any]:
    """The item's JSON; the same blocks give the same JSON."""
    html, text = write_html(blocks), write_text(blocks)
    boundary = "cw-" + hashlib.sha256(html.encode()).hexdigest()[:32]
    ascii_html = html.encode("ascii", "xmlcharrefreplace").decode()
    return {
        "type": "multipart",
        "content": [
            {"contentType": f"multipart/alternative; boundary={boundary}"},
            {**_plain(text), "boundary": f"--{boundary}"},
            {
                "contentType": "text/html; charset=UTF-8",
                "data": f"<html><body>{ascii_html}</body></html>",
                "boundary": f"--{boundary}",
            },
        ],
    }


def _plain(text: str) -> dict[str, str]:
    if text.isascii():
        return {"contentType": "text/plain; charset=UTF-8", "data": text}
    data = quopri.encodestring(text.encode()).decode("ascii")
    return {
        "contentType": "text/plain; charset=UTF-8",
        "contentTransferEncoding": "quoted-printable",
        "data": data,
    }
