"""What every connector is made of: errors, connections, operations, receipts, triggers.

Nothing here knows Django, Celery or a particular far side. Connectors import from here and
never from each other.
"""

from connectors.sdk import formats as formats  # before anything that imports jsonschema
