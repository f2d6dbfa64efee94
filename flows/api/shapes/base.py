"""What every shape is."""

from typing import Any

from rest_framework.serializers import Serializer


class Shape(Serializer[Any]):
    """A serializer whose name in the API's description goes without the suffix."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # drf-spectacular reads this; its decorator would have to be repeated on every class.
        cls._spectacular_annotation = {  # type: ignore[attr-defined]  # unknown to the stubs
            "component_name": cls.__name__.removesuffix("Shape")
        }
