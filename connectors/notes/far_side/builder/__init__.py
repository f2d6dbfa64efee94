"""The design elements that a customer imports, from one catalogue: as DXL and as an On-Disk
Project. Nothing of it is stored here, so it cannot differ from its sources."""

from connectors.notes.far_side.builder.files import VARIANTS, all_files

__all__ = ["VARIANTS", "all_files"]
