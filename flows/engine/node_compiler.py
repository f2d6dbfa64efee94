"""Compiles the fields of one node and notes what they depend on and what is wrong with them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from flows.engine.expression import (
    Expression,
    ExpressionError,
    compile_expression,
    compile_field,
    condition,
    has_expression,
)
from flows.engine.problem import Problem, pointer
from flows.mapping.path import Missing, PathError, parse_path, reader

Names = Mapping[str, Any]
Read = Callable[[Names], Any]


def _nothing(names: Names) -> Any:
    """Stands in for a field with a problem; a plan with problems is never run."""
    return None


@dataclass(slots=True)
class Findings:
    """What compiling a node brought up: names with the places that read them, and the rest."""

    node: str
    names: list[tuple[str, str]] = field(default_factory=list)
    crosswalks: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class NodeCompiler:
    """Compiles what stands at `parts` of the document; see `flows.mapping` for its protocols."""

    findings: Findings
    parts: tuple[str | int, ...]
    extra: frozenset[str] = frozenset()

    def at(self, *parts: str | int) -> Self:
        return type(self)(self.findings, (*self.parts, *parts), self.extra)

    def naming(self, *extra: str) -> Self:
        """The same compiler with names that are known here besides the upstream ones."""
        return type(self)(self.findings, self.parts, self.extra | set(extra))

    def problem(self, code: str, message: str, fix: str = "") -> None:
        self.findings.problems.append(
            Problem(
                code=code,
                pointer=pointer(*self.parts),
                message=message,
                fix=fix,
                node=self.findings.node,
            )
        )

    def crosswalk(self, slug: str) -> None:
        self.findings.crosswalks.add(slug)

    def path(self, text: str) -> Read:
        read = self.source(text)

        def found(names: Names) -> Any:
            value = read(names)
            return None if type(value) is Missing else value

        return found

    def source(self, text: str) -> Read:
        try:
            path = parse_path(text)
        except PathError as error:
            self.problem("path_syntax", str(error), "Write a path like read_order.order.reference.")
            return _nothing
        self._name(path.root)
        return reader(path)

    def field(self, text: str, *extra: str) -> Read:
        return self._compiled(compile_field, text, frozenset(extra))

    def expression(self, text: str) -> Read:
        compiler = compile_field if has_expression(text) else compile_expression
        return self._compiled(compiler, text, frozenset())

    def condition(self, text: str) -> Callable[[Names], bool]:
        read = self.expression(text)
        return lambda names: condition(read(names))

    def value(self, value: Any) -> Read:
        """Any JSON whose texts may hold expressions."""
        if isinstance(value, str):
            return self.field(value) if has_expression(value) else lambda names: value
        if isinstance(value, dict):
            fields = {key: self.at(key).value(one) for key, one in value.items()}
            if is_literal(value):
                return lambda names: value
            return lambda names: {key: read(names) for key, read in fields.items()}
        if isinstance(value, list):
            items = [self.at(index).value(one) for index, one in enumerate(value)]
            if is_literal(value):
                return lambda names: value
            return lambda names: [read(names) for read in items]
        return lambda names: value

    def _compiled(
        self, compiler: Callable[[str], Expression], text: str, extra: frozenset[str]
    ) -> Read:
        try:
            found = compiler(text)
        except ExpressionError as error:
            self.problem(error.code, error.message, "Correct the expression.")
            return _nothing
        for name in sorted(found.names - extra):
            self._name(name)
        self.findings.crosswalks.update(found.crosswalks)
        return found.evaluate

    def _name(self, name: str) -> None:
        if name not in self.extra:
            self.findings.names.append((name, pointer(*self.parts)))


def is_literal(value: Any) -> bool:
    """Whether a JSON value holds no expression at all."""
    if isinstance(value, str):
        return not has_expression(value)
    if isinstance(value, dict):
        return all(map(is_literal, value.values()))
    return not isinstance(value, list) or all(map(is_literal, value))
