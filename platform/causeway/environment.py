"""Environment variables as typed values, each refusal naming the variable."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from causeway.errors import ConfigError

MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Reader:
    """Parsers over one environment. An empty variable counts as not set."""

    environ: Mapping[str, str]

    def has(self, name: str) -> bool:
        """Whether the variable is set to something."""
        return bool(self.environ.get(name, "").strip())

    def text(self, name: str, default: str) -> str:
        """The text without surrounding blanks."""
        return self.environ[name].strip() if self.has(name) else default

    def path(self, name: str, default: Path) -> Path:
        """An absolute path; `~` is the home folder."""
        return Path(self.text(name, str(default))).expanduser().absolute()

    def flag(self, name: str) -> bool:
        """1/true/yes/on or 0/false/no/off; not set is off."""
        word = self.text(name, "").lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise ConfigError(f"{name} is {word!r}.", "Set it to 1 or 0.")

    def integer(self, name: str, default: int, *, least: int, most: int = 2**31) -> int:
        """A whole number within bounds, bounds included."""
        word = self.text(name, str(default))
        try:
            number = int(word)
        except ValueError:
            raise ConfigError(f"{name} is {word!r}.", "Set it to a whole number.") from None
        if not least <= number <= most:
            raise ConfigError(f"{name} is {number}.", f"Set it between {least} and {most}.")
        return number

    def choice(self, name: str, default: str, among: Sequence[str]) -> str:
        """One of a few words, told apart without regard to case."""
        word = self.text(name, default)
        for candidate in among:
            if candidate.lower() == word.lower():
                return candidate
        raise ConfigError(f"{name} is {word!r}.", f"Set it to one of: {', '.join(among)}.")

    def words(self, name: str) -> tuple[str, ...]:
        """Words parted by commas or blanks."""
        return tuple(self.text(name, "").replace(",", " ").split())

    def mail_server(self, name: str) -> str:
        """An address smtp(s)://user:password@host:port, or "" when not set."""
        word = self.text(name, "")
        parts = urlsplit(word)
        try:
            fits = parts.scheme in MAIL_SCHEMES and bool(parts.hostname) and parts.port != 0
        except ValueError:  # its port is none
            fits = False
        if word and not fits:
            # The value may hold a password.
            raise ConfigError(
                f"{name} is no address of a mail server.",
                "Set it to smtp+starttls://user:password@host:587 or smtps://..., or smtp://host.",
            )
        return word

    def url(self, name: str, default: str) -> str:
        """An http(s) address with a host."""
        word = self.text(name, default)
        parts = urlsplit(word)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ConfigError(
                f"{name} is {word!r}.", "Set it to an address such as https://causeway.example."
            )
        return word
