"""Params that say how long."""

import re
from collections.abc import Callable
from datetime import datetime

from flows.engine.durations import PATTERN, parse_duration
from flows.engine.expression import ExpressionError, has_expression
from flows.engine.node_compiler import NodeCompiler
from flows.engine.nodes.node import Moment
from flows.mapping.values import text


def end_of(compiler: NodeCompiler, written: str, *, code: str) -> Callable[[Moment], datetime]:
    """When the duration `written` (or what its expression gives) is over, from a moment on.

    The function raises `ExpressionError` with `code` for what is none.
    """
    read = compiler.value(written)
    if not has_expression(written) and not re.match(PATTERN, written):
        compiler.problem("duration", f"{written!r} is not a duration.", "Write PT30S, PT6H or P1D.")

    def end(moment: Moment) -> datetime:
        try:
            return moment.now + parse_duration(text(read(moment.names)))
        except OverflowError as error:
            raise ExpressionError(code, f"The {code} is too long.") from error
        except ExpressionError:
            raise
        except ValueError as error:
            raise ExpressionError(code, str(error)) from error

    return end
