"""ISO 8601 durations: PT30S, PT6H, P1DT12H, P2W. Months and years have no fixed length."""

import re
from datetime import timedelta

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,5})W)?(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,7})H)?(?:(?P<minutes>\d{1,8})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
PATTERN = (
    r"^P(?=\d|T\d)(\d{1,5}W)?(\d{1,6}D)?(T(?=\d)(\d{1,7}H)?(\d{1,8}M)?(\d{1,9}(\.\d{1,6})?S)?)?$"
)


def parse_duration(text: str) -> timedelta:
    """The length of a duration. Raises `ValueError` with a sentence."""
    match = _DURATION.fullmatch(text)
    parts = {name: value for name, value in match.groupdict().items() if value} if match else {}
    if not parts or text.endswith("T"):
        raise ValueError(f"{text[:40]!r} is not a duration such as PT30S, PT6H or P1D.")
    whole, _, fraction = parts.pop("seconds", "0").partition(".")
    return timedelta(
        seconds=int(whole),
        microseconds=int(fraction.ljust(6, "0")) if fraction else 0,
        **{name: int(value) for name, value in parts.items()},
    )
