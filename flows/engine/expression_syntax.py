"""The allow-list: which syntax an expression may consist of, and what it is rewritten into.

The rewriting leaves exactly one Python name in the compiled code (`names`, the scope), turns
attribute access into item lookup, fractions into Decimal, `[]` into a list of all elements, and
the listed functions into filters. A syntax node that is not handled here is refused.
"""

import inspect
from dataclasses import dataclass, field
from typing import Any, Final

from jinja2 import nodes

from flows.engine.expression_filters import FILTERS, TESTS
from flows.mapping.crosswalk import Direction

MAX_DEPTH: Final = 50
SCOPE: Final = "names"
CROSSWALKS: Final = "_crosswalks"
FUNCTIONS: Final = ("crosswalk",)

_BINARY = (nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod)
_UNARY = (nodes.Not, nodes.Neg, nodes.Pos)
_WORDS: dict[type[nodes.Node], str] = {
    nodes.Pow: "A power",
    nodes.Slice: "A slice",
    nodes.Tuple: "A tuple",
    nodes.TemplateData: "A template",
}


class ForbiddenError(Exception):
    """The expression uses something that is not allowed; `code` and `message` say what."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Rewriter:
    """Checks and rewrites one expression; afterwards `names` and `crosswalks` are known."""

    names: set[str] = field(default_factory=set)
    crosswalks: set[str] = field(default_factory=set)

    def rewrite(self, node: nodes.Node, depth: int = 0) -> nodes.Expr:
        """The expression as it will be compiled. Raises `ForbiddenError`."""
        if depth > MAX_DEPTH:
            raise ForbiddenError("expression_too_deep", "The expression is nested too deeply.")
        below = depth + 1
        if isinstance(node, nodes.Const):
            return self._const(node)
        if isinstance(node, nodes.Name):
            return self._name(node)
        if isinstance(node, (nodes.Getattr, nodes.Getitem)):
            return self._path(node, below)
        if isinstance(node, nodes.Filter):
            return self._filter(node, below)
        if isinstance(node, nodes.Test):
            return self._test(node, below)
        if isinstance(node, nodes.Call):
            return self._call(node, below)
        if isinstance(node, nodes.Concat):
            return _filtered(nodes.List(self._all(node.nodes, below)), "_concat")
        return self._operator(node, below)

    def _operator(self, node: nodes.Node, below: int) -> nodes.Expr:
        if isinstance(node, _BINARY):
            return type(node)(self.rewrite(node.left, below), self.rewrite(node.right, below))
        if isinstance(node, _UNARY):
            return type(node)(self.rewrite(node.node, below))
        if isinstance(node, (nodes.And, nodes.Or)):
            return type(node)(self.rewrite(node.left, below), self.rewrite(node.right, below))
        if isinstance(node, nodes.Compare):
            operands = [nodes.Operand(o.op, self._side(o.expr, below)) for o in node.ops]
            return nodes.Compare(self._side(node.expr, below), operands)
        if isinstance(node, nodes.CondExpr):
            if node.expr2 is None:
                raise ForbiddenError("expression_syntax", "An `if` needs its `else`.")
            return nodes.CondExpr(
                self.rewrite(node.test, below),
                self.rewrite(node.expr1, below),
                self.rewrite(node.expr2, below),
            )
        if isinstance(node, nodes.List):
            return nodes.List(self._all(node.items, below))
        if isinstance(node, nodes.Dict):
            return nodes.Dict([self._pair(pair, below) for pair in node.items])
        what = _WORDS.get(type(node), f"{type(node).__name__}")
        raise ForbiddenError("expression_not_allowed", f"{what} is not allowed in an expression.")

    def _side(self, node: nodes.Expr, depth: int) -> nodes.Expr:
        """One side of a comparison: it is walked through, so it counts as work."""
        side = self.rewrite(node, depth)
        return side if isinstance(side, nodes.Const) else _filtered(side, "_weighed")

    def _all(self, items: list[nodes.Expr], depth: int) -> list[nodes.Expr]:
        return [self.rewrite(item, depth) for item in items]

    def _pair(self, pair: nodes.Pair, depth: int) -> nodes.Pair:
        if not (isinstance(pair.key, nodes.Const) and isinstance(pair.key.value, str)):
            raise ForbiddenError("expression_not_allowed", "The keys of an object are texts.")
        return nodes.Pair(pair.key, self.rewrite(pair.value, depth))

    @staticmethod
    def _const(node: nodes.Const) -> nodes.Expr:
        if node.value is None or type(node.value) in (str, int, bool):
            return nodes.Const(node.value)
        # The lexer made a Decimal of a fraction; as code it goes in through its text.
        return _filtered(nodes.Const(str(node.value)), "_decimal")

    def _name(self, node: nodes.Name) -> nodes.Expr:
        if node.ctx != "load" or node.name.startswith("_"):
            raise ForbiddenError(
                "expression_not_allowed", f"The name {node.name!r} is not allowed."
            )
        self.names.add(node.name)
        return nodes.Getitem(nodes.Name(SCOPE, "load"), nodes.Const(node.name), "load")

    def _path(self, node: nodes.Expr, depth: int) -> nodes.Expr:
        keys: list[nodes.Expr | None] = []
        base = node
        while isinstance(base, (nodes.Getattr, nodes.Getitem)):
            if isinstance(base, nodes.Getattr):
                keys.append(nodes.Const(base.attr))
            elif isinstance(base.arg, nodes.Tuple) and not base.arg.items:
                keys.append(None)
            else:
                keys.append(base.arg)
            base = base.node
        if len(keys) > MAX_DEPTH:
            raise ForbiddenError("expression_too_deep", "The path is too long.")
        keys.reverse()
        found = self.rewrite(base, depth)
        if None not in keys:
            for key in keys:
                assert key is not None  # noqa: S101 - narrows the type, checked right above
                found = nodes.Getitem(found, self.rewrite(key, depth), "load")
            return found
        return _filtered(found, "_path", nodes.List([_fixed(key) for key in keys]))

    def _filter(self, node: nodes.Filter, depth: int) -> nodes.Expr:
        if node.node is None:
            raise ForbiddenError("expression_syntax", "A filter needs something to filter.")
        if node.name not in FILTERS:
            known = ", ".join(sorted(FILTERS))
            raise ForbiddenError(
                "unknown_filter", f"There is no filter {node.name!r}. There are: {known}."
            )
        _no_stars(node)
        try:
            inspect.signature(FILTERS[node.name]).bind(
                None, *node.args, **{str(one.key): one.value for one in node.kwargs}
            )
        except TypeError as error:
            raise ForbiddenError(
                "filter_arguments", f"The filter {node.name!r}: {error}."
            ) from error
        args = self._all(node.args, depth)
        kwargs = [nodes.Keyword(one.key, self.rewrite(one.value, depth)) for one in node.kwargs]
        return nodes.Filter(self.rewrite(node.node, depth), node.name, args, kwargs, None, None)

    def _test(self, node: nodes.Test, depth: int) -> nodes.Expr:
        if node.name not in TESTS:
            known = ", ".join(sorted(TESTS))
            raise ForbiddenError(
                "unknown_test", f"There is no test {node.name!r}. There are: {known}."
            )
        if node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
            raise ForbiddenError("filter_arguments", f"The test {node.name!r} takes no arguments.")
        return nodes.Test(self.rewrite(node.node, depth), node.name, [], [], None, None)

    def _call(self, node: nodes.Call, depth: int) -> nodes.Expr:
        _no_stars(node)
        if not isinstance(node.node, nodes.Name) or node.node.name not in FUNCTIONS:
            raise ForbiddenError(
                "unknown_function",
                f"Only these functions may be called: {', '.join(FUNCTIONS)}.",
            )
        if node.kwargs or not 2 <= len(node.args) <= 4:
            raise ForbiddenError(
                "crosswalk_usage", 'Write crosswalk("table", code, "to_right", default).'
            )
        slug, code, *rest = node.args
        direction = rest[0] if rest else nodes.Const(Direction.TO_RIGHT.value)
        if not (isinstance(slug, nodes.Const) and type(slug.value) is str):
            raise ForbiddenError("crosswalk_usage", "The crosswalk's name has to be a plain text.")
        if not (isinstance(direction, nodes.Const) and direction.value in list(Direction)):
            raise ForbiddenError(
                "crosswalk_usage", "The direction of a crosswalk is to_left or to_right."
            )
        self.crosswalks.add(slug.value)
        tables = nodes.Getitem(nodes.Name(SCOPE, "load"), nodes.Const(CROSSWALKS), "load")
        return _filtered(
            self.rewrite(code, depth),
            "_crosswalk",
            tables,
            nodes.Const(slug.value),
            nodes.Const(direction.value),
            *self._all(rest[1:], depth),
        )


def _filtered(node: nodes.Expr, name: str, *args: nodes.Expr) -> nodes.Expr:
    return nodes.Filter(node, name, list(args), [], None, None)


def _fixed(key: nodes.Expr | None) -> nodes.Expr:
    if key is None:
        return nodes.Const(None)
    if isinstance(key, nodes.Neg) and isinstance(key.node, nodes.Const):
        value: Any = -key.node.value if type(key.node.value) is int else None
    else:
        value = key.value if isinstance(key, nodes.Const) else None
    if type(value) not in (str, int):
        raise ForbiddenError(
            "expression_not_allowed", "Beside `[]` a path has only fixed names and numbers."
        )
    return nodes.Const(value)


def _no_stars(node: nodes.Filter | nodes.Call) -> None:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        raise ForbiddenError("expression_not_allowed", "Stars in arguments are not allowed.")
