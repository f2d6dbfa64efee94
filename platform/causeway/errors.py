"""What stops Causeway from starting, said so that the reader knows what to do."""


class StartError(Exception):
    """A sentence naming the trouble and one naming the remedy; the command line prints both.

    Never holds a secret: the text goes to the terminal and to log files.
    """

    def __init__(self, trouble: str, remedy: str = "") -> None:
        super().__init__(f"{trouble} {remedy}".strip())
        self.trouble = trouble
        self.remedy = remedy


class ConfigError(StartError):
    """The environment variables contradict each other, or one cannot be read."""
