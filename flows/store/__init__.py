"""The hot path's SQL: accepted news, claims, the journal, the sweep.

Async psycopg, no ORM: the models only define the tables. Nothing here decides anything about a
flow; that is the engine's.
"""
