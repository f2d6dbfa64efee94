"""Expressions: `{{ ... }}` in the fields of a flow.

A field that holds exactly one `{{ }}` keeps the type of its value; mixed text yields text. The
language is Jinja2's, reduced to an allow-list of syntax (`expression_syntax`) and of filters
(`expression_filters`), over plain JSON. Data is never evaluated: `{{ 7*7 }}` arriving in a
record stays as it is. Nothing here has a clock, chance or a way out.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from functools import lru_cache
from typing import Any, Final, cast

from jinja2 import nodes
from jinja2.environment import Template
from jinja2.exceptions import TemplateSyntaxError, UndefinedError
from jinja2.lexer import Lexer, Token
from jinja2.parser import Parser
from jinja2.runtime import Context, StrictUndefined, Undefined
from jinja2.sandbox import SandboxedEnvironment

from flows.engine import expression_meter as meter
from flows.engine.expression_filters import FILTERS, INTERNAL, TESTS
from flows.engine.expression_syntax import CROSSWALKS, SCOPE, ForbiddenError, Rewriter
from flows.mapping.path import Missing, PathError, parse_path, reader
from flows.mapping.values import (
    ARITHMETIC,
    MAX_TEXT,
    ValueLimitError,
    bounded,
    describe,
    fit,
    number,
    text,
    whole,
)

MAX_SOURCE: Final = 4096
MAX_NODES: Final = 200_000
LITERALS: Final = frozenset({"true", "false", "none", "True", "False", "None"})

Names = Mapping[str, Any]
Evaluate = Callable[[Names], Any]


class ExpressionError(ValueError):
    """An expression cannot be compiled or has no value; `message` says why, for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """A compiled expression or field.

    `evaluate` takes the scope (root names to plain JSON; under `_crosswalks` the tables) and
    raises `ExpressionError`. `names` are the root names that it reads.
    """

    source: str
    names: frozenset[str]
    crosswalks: frozenset[str]
    evaluate: Evaluate


class _DecimalLexer(Lexer):
    def wrap(
        self,
        stream: Any,
        name: str | None = None,
        filename: str | None = None,
    ) -> Iterator[Token]:
        """Fractions become Decimal out of their own digits, never passing through float."""
        fractions: list[str] = []

        def noting() -> Iterator[tuple[int, str, str]]:
            for line, kind, value in stream:
                if kind == "float":
                    fractions.append(value)
                    yield line, kind, "0.0"
                else:
                    yield line, kind, value

        for token in super().wrap(noting(), name, filename):
            if token.type != "float":
                yield token
                continue
            try:
                value = bounded(Decimal(fractions.pop(0).replace("_", "")))
            except (ValueLimitError, DecimalException) as error:
                raise TemplateSyntaxError(str(error), token.lineno) from error
            yield Token(token.lineno, "float", cast("str", value))


class _Environment(SandboxedEnvironment):
    """Jinja's sandbox without attributes, globals, or filters and tests of its own."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    intercepted_unops = frozenset({"-", "+"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, optimized=False, autoescape=False)
        self.globals.clear()
        known = {**FILTERS, **INTERNAL, "_weighed": lambda value: value}
        self.filters = {name: meter.metered(apply) for name, apply in known.items()}
        self.tests = dict(TESTS)
        self._lexer = _DecimalLexer(self)

    @property
    def lexer(self) -> Lexer:
        return self._lexer

    def from_string(self, source: Any, *args: Any, **kwargs: Any) -> Template:
        """The end of `compile_expression`: nothing gets past the allow-list."""
        if not isinstance(source, nodes.Template):
            raise TypeError("Only expressions are compiled here.")
        assignment = source.body[0]
        if len(source.body) != 1 or not isinstance(assignment, nodes.Assign):
            raise TypeError("Only expressions are compiled here.")
        assignment.node = Rewriter().rewrite(assignment.node)
        source.set_lineno(1)
        source.set_environment(self)
        return super().from_string(source, *args, **kwargs)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Item lookup on plain JSON; everything else is undefined, Python attributes included."""
        if type(obj) is dict:
            if type(argument) is str and argument in obj:
                return obj[argument]
        elif type(obj) is list:
            if type(argument) is int and -len(obj) <= argument < len(obj):
                return obj[argument]
        elif isinstance(obj, Undefined):
            return obj
        if isinstance(argument, Undefined):
            return argument
        where = "here" if type(obj) is dict and CROSSWALKS in obj else f"in {describe(obj)}"
        name = str(argument)[:80] if type(argument) in (str, int) else describe(argument)
        return self.undefined(f"There is no {name!r} {where}.")

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Calls were rewritten to filters; whatever comes here is refused."""
        raise ForbiddenError("expression_not_allowed", "Calls are not allowed.")

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        return meter.weighed(_arithmetic(operator, _defined(left), _defined(right)))

    def call_unop(self, context: Context, operator: str, arg: Any) -> Any:
        value = number(_defined(arg))
        return -value if operator == "-" else value


def _defined(value: Any) -> Any:
    if isinstance(value, Undefined):
        str(value)  # StrictUndefined raises with its own message
    return value


def _arithmetic(operator: str, left: Any, right: Any) -> Any:
    if operator == "+" and type(left) is str and type(right) is str:
        if len(left) + len(right) > MAX_TEXT:
            raise ValueLimitError("The text is larger than 1 MB.")
        return left + right
    if operator == "+" and type(left) is list and type(right) is list:
        if len(left) + len(right) > MAX_NODES:
            raise ValueLimitError("The list is too long.")
        return left + right
    if operator == "*" and type(left) is str and type(right) is int:
        if len(left) * max(right, 0) > MAX_TEXT:
            raise ValueLimitError("The text is larger than 1 MB.")
        return left * right
    a, b = number(left), number(right)
    if type(a) is int and type(b) is int:
        return _integers(operator, a, b)
    x, y = Decimal(a), Decimal(b)
    done: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
        "+": ARITHMETIC.add,
        "-": ARITHMETIC.subtract,
        "*": ARITHMETIC.multiply,
        "/": ARITHMETIC.divide,
        "//": ARITHMETIC.divide_int,
        "%": ARITHMETIC.remainder,
    }
    return bounded(done[operator](x, y))


def _integers(operator: str, a: int, b: int) -> Any:
    if operator == "+":
        return a + b
    if operator == "-":
        return a - b
    if operator == "*":
        return bounded(a * b)  # both are bounded, so the product is small enough to be made
    if b == 0:
        raise ValueLimitError("Division by zero.")
    if operator == "//":
        return a // b
    if operator == "%":
        return a % b
    return whole(ARITHMETIC.divide(Decimal(a), Decimal(b)).normalize(ARITHMETIC))


_ENVIRONMENT: Final = _Environment()


def _undefined(missing: Missing) -> ExpressionError:
    return ExpressionError("undefined", f"There is no {missing.where!r}.")


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """Compile what stands between the braces. Raises `ExpressionError`."""
    if len(source.encode("utf-8", "replace")) > MAX_SOURCE:
        raise ExpressionError("expression_too_long", "The expression is longer than 4 KB.")
    if not source.strip():
        raise ExpressionError("expression_syntax", "The expression is empty.")
    plain = _plain_path(source)
    if plain is not None:
        return plain
    try:
        parser = Parser(_ENVIRONMENT, source, state="variable")
        tree = parser.parse_expression()
        if not parser.stream.eos:
            raise ExpressionError(
                "expression_syntax", f"Nothing may follow the expression: {source!r}."
            )
        facts = Rewriter()
        facts.rewrite(tree)
        compiled = _ENVIRONMENT.compile_expression(source, undefined_to_none=False)
    except ForbiddenError as error:
        raise ExpressionError(error.code, error.message) from error
    except TemplateSyntaxError as error:
        raise ExpressionError("expression_syntax", f"{error.message} In: {source!r}.") from error
    except (RecursionError, MemoryError) as error:
        raise ExpressionError(
            "expression_too_deep", "The expression is nested too deeply."
        ) from error
    except (SyntaxError, ValueError) as error:
        if isinstance(error, ExpressionError):
            raise
        raise ExpressionError("expression_syntax", f"{error} In: {source!r}.") from error

    def evaluate(names: Names) -> Any:
        try:
            meter.start()
            found = compiled(**{SCOPE: names})
            _check(found)
        except UndefinedError as error:
            raise ExpressionError("undefined", f"{error.message} In: {source!r}.") from error
        except (ValueLimitError, ForbiddenError) as error:
            raise ExpressionError("evaluation", f"{error} In: {source!r}.") from error
        except DecimalException as error:
            raise ExpressionError("evaluation", f"Cannot compute {source!r}.") from error
        except (TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise ExpressionError(
                "evaluation", f"Values of different kinds do not go together in {source!r}."
            ) from error
        return found

    return Expression(
        source=source,
        names=frozenset(facts.names),
        crosswalks=frozenset(facts.crosswalks),
        evaluate=evaluate,
    )


def _plain_path(source: str) -> Expression | None:
    """A field that is only a path needs no Jinja."""
    try:
        path = parse_path(source)
    except PathError:
        return None
    if path.root in LITERALS or path.root in ("not", "and", "or", "if", "else", "in", "is"):
        return None
    read = reader(path)

    def evaluate(names: Names) -> Any:
        found = read(names)
        if type(found) is Missing:
            raise _undefined(found)
        return found

    return Expression(
        source=source, names=frozenset({path.root}), crosswalks=frozenset(), evaluate=evaluate
    )


def _check(value: Any) -> None:
    """Refuse undefined parts and results that are larger than 1 MB."""
    kind = type(value)
    if kind is str:
        fit(value)
    elif kind is list or kind is dict:
        _check_size(value)
    elif isinstance(value, Undefined):
        str(value)


def _check_size(value: Any) -> None:
    budget = MAX_TEXT
    stack = [value]
    while stack:
        one = stack.pop()
        budget -= 1
        if type(one) is str:
            budget -= len(one)
        elif type(one) is list:
            stack.extend(one)
        elif type(one) is dict:
            stack.extend(one.values())
        elif isinstance(one, Undefined):
            str(one)
        if budget < 0 or len(stack) > MAX_TEXT:
            raise ValueLimitError("The result is larger than 1 MB.")


def has_expression(field: str) -> bool:
    """Whether a field holds `{{`, so that it is evaluated instead of taken as it stands."""
    return "{{" in field


@lru_cache(maxsize=4096)
def compile_field(field: str) -> Expression:
    """Compile the text of a field. Raises `ExpressionError`.

    Exactly one `{{ }}` (white space around it does not count) keeps its type; anything else
    yields text, in which null is empty, booleans are true and false, and numbers are plain.
    """
    parts = list(_parts(field))
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return parts[0]
    solid = [part for part in parts if isinstance(part, Expression) or part.strip()]
    if len(solid) == 1 and isinstance(solid[0], Expression):
        return solid[0]
    expressions = [part for part in parts if isinstance(part, Expression)]

    def evaluate(names: Names) -> str:
        try:
            shown: list[str] = []
            size = 0
            for part in parts:
                shown.append(text(part.evaluate(names)) if type(part) is Expression else str(part))
                size += len(shown[-1])
                if size > MAX_TEXT:
                    raise ValueLimitError("The text is larger than 1 MB.")
            return "".join(shown)
        except ValueLimitError as error:
            raise ExpressionError("evaluation", str(error)) from error

    return Expression(
        source=field,
        names=frozenset().union(*(one.names for one in expressions)),
        crosswalks=frozenset().union(*(one.crosswalks for one in expressions)),
        evaluate=evaluate,
    )


def _parts(field: str) -> Iterator[Expression | str]:
    if "{%" in field:
        raise ExpressionError("expression_not_allowed", "Statements ({% %}) are not allowed.")
    at = 0
    while (start := field.find("{{", at)) >= 0:
        if start > at:
            yield field[at:start]
        end = _closing(field, start + 2)
        yield compile_expression(field[start + 2 : end].strip())
        at = end + 2
    if at < len(field) or not field:
        yield field[at:]


def _closing(field: str, start: int) -> int:
    """Where the `}}` stands that closes an expression, past texts and objects in it."""
    quote, depth, at = "", 0, start
    while at < len(field):
        char = field[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            if depth == 0 and field.startswith("}}", at):
                return at
            depth -= 1
        at += 1
    raise ExpressionError("expression_syntax", "An opening {{ is never closed by }}.")


def condition(value: Any) -> bool:
    """What a condition's result means; only booleans decide, so that "false" is not true."""
    if type(value) is not bool:
        raise ExpressionError(
            "condition_not_boolean",
            f"A condition has to be true or false, this is {describe(value)}.",
        )
    return value
