"""Domino Data Service: the way in that every Domino from 9.0.1 on has."""
