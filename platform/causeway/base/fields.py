"""Model fields that every app may use."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from psycopg.types.json import Jsonb

from connectors.sdk import codec


class ExactJSONField(models.JSONField):
    """JSON whose fractions are `Decimal` on the way in and on the way out.

    Django's own field goes through float: "19.90" would come back as 19.9 and a price of
    0.1 + 0.2 as 0.30000000000000004. `jsonb` itself keeps every digit.
    """

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, Jsonb):
            return value
        return Jsonb(value, dumps=codec.dumps)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        # A key lookup of a text value arrives as text that is not JSON; Django's own
        # implementation leaves other types alone for the same reason.
        if not isinstance(value, str | bytes):
            return value
        try:
            return codec.loads(value)
        except ValueError:
            return value

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        models.Field.validate(self, value, model_instance)
        try:
            codec.dumps(value)
        except (TypeError, ValueError) as error:
            raise ValidationError(
                self.error_messages["invalid"], code="invalid", params={"value": value}
            ) from error
