"""How often Python looks for garbage in a process that serves."""

import gc
from typing import Final

# New objects until the next look. A loop that carries 64 runs keeps some thousands alive that
# are no garbage; with Python's 700 (2,000 from 3.12 on) it looks through them all the time.
_YOUNG: Final = 20_000
_OLDER: Final = (20, 20)


def look_seldom() -> None:
    """Call once, when all is imported: what is there now stays, and is not looked through again.

    Reference counts free nearly everything at once; the looks are only for circles.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *_OLDER)
