"""Files stay small, and lock files name no download address."""

import re

from tests.architecture.house import ROOT, handwritten, tracked

LONGEST = 500


def test_no_source_file_is_longer_than_500_lines() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {count}"
        for path in handwritten("*.py", "*.ts", "*.tsx", "*.php", "*.java")
        if not path.name.endswith(".d.ts")
        and (count := len(path.read_text().splitlines())) > LONGEST
    ]
    assert not found, "\n".join(found)


def test_the_python_lock_has_hashes_and_no_addresses() -> None:
    text = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)


def test_the_node_lock_has_no_addresses() -> None:
    text = (ROOT / "designer_ui" / "package-lock.json").read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text


def test_no_registry_host_is_named_anywhere() -> None:
    hosts = re.compile(r"py[p]i\.org|python[h]osted\.org|registry\.npm[j]s\.org|deb\.de[b]ian\.org")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.suffix not in {".png", ".woff2", ".bin"}
        and hosts.search(path.read_text(errors="ignore"))
    ]
    assert not found, "\n".join(found)
