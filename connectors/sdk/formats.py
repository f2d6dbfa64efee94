"""Formats that jsonschema can check but hardly ever does, loaded when they are asked for.

`rfc3987_syntax` compiles the grammar of internationalised addresses when it is imported, which
takes up to a second of processor time in every process that imports jsonschema. Importing this
module before jsonschema puts a stand-in there that loads the real one at its first question.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

_NAME: Final = "rfc3987_syntax"


def _is_valid_syntax(term: str, value: str) -> bool:
    if getattr(sys.modules.get(_NAME), "__spec__", None) is None:
        sys.modules.pop(_NAME, None)
    answer: bool = import_module(_NAME).is_valid_syntax(term, value)
    return answer


def _stand_in() -> None:
    if _NAME in sys.modules or find_spec(_NAME) is None:
        return
    module = ModuleType(_NAME)
    module.__dict__["is_valid_syntax"] = _is_valid_syntax
    sys.modules[_NAME] = module


_stand_in()
