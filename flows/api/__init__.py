"""The REST API under /api/v1: thin views around `flows.services`."""
