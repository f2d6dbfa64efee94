"""Java and Python agree on hash, signature and JSON, and the agents compile for Java 8."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.notes.fingerprint import fingerprint
from connectors.sdk.standard_webhooks import sign

HERE = Path(__file__).parent
SOURCES = sorted((HERE.parents[1] / "far_side" / "java").glob("*.java"))


def run_java(classes: Path, lines: list[str]) -> list[str]:
    done = subprocess.run(
        ["java", "-cp", str(classes), "Vectors"],
        input="\n".join(lines), capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.splitlines()


def as_lines(items: dict[str, list[Any]], synced: list[str] | None) -> list[str]:
    wanted = None if synced is None else {one.upper() for one in synced}
    lines = []
    for name, values in items.items():
        if wanted is None or name.upper() in wanted:
            texts = [
                f"#{one!r}" if isinstance(one, int | float) else f"@{one.encode().hex()}"
                for one in values
            ]
            lines.append(" ".join(["item", name.upper(), *texts]))
    return [*lines, "hash"]


def test_java_hashes_as_python_does(java: Path) -> None:
    vectors = json.loads((HERE.parent / "vectors/synchash.json").read_text())
    lines = [line for one in vectors for line in as_lines(one["items"], one.get("synced"))]
    expected = [fingerprint(one["items"], one.get("synced")) for one in vectors]
    assert run_java(java, lines) == expected


def test_java_signs_as_python_verifies(java: Path) -> None:
    moment = datetime(2026, 11, 23, 10, 21, 30, tzinfo=UTC)
    cases = [("secret-ü", "id-1", '{"a":"b"}'), ("whsec_c2VjcmV0", "id.2", "{}")]
    stamp = str(int(moment.timestamp()))
    lines = [
        f"sign {secret.encode().hex()} {id_.encode().hex()} {stamp} {body.encode().hex()}"
        for secret, id_, body in cases
    ]
    expected = [
        sign(secret=secret, message_id=id_, timestamp=moment, body=body.encode())[
            "webhook-signature"
        ]
        for secret, id_, body in cases
    ]
    assert run_java(java, lines) == expected


def test_java_writes_json_in_ascii(java: Path) -> None:
    text = 'a "quoted" \\ back\nslash é 🦊 </x>'
    [written] = run_java(java, [f"json {text.encode().hex()}"])
    assert written.isascii()
    assert json.loads(written) == {"a": text, "b": ""}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.text(st.characters(exclude_categories=()), max_size=20)
    | st.integers(-(10**14), 10**14)
    | st.floats(-1e9, 1e9, allow_nan=False).map(lambda one: float(f"{one:.9g}")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)


# Few examples of many values: each starts a JVM.
@settings(max_examples=5, deadline=None)
@given(st.lists(json_values, min_size=40, max_size=60))
def test_java_reads_and_writes_json_as_python_does(java: Path, values: list[Any]) -> None:
    written = run_java(java, [f"read {json.dumps(one)}" for one in values])
    assert [json.loads(one) for one in written] == values


def test_java_refuses_what_is_no_json(java: Path) -> None:
    broken = [
        "", "{", "[1,]", '{"a":}', '{"a" 1}', "{a:1}", "01", "1.", "-", "1e", "+1", "'a'", '"a',
        '"\\x"', '"\\u12g4"', "tru", "nul", "1 2", "[1]]", '{"a":1,}', "1e999", "[" * 65 + "]" * 65,
        '"\t"', "NaN", "Infinity", ".5", "--1", '{"a":1 "b":2}', "\ufeff{}", "//x",
    ]  # fmt: skip
    found = run_java(java, [f"broken {one.encode().hex()}" for one in broken])
    assert [
        one for one, said in zip(broken, found, strict=True) if "at character" not in said
    ] == []
    assert run_java(java, ["read " + "[" * 64 + "]" * 64]) == ["[" * 64 + "]" * 64]


def test_long_json_is_parted_between_tokens(java: Path) -> None:
    """A Print of a web agent may have 32 KB at most, and each ends with a line break."""
    value = {"rows": [{"text": 'a,"b\\,', "n": one} for one in range(4000)]}
    lines = run_java(java, [f"lines {json.dumps(value)}"])
    assert len(lines) > 3
    assert all(len(one) < 31_000 for one in lines)
    assert json.loads("\n".join(lines)) == value


def test_no_source_needs_more_than_java_8_and_the_domino_classes() -> None:
    """What an agent of Domino 9.0.1 has: the JDK, and lotus.domino."""
    for one in SOURCES:
        text = one.read_text(encoding="ascii")
        imports = [line for line in text.splitlines() if line.startswith("import ")]
        assert all(line.startswith(("import java.", "import javax.crypto.", "import lotus.domino."))
                   for line in imports), one.name  # fmt: skip
        assert not any("*" in line for line in imports), one.name
