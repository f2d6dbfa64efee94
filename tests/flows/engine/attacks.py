"""Attacks on the expression language, as data.

`ESCAPES` reach for something beyond plain JSON: each has to be refused with an `ExpressionError`.
`LOADS` are made of what is allowed and try to use up time or memory: each has to end soon, in an
error or in a value of bounded size.
"""

from decimal import Decimal
from itertools import product
from typing import Any, Final

# What the attacks find in their scope: a far side may send all of it.
NAMES: Final[dict[str, Any]] = {
    "order": {"id": "6", "lines": [{"sku": "A"}], "note": None},
    "text": "x," * 400_000,
    "deep": [["a" * 10] * 10] * 1000,
    "big": list(range(90_000)),
    "far": Decimal("1e999999999"),
    "near": Decimal("1e-999999999"),
    "wide": 10**5000,
    "evil": "{{ 7 * 7 }}",
    "_crosswalks": {},
}

_DUNDERS: Final = (
    "__class__", "__mro__", "__base__", "__subclasses__", "__globals__", "__init__", "__dict__",
    "__builtins__", "__reduce__", "__getattribute__", "__import__", "__code__", "__call__",
)  # fmt: skip
_CARRIERS: Final = ("''", "1", "0.5", "true", "none", "[]", "{}", "order", "order.id")

_DUNDER_ROUTES: Final = tuple(
    attack
    for carrier, dunder in product(_CARRIERS, _DUNDERS[:6])
    for attack in (f"{{{{ ({carrier}).{dunder} }}}}",)
)
_ITEM_ROUTES: Final = tuple(
    form.format(dunder)
    for dunder in _DUNDERS
    for form in (
        "{{{{ order['{0}'] }}}}",
        "{{{{ order | attr('{0}') }}}}",
        "{{{{ order.id.{0}() }}}}",
    )
)
_GLOBALS: Final = tuple(
    f"{{{{ {name} }}}}"
    for name in (
        "self", "self._TemplateReference__context", "cycler", "joiner", "namespace", "lipsum",
        "range", "dict", "config", "request", "environment", "context", "caller", "varargs",
        "kwargs", "loop", "super", "url_for", "get_flashed_messages", "resolve", "undefined",
        "environment.globals", "context.vars", "context.environment", "__builtins__", "os", "sys",
        "open", "eval", "exec", "names", "_crosswalks", "t_1", "l_0_names", "Markup", "concat",
        "escape", "cycler.__init__.__globals__.os", "lipsum.__globals__.os", "joiner.__init__",
        "namespace.__init__.__globals__", "self.__init__.__globals__",
    )
)  # fmt: skip
_CALLS: Final = tuple(
    f"{{{{ {call} }}}}"
    for call in (
        "range(10)", "dict(a=1)", "namespace(a=1)", "cycler('a')", "joiner()", "lipsum()",
        "open('/etc/passwd')", "eval('1')", "__import__('os')", "order.items()", "order.get('id')",
        "order.id.format(order)", "order.id.format_map(order)", "order.id.encode()",
        "'{0.__class__}'.format(order)", "'%s' % order", "'%(id)s' % order", "''.join([1])",
        "'a'.upper()", "'a'.translate(order)", "order.lines.append(1)", "order.update({})",
        "order.clear()", "order.pop('id')", "[].sort()", "(1).bit_length()", "true.__class__()",
        "crosswalk()", "crosswalk('x')", "crosswalk(order.id, 'a')", "crosswalk('none', 'a')",
        "crosswalk('none', 'a', order.id)", "crosswalk(*order.lines)", "crosswalk('a', b='c')",
        "crosswalk('__class__', 'a')", "crosswalk.__globals__", "self.__class__()", "caller()",
        "(order.id)()", "order['id']()", "(1 if true else 2)()", "[order][0]()", "_('x')",
    )
)  # fmt: skip
_FILTERS: Final = tuple(
    f"{{{{ {chain} }}}}"
    for chain in (
        "order | attr('id')", "order | map('attr', 'id')", "[order] | map(attribute='id')",
        "order | format", "'%s' | format(order)", "order | list", "order | dictsort",
        "order | items", "order | pprint", "order | tojson", "order | xmlattr", "order | urlize",
        "order | safe", "order | escape", "order | e", "order | forceescape", "order | select",
        "order | selectattr('id')", "order | reject", "order | groupby('id')", "order | random",
        "order | batch(9)", "order | slice(9)", "order | sort", "order | reverse", "order | string",
        "order | filesizeformat", "'a' | center(999999999)", "'a' | indent(999999999)",
        "'a' | wordwrap(1)", "'a' | striptags", "order | _path([none])", "order | _concat",
        "'1' | _decimal", "order | _crosswalk", "order | _weighed", "order.id | upper | attr('x')",
        "order | default(order | attr('id')) | format", "'a' | replace(*order.lines)",
        "'a' | replace(**order)", "order is sameas(order)", "order is callable",
        "order is in(order)",
        "order is filter", "order is mapping", "order is iterable", "order is eq(order)",
        "order is divisibleby(0)", "order is escaped", "order | flows.upper", "order | os.system",
    )
)  # fmt: skip
_STATEMENTS: Final = (
    "{% set a = 1 %}", "{% for a in order %}{{ a }}{% endfor %}", "{% macro m() %}{% endmacro %}",
    "{% import 'os' as os %}", "{% from 'os' import path %}", "{% include '/etc/passwd' %}",
    "{% extends 'base' %}", "{% block a %}{% endblock %}", "{% call m() %}{% endcall %}",
    "{% filter upper %}a{% endfilter %}", "{% raw %}{{ a }}{% endraw %}", "{%- set a = 1 -%}",
    "{% with a = 1 %}{% endwith %}", "{% autoescape false %}{% endautoescape %}", "{% do 1 %}",
    "{{ 1 }}{% set a = 1 %}", "{{ 1 %} {% set a = 1 }}", "{{ import os }}", "{{ lambda: 1 }}",
    "{{ x := 1 }}", "{{ [a for a in order] }}", "{{ {a: 1 for a in order} }}", "{{ yield 1 }}",
    "{{ await order }}", "{{ order; order }}", "{{ order.id if order }}", "{{ 2 ** 9999999 }}",
    "{{ order[::] }}", "{{ order.lines[0:9] }}", "{{ (1, 2) }}", "{{ {1: 2} }}", "{{ {order: 1} }}",
    "{{ order.lines[order.lines[]] }}", "{{ order.lines[].__class__ | first | attr('a') }}",
    "{{ {% raw %} }}", "{{ {{ 1 }} }}", "{{ {# a #} }}", "{{ `id` }}", "{{ $(id) }}",
    "{{ @order }}",
    "{{ print 1 }}", "{{ not }}", "{{ * }}", "{{ order.id, }}", "{{ order. }}", "{{ .order }}",
    "{{ 1.__class__ }}", "{{ 1e5.__class__ }}", "{{ order!r }}", "{{ f'{order}' }}",
    "{{ order.id\\u002e__class__ }}", "{{ order\x00.id }}", "{{", "{{ 'a }}", "{{ }}",
)  # fmt: skip
_UNICODE: Final = (
    "{{ ''.\uff3f\uff3fclass\uff3f\uff3f }}", "{{ order._\uff3fclass_\uff3f }}",
    "{{ ''.__\U0001d4ec\U0001d4f5\U0001d4ea\U0001d4fc\U0001d4fc__ }}", "{{ _\uff3fimport__ }}",
    "{{ order['\\x5f\\x5fclass\\x5f\\x5f'] }}", "{{ order['\\u005f\\u005fclass__'] }}",
    "{{ order['__cla' ~ 'ss__'] }}", "{{ order['__ssalc__' | upper | lower] }}",
    "{{ order['_' * 2 ~ 'class' ~ '_' * 2] }}", "{{ \u202eorder }}", "{{ order\u200b.id }}",
    "{{ o\u0440der.id }}", "{{ \ufb01lter }}", "{{ \uff45\uff56\uff41\uff4c('1') }}",
    "\uff5b\uff5b order \uff5d\uff5d{{ __class__ }}", "{{ order\u2024id }}",
    "{{ 'a'\uff5cattr('x') }}",
)  # fmt: skip

ESCAPES: Final = (
    *_DUNDER_ROUTES, *_ITEM_ROUTES, *_GLOBALS, *_CALLS, *_FILTERS, *_STATEMENTS, *_UNICODE,
)  # fmt: skip


def _many(one: str, glue: str, times: int) -> str:
    return "{{ " + glue.join([one] * times) + " }}"


def _list(one: str, times: int) -> str:
    return "{{ [" + ",".join([one] * times) + "] | length }}"


LOADS: Final = (
    # Sums of values that are each allowed.
    _list("'x'*1000000", 330),
    _list("text|split", 300),
    _list("text|upper", 300),
    _list("text~text", 300),
    _list("text+'a'", 300),
    _list("big+big", 300),
    _list("big|unique", 300),
    _list("text|replace('x','yy')", 150),
    _list("big|join", 300),
    _list("deep|text", 300),
    _list("big[]", 300),
    "{{ 'x' * 1000000 }}" * 1000,
    "{{ text }}" * 4000,
    # Comparisons walk through what they compare.
    _many("'z' not in big", " and ", 40),
    "{{ 'z' not in " + " not in ".join(["big"] * 600) + " }}",
    "{{ deep == " + " == ".join(["deep"] * 600) + " }}",
    _list("'z' in big", 300),
    _list("('a'*5000~'b'~'a'*5000) in text", 120),
    _list("(order[big]|default(1))", 150),
    _list("(order[text]|default(1))", 150),
    # Repetition and padding.
    "{{ 'a' * 1000000000000 }}", "{{ 'a' * 999999 * 999999 }}", "{{ [1] * 1000000000 }}",
    "{{ 1000000000 * 'a' }}", "{{ 'a' * wide }}", "{{ 'a' * -1 }}", "{{ text * 9 }}",
    "{{ text + text + text + text }}", "{{ text ~ text ~ text }}", "{{ big + big + big + big }}",
    "{{ text | replace('x', 'x' * 1000) }}", "{{ text | replace('', 'x') }}",
    "{{ text | replace('x', text) }}", "{{ big | join(text) }}", "{{ text | split('') }}",
    "{{ text | split('x') | join(text) }}", "{{ text | split | split }}", "{{ text | unique }}",
    "{{ '\u0130' * 900000 | lower }}", "{{ ('\u0130' * 900000) | lower }}",
    "{{ ('\ufb03' * 900000) | upper }}", "{{ text | truncate(wide) }}", "{{ text | truncate(-1) }}",
    # Numbers without end.
    "{{ 1e999999999 }}", "{{ 1e-999999999 }}", "{{ 1e1000 * 1e1000 }}", "{{ 9e999 + 9e-999 }}",
    "{{ '1e999999999' | number }}", "{{ '1e999999999' | int }}", "{{ 'nan' | number }}",
    "{{ 'infinity' | number }}", "{{ '-inf' | int }}", "{{ 'snan' | number }}",
    "{{ ('9' * 900000) | number }}", "{{ ('9' * 900000) | int }}",
    "{{ ('0.' ~ '9' * 900000) | number }}",
    "{{ far | text }}", "{{ far | int }}", "{{ far | round }}", "{{ far | round(20) }}",
    "{{ far + 1 }}", "{{ far % 7 }}", "{{ far // 7 }}", "{{ far * far }}", "{{ -far }}",
    "{{ far | abs }}", "{{ [far] | sum }}", "{{ [far] | max }}", "{{ [far, near] | min }}",
    "{{ [far] | text }}", "{{ [far] | unique }}", "{{ far == wide }}", "{{ far > near }}",
    "{{ far ~ '' }}", "number {{ far }}", "{{ near | text }}", "{{ near + 1 }}",
    "{{ near | round }}",
    "{{ wide | text }}", "{{ wide * wide }}", "{{ wide + 1 }}", "{{ wide // 3 }}", "{{ wide % 3 }}",
    "{{ [wide] | text }}", "{{ wide ~ '' }}", "{{ 7 % 0 }}", "{{ 7 // 0 }}", "{{ 7 / 0 }}",
    "{{ 1.5 % 0 }}", "{{ 1e999 // 3 }}", "{{ 2.5 | round(9999999) }}", "{{ big[wide] }}",
    "{{ big[-99999999999999999999] }}", "{{ " + "9" * 4080 + " }}", "{{ " + "9*" * 2000 + "9 }}",
    # Nesting.
    "{{ " + "(" * 500 + "1" + ")" * 500 + " }}", "{{ " + "[" * 1000 + "]" * 1000 + " }}",
    "{{ " + "{'a':" * 400 + "1" + "}" * 400 + " }}", "{{ " + "not " * 900 + "true }}",
    "{{ " + "-" * 3000 + "1 }}", "{{ " + "1+" * 1900 + "1 }}", "{{ order" + ".a" * 1900 + " }}",
    "{{ order" + "[0]" * 1300 + " }}", "{{ order" + "[]" * 1900 + " }}",
    "{{ order" + "|trim" * 800 + " }}", "{{ " + "order[" * 600 + "0" + "]" * 600 + " }}",
    "{{ " + "1 if true else " * 250 + "1 }}", "{{ " + "a ~ " * 900 + "a }}",
    "{{ 1 " + "< 2 " * 900 + "}}", "{{ " + "true and " * 400 + "true }}",
    "{{ " + "a" * 5000 + " }}",
    "{" * 200_000, "{{ '" * 50_000, "}" * 200_000, "{{ 1 }}" * 20_000,
    # Dates: patterns and zones from the author, texts from the far side.
    "{{ ('1' * 999999) | date }}", "{{ text | date }}", "{{ '2026-01-01' | date('y' * 400000) }}",
    "{{ '2026-01-01' | date('%s' * 900) }}", "{{ '2026-01-01' | date(text) }}",
    "{{ '2026-01-01T00:00:00Z' | date('y', '../../../etc/passwd') }}",
    "{{ '2026-01-01T00:00:00Z' | date('y', '/etc/localtime') }}",
    "{{ '2026-01-01T00:00:00Z' | date('y', 'x' * 99999) }}",
    "{{ '9999-12-31T23:59:59Z' | date('y', 'Pacific/Kiritimati') }}",
    "{{ '0001-01-01T00:00:00Z' | date('y', 'America/New_York') }}",
    "{{ '2026-01-01T00:00:00+99:99' | date }}", "{{ '2026-13-45' | date }}",
    "{{ '2026-01-01' | date('y', 'Europe/Paris\\x00') }}",
    # What arrives as data stays data.
    "{{ evil }}", "{{ evil ~ evil }}", "{{ evil | upper }}", "{{ [evil] | join }}",
)  # fmt: skip
