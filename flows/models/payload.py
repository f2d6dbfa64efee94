"""Values that are too large for the rows that name them."""

from typing import Any

from django.db import models

from causeway.base.fields import ExactJSONField
from connectors.sdk.errors import UnexpectedError
from flows.models.packing import PayloadKey, opened, row_form, unpack

_READ = "SELECT size, data FROM flows_payload WHERE day = %s AND digest = %s"


class PayloadLostError(UnexpectedError):
    """A row names a payload that is not there."""

    def __init__(self, key: PayloadKey) -> None:
        super().__init__(
            f"The payload {key} is not in the database.",
            code="payload_lost",
            fix="Restore the table flows_payload from a backup.",
        )


class Payload(models.Model):
    """One value, compressed (zstd), in the partition of its day; see `flows.models.packing`."""

    pk = models.CompositePrimaryKey("day", "digest")
    day = models.DateField()
    digest = models.BinaryField()
    size = models.PositiveIntegerField()  # bytes of its JSON text
    data = models.BinaryField()


class PackedJSONField(ExactJSONField):
    """JSON of which large parts may lie in `Payload`; who reads it does not see the difference.

    What is written through the model stays in the row.
    """

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return super().get_db_prep_value(row_form(value), connection, prepared)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        stored = super().from_db_value(value, expression, connection)

        def load(key: PayloadKey) -> Any:
            with connection.cursor() as cursor:
                cursor.execute(_READ, [key.day, key.digest])
                row = cursor.fetchone()
            if row is None:
                raise PayloadLostError(key)
            return opened(bytes(row[1]), row[0])

        return unpack(stored, load)
