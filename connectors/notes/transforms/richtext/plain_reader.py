"""Plain text → blocks: empty lines part paragraphs, other line ends are line breaks."""

import re

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.limits import check_size
from connectors.notes.transforms.richtext.style import Style
from connectors.notes.transforms.richtext.tree import Block

_ENDS = re.compile(r"\r\n|[\n\r\v\f\u2028\u2029]")


def read_plain(source: str) -> tuple[Block, ...]:
    """Raises `ContractError` beyond the limits."""
    check_size(source)
    flow, style = Flow(), Style()
    for line in _ENDS.split(source):
        if line.strip():
            flow.text(line, style)
            flow.line_break(style)
        else:
            flow.end()
    return flow.blocks()
