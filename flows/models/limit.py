"""What processes tell each other of their connections while Redis is away."""

from django.db import models


class SharedLimit(models.Model):
    """One connection's document (`flows.protection.record`). Not logged: a crash of the database
    may lose it, since whoever comes next tells it again."""

    name = models.CharField(max_length=64, primary_key=True)
    version = models.CharField(max_length=32)
    record = models.BinaryField()
    at = models.DateTimeField()
