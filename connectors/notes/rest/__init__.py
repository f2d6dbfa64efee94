"""Domino REST API (restapi task, Domino 12 and newer): scopes, revisions, DQL, many at once."""
