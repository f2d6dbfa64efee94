"""The webservice's refusals: a status and one or more codes with their messages."""

PHP_FILE = "/var/www/html/classes/webservice/WebserviceRequest.php"


class WebserviceError(Exception):
    """Answered as `errors`; the first code is the real one, PHP warnings may follow it."""

    def __init__(self, status: int, *errors: tuple[int, str]) -> None:
        super().__init__(errors)
        self.status = status
        self.errors = list(errors)


class FatalError(Exception):
    """PHP died: 500, `text/html`, an empty body (or, on 8.2, a sentence)."""

    def __init__(self, body: str = "") -> None:
        super().__init__(body)
        self.body = body


def php_warning(text: str, line: int) -> tuple[int, str]:
    return 3, f"[PHP Warning #2] {text} ({PHP_FILE}, line {line})"


def bad_query(code: int, message: str, *, old: bool) -> WebserviceError:
    """A list that could not be built: 500, and four warnings of the code that went on without it.

    `old` is 8.2, where the same lines stand 34 lines further down (038 to 047).
    """
    first = 1333 if old else 1299
    warning = "Trying to access array offset on value of type bool"
    return WebserviceError(
        500, (code, message), *(php_warning(warning, first + n) for n in range(4))
    )


def closest(word: str, words: list[str]) -> str:
    """The shop's "Did you mean": the last of the words with the smallest edit distance."""
    best, shortest = "", -1
    for one in words:
        distance = _distance(word, one)
        if distance <= shortest or shortest < 0:
            best, shortest = one, distance
    return best


def _distance(left: str, right: str) -> int:
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, start=1):
        previous, row[0] = row[0], i
        for j, b in enumerate(right, start=1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (a != b))
    return row[-1]
