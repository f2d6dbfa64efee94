"""Order lines out of items, DXL, HTML and plain text: `read_lines`."""

from flows.mapping.lines.read import LinesError, read_lines
from flows.mapping.lines.reading import Reading, Row

__all__ = ["LinesError", "Reading", "Row", "read_lines"]
