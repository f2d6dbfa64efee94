"""Whose turn it is among the runs that are due.

The turn of a deployment's n-th due run is (n - 1 + luck) / weight, luck being drawn anew for each
deployment in each claim. Whoever takes the smallest turns takes from each deployment as many as its
weight says, of a long backlog no more than of a short one. No state is kept from claim to claim:
where fewer runs are wanted than deployments wait, luck gives each its part over time.
The runs that people started stand in a queue of their own beside that of their deployment. It has
the most weight and needs no luck: its first run is always the first.
"""

from typing import Final, LiteralString

URGENT_WEIGHT: Final = 200  # of what people started; a deployment's is 100 at most

# A jump from queue to queue through the index `run_due`, beginning before the first one: of those
# that have nothing due one entry is read, however many of their runs wait.
_STANDING: Final[LiteralString] = """
    SELECT false AS urgent, '00000000-0000-0000-0000-000000000000'::uuid AS deployment_id,
           'infinity'::timestamptz AS due_at
    UNION ALL
    SELECT n.urgent, n.deployment_id, n.due_at
    FROM standing s CROSS JOIN LATERAL (
        SELECT urgent, deployment_id, due_at FROM flows_run
        WHERE state IN ('pending', 'waiting') AND NOT parked AND NOT alone
          AND (urgent, deployment_id) > (s.urgent, s.deployment_id)
        ORDER BY urgent, deployment_id, due_at LIMIT 1
    ) n
"""

_COLUMNS: Final[LiteralString] = """
    id, environment_id, lane, lane_key, source_time, source_sequence, due_at, flow_id, trigger_node,
    deployment_id, urgent,
    supersedable AND state = 'pending' AND started_at IS NULL AS supersedable
"""

# `share` is four times what a queue gets if all others have as much: who has few runs leaves room.
# A queue of which fewer runs than its share are `found` has no more.
_COMPANY: Final[LiteralString] = """
WITH RECURSIVE standing AS ({standing}), ready AS MATERIALIZED (
    SELECT q.*, least(%(window)s::int,
                      4 + 4 * %(window)s::int * q.weight / sum(q.weight) OVER ())::int AS share
    FROM (
        SELECT s.urgent, s.deployment_id,
               CASE WHEN s.urgent THEN {urgent} ELSE d.weight END AS weight,
               CASE WHEN s.urgent THEN 0 ELSE random() END AS luck
        FROM standing s JOIN flows_deployment d ON d.id = s.deployment_id
        WHERE s.due_at <= now()
    ) q
), due AS MATERIALIZED (
    SELECT w.*, q.share, (w.place - 1 + q.luck) / q.weight AS turn
    FROM ready q CROSS JOIN LATERAL (
        SELECT f.*, row_number() OVER (ORDER BY f.due_at) AS place, count(*) OVER () AS found
        FROM (
            SELECT {columns} FROM flows_run
            WHERE state IN ('pending', 'waiting') AND NOT parked AND NOT alone
              AND urgent = q.urgent AND deployment_id = q.deployment_id AND due_at <= now()
            ORDER BY due_at LIMIT q.share
        ) f
    ) w
    ORDER BY turn LIMIT %(window)s
)
"""
COMPANY: Final[LiteralString] = _COMPANY.format(
    standing=_STANDING, columns=_COLUMNS, urgent=str(URGENT_WEIGHT)
)

# Runs that may have killed a worker: whoever is due first. Those of whom no more is known go
# together, the others one by one. They are few, and are never parked: what stands behind others of
# its lane is left out at once, so that it hides nobody.
_SUSPECTS: Final[LiteralString] = """
WITH due AS MATERIALIZED (
    SELECT * FROM (
        SELECT {columns}, 0 AS found, %(window)s::int AS share, extract(epoch FROM due_at) AS turn,
               row_number() OVER suspects AS place, suspicion,
               first_value(suspicion) OVER suspects AS first
        FROM flows_run w
        WHERE state IN ('pending', 'waiting') AND alone AND due_at <= now() AND NOT ({{blocked}})
        WINDOW suspects AS (ORDER BY due_at, id)
        ORDER BY due_at, id
        LIMIT %(window)s
    ) w
    WHERE place = 1 OR (first = 0 AND suspicion = 0)
)
"""
SUSPECTS: Final[LiteralString] = _SUSPECTS.format(columns=_COLUMNS)

_ANY: Final[LiteralString] = """
WITH RECURSIVE standing AS ({standing})
SELECT EXISTS (SELECT FROM standing WHERE due_at <= now()) OR EXISTS (
    SELECT FROM flows_run
    WHERE state IN ('pending', 'waiting') AND alone AND due_at <= now()
)
"""
ANY_DUE: Final[LiteralString] = _ANY.format(standing=_STANDING)
