"""A small check of LotusScript: no compiler of it runs outside of Domino Designer.

Checked are tokens (strings, comments, continuation), blocks, declarations under Option Declare,
labels, Set, the number of arguments of own procedures, and the names of documented Notes classes.
What passes may still be refused by Designer; what fails here will be.
"""

from connectors.notes.far_side.linter.check import Finding, check_file, check_text

__all__ = ["Finding", "check_file", "check_text"]
