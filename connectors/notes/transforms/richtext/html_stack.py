"""Where text goes while HTML is read: the frames within each other."""

from collections.abc import Mapping

from connectors.notes.transforms.richtext.flow import Flow
from connectors.notes.transforms.richtext.html_frames import (
    Column,
    ListFrame,
    TableFrame,
    span_of,
)
from connectors.notes.transforms.richtext.html_open import CELLS, OpenElements
from connectors.notes.transforms.richtext.limits import check_depth

ROWS = frozenset({"thead", "tbody", "tfoot"})
LISTS = frozenset({"ul", "ol", "dir", "menu"})

Frame = Column | ListFrame | TableFrame


class FrameStack:
    """Tags of lists reach the nearest list of the cell, tags of tables the nearest table."""

    def __init__(self, flow: Flow, elements: OpenElements) -> None:
        self._frames: list[Frame] = [Column(flow)]
        self._elements = elements

    @property
    def flow(self) -> Flow:
        """Where text goes now."""
        for frame in reversed(self._frames):
            if frame.target is not None:
                return frame.target
        raise AssertionError("the document always has a flow")

    def names(self) -> set[str]:
        """The names of the elements that the frames stand for."""
        names: set[str] = set()
        for frame in self._frames:
            if isinstance(frame, ListFrame):
                names |= LISTS | {"li"}
            elif isinstance(frame, TableFrame):
                names |= ROWS | CELLS | {"table", "tr", "caption"}
            elif frame.quote:
                names.add("blockquote")
        return names

    def close_all(self) -> None:
        while len(self._frames) > 1:
            self._close_last()

    # lists and quotes

    def begin_quote(self) -> None:
        self._push(Column(quote=True))

    def end_quote(self) -> None:
        self._close_to(self._nearest(Column))

    def begin_list(self, name: str, attributes: Mapping[str, str]) -> None:
        ordered = name == "ol"
        numbering = attributes.get("type", "").strip()
        self._push(
            ListFrame(
                ordered,
                numbering if ordered and numbering in {"a", "A", "i", "I"} else "",
                _number(attributes.get("start", "1")) if ordered else 1,
            )
        )

    def end_list(self) -> None:
        self._close_to(self._nearest(ListFrame))

    def begin_item(self, value: str) -> None:
        """An item of the nearest list, of a new one where there is none. `value` is its number,
        which only the first item can set."""
        at = self._nearest(ListFrame)
        if at:
            self._close_to(at + 1)
            self.end_item()
        else:
            self._push(ListFrame(ordered=False))
        frame = self._frames[-1]
        if isinstance(frame, ListFrame):
            if frame.ordered and value and not frame.items:
                frame.start = _number(value)
            frame.items.append(Flow())
            frame.open_item = True

    def end_item(self) -> None:
        at = self._nearest(ListFrame)
        frame = self._frames[at]
        if isinstance(frame, ListFrame) and frame.open_item:
            frame.open_item = False
            self._elements.close("li")

    # tables

    def begin_table(self) -> None:
        self._push(TableFrame())

    def begin_rows(self, name: str, attributes: Mapping[str, str]) -> None:
        """A row, a group of rows, a cell or the caption begins; without a table it is nothing."""
        table = self._table()
        if table is None:
            return
        self._end_cell(table)
        if name in CELLS or name == "caption":
            self._elements.enter_cell(name, attributes)
            if name == "caption":
                table.begin_caption()
                return
            table.begin_cell(
                header=name == "th",
                columns=span_of(attributes.get("colspan", "1")),
                rows=span_of(attributes.get("rowspan", "1")),
            )
            return
        table.begin_row()
        if name in ROWS:
            table.header = name == "thead"

    def end_rows(self, name: str) -> None:
        table = self._table()
        if table is not None:
            self._end_cell(table)
            if name == "thead":
                table.header = False
            if name not in CELLS and name != "caption":
                table.begin_row()

    def end_table(self) -> None:
        if self._table() is not None:
            self._close_last()

    def _table(self) -> TableFrame | None:
        """The nearest table; what is open in its cell is closed."""
        for at in range(len(self._frames) - 1, 0, -1):
            frame = self._frames[at]
            if isinstance(frame, TableFrame):
                self._close_to(at + 1)
                return frame
        return None

    def _end_cell(self, table: TableFrame) -> None:
        if table.cell is not None:
            table.cell.end()
            table.cell = None
            self._elements.leave_cell()

    # the stack

    def _push(self, frame: Frame) -> None:
        check_depth(len(self._frames))
        self._frames.append(frame)

    def _nearest(self, kind: type[Frame]) -> int:
        """Where the nearest list or quote of the cell stands, 0 when there is none."""
        for at in range(len(self._frames) - 1, 0, -1):
            frame = self._frames[at]
            if isinstance(frame, TableFrame):
                return 0
            if isinstance(frame, kind):
                return at
        return 0

    def _close_to(self, at: int) -> None:
        while at and len(self._frames) > at:
            self._close_last()

    def _close_last(self) -> None:
        frame = self._frames[-1]
        if isinstance(frame, ListFrame):
            self.end_item()
        elif isinstance(frame, TableFrame):
            self._end_cell(frame)
        self._frames.pop()
        self.flow.add(*frame.blocks())


def _number(value: str) -> int:
    digits = value.strip()[:9]
    return int(digits) if digits.isascii() and digits.isdigit() else 1
