"""Patterns that could run for years are refused; the others end soon on the worst text."""

import re
import time

import pytest

from flows.mapping.patterns import PatternError, reach

DANGEROUS = (
    "(a+)+$", "^(a+)*$", "^(a*)*$", "(.*)*", "(x+x+)+y", "^(a|a)*$", "^(a|ab|b)*c$", "(a|b|ab)*c",
    "^(([a-z])+.)+[A-Z]([a-z])+$", "(a)\\1", "^(a?){25}a{25}$", "a?" * 30 + "a" * 30,
    ".*.*.*.*=", "(?=(a+)+)b", "^(a{1,3}){1,20}$", "(?i)^(ab|Ac|a)*d$",
    "^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}$", "(?P<a>b)(?P=a)", "(a)?(?(1)b|c)",
    "(\\s*,\\s*)*x", "^(-[a-z-]+)*$", "^(-[+-9]+)*$", "^(-[^a]+)*$", "^(a[a-z]+)*$",
    "^(-[a-z]*[a-z]*)*$", "^(\\d+\\.)*\\d+$", "a" * 1001, "(", "[z-a]", "((a{1,30}){1,30}){1,30}",
)  # fmt: skip
USUAL = (
    "^[a-z0-9]+(-[a-z0-9]+)*$", "^\\w+(?:,[\\w]+)*$",
    "^[a-z]*(\\.[a-z][a-z0-9]*)+@[0-9]$", "^\\d+$", "^[A-Z]{2}$", "^[0-9]{8,14}$",
    "^[^@]+@[^@]+\\.[a-z]+$", "^(A|B)(,(A|B))*$",
    "^https?://[^/]+/.*$", "^\\+?[0-9 ()-]{5,20}$", "^SO-[0-9]+(-[A-Z])?$", "^.{1,500}$", "",
    "^(open|paid|shipped)$", "^\\s*\\S", "[äöü]", "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.*)?$",
)  # fmt: skip


@pytest.mark.parametrize("pattern", DANGEROUS)
def test_what_could_run_for_years_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        reach(pattern)


@pytest.mark.parametrize("pattern", USUAL)
@pytest.mark.parametrize("text", ["a", "0", " ", "A,", "a@a.", "https://"])
def test_what_is_usual_ends_soon_on_the_longest_text(pattern: str, text: str) -> None:
    size = min(reach(pattern), 1_000_000)
    assert size >= 32
    worst = (text * (size // len(text)))[: size - 1] + "!"
    began = time.process_time()
    re.search(pattern, worst)
    assert time.process_time() - began < 2.0
