"""What PHP prints into an answer when a shop shows its warnings (`display_errors`)."""

import re

_BOM = b"\xef\xbb\xbf"
# With html_errors or without, as php prints it; a fatal error has no document behind it.
_NOTICE = (
    rb"(?:<br\s*/?>\s*)?(?:<b>)?(?:PHP )?(?:User )?(?:Warning|Notice|Deprecated|Strict Standards)"
    rb"(?:</b>)?: .{1,2000}? on line (?:<b>)?\d+(?:</b>)?(?:<br\s*/?>)?\s*"
)
_BEFORE = re.compile(rb"\A\s*(?:" + _NOTICE + rb")+", re.DOTALL)
# Behind the document's last bracket only: a product's text may talk of warnings too.
_AFTER = re.compile(rb"(?<=[\]}>])\s*(?:" + _NOTICE + rb")+\Z", re.DOTALL)


def document_of(body: bytes) -> bytes:
    """The document in an answer, without what PHP printed before and behind it.

    Blank lines and byte order marks in front go too: a shop's configuration files print them.
    """
    body = body.removeprefix(_BOM).lstrip()
    printed = _BEFORE.match(body)
    if printed:
        body = body[printed.end() :].removeprefix(_BOM).lstrip()
    if body[-400:].rstrip().endswith((b"}", b"]", b"</prestashop>")):
        return body
    return _AFTER.sub(b"", body, count=1)
