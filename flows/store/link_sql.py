"""Statements about links, their inbox and their counts."""

from typing import Final, LiteralString

FIND: Final = """
SELECT w.place, l.id, l.state, l.left_id, l.right_id
FROM unnest(%(left_systems)b::text[], %(left_ids)b::text[], %(right_systems)b::text[],
            %(right_ids)b::text[]) WITH ORDINALITY
    AS w(left_system, left_id, right_system, right_id, place)
CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT 0 AS rank, id, state, left_id, right_id FROM flows_link
        WHERE environment_id = %(environment)s AND entity = %(entity)s
          AND left_system = w.left_system AND left_id = w.left_id AND left_id <> ''
        UNION ALL
        SELECT 1, id, state, left_id, right_id FROM flows_link
        WHERE environment_id = %(environment)s AND entity = %(entity)s
          AND right_system = w.right_system AND right_id = w.right_id AND right_id <> ''
    ) both_ways ORDER BY rank LIMIT 1
) l
"""

# A link that knows one record only was never brought together: it is `empty`, and goes last.
LOCK: Final = """
SELECT id, (left_id = '' OR right_id = '') AS empty,
       (lease_by = %(by)s OR lease_until IS NULL OR lease_until < now()) AS free
FROM flows_link
WHERE id IN (
    SELECT id FROM flows_link
    WHERE environment_id = %(environment)s AND entity = %(entity)s
      AND left_system = %(left_system)s AND left_id = %(left_id)s AND left_id <> ''
    UNION
    SELECT id FROM flows_link
    WHERE environment_id = %(environment)s AND entity = %(entity)s
      AND right_system = %(right_system)s AND right_id = %(right_id)s AND right_id <> ''
)
ORDER BY empty, left_id = '', id
FOR NO KEY UPDATE
"""

TAKE: Final = """
UPDATE flows_link SET lease_by = %(by)s, lease_until = now() + %(lease)s,
    flow_id = coalesce(%(flow)s, flow_id), node = coalesce(nullif(%(node)s, ''), node)
WHERE id = %(id)s
RETURNING id, left_system, left_id, right_system, right_id, state, matching, memory, version
"""

LOOK: Final = """
SELECT id, left_system, left_id, right_system, right_id, state, matching, memory, version
FROM flows_link WHERE id = %(id)s
"""

INSERT: Final = """
INSERT INTO flows_link (id, workspace_id, environment_id, flow_id, node, entity, left_system,
    left_id, right_system, right_id, label, state, matching, memory, hops, version, writes,
    echoes, lease_by, created_at)
VALUES (%(id)s, %(workspace)s, %(environment)s, %(flow)s, %(node)s, %(entity)s, %(left_system)s,
    %(left_id)s, %(right_system)s, %(right_id)s, '', 'new', 'find', '', 0, 0, 0, 0, '', now())
ON CONFLICT DO NOTHING
"""

FORGET: Final = """
WITH asked AS (
    DELETE FROM flows_conflict WHERE link_id IN
        (SELECT id FROM flows_link WHERE id = %(id)s AND lease_by = %(by)s)
)
DELETE FROM flows_link WHERE id = %(id)s AND lease_by = %(by)s
"""

DELETE: Final = """
WITH asked AS (DELETE FROM flows_conflict WHERE link_id = %(id)s)
DELETE FROM flows_link WHERE id = %(id)s
"""

RELEASE: Final = """
UPDATE flows_link SET lease_by = '', lease_until = NULL WHERE id = %(id)s AND lease_by = %(by)s
"""

OPEN: Final = """
SELECT id, kind, state, fields, resolutions FROM flows_conflict
WHERE link_id = %(link)s AND state IN ('open', 'answered')
"""

DELETED: Final = """
SELECT deletes FROM flows_syncrollup
WHERE environment_id = %(environment)s AND entity = %(entity)s
  AND hour = date_trunc('hour', now(), 'UTC')
"""

RULES: Final = """
SELECT field, winner FROM flows_syncrule
WHERE workspace_id = %(workspace)s AND entity = %(entity)s
"""

SAVE: Final = """
UPDATE flows_link SET left_id = %(left_id)s, right_id = %(right_id)s, state = %(state)s,
    label = coalesce(nullif(%(label)s, ''), label), memory = %(memory)s, hops = %(hops)s,
    version = version + 1, writes = writes + %(writes)s, echoes = echoes + %(echoes)s,
    lease_until = now() + %(lease)s,
    synced_at = CASE WHEN %(synced)s THEN now() ELSE synced_at END
WHERE id = %(id)s AND lease_by = %(by)s AND version = %(version)s
"""

CLOSE: Final = """
UPDATE flows_conflict c SET state = e.state, changed_at = now(),
    decided_at = coalesce(c.decided_at, now())
FROM unnest(%(ids)b::uuid[], %(states)b::text[]) AS e(id, state)
WHERE c.id = e.id AND c.state IN ('open', 'answered')
"""

KEEP: Final = """
UPDATE flows_conflict SET fields = %(fields)s::jsonb, changed_at = now()
WHERE id = %(id)s AND state IN ('open', 'answered')
"""

_ENTER: Final[LiteralString] = """
INSERT INTO flows_conflict (id, workspace_id, environment_id, link_id, entity, kind, state, fields,
    resolutions, run_id, effect_key, digest, created_at, changed_at, decided_by)
VALUES (%(id)s, %(workspace)s, %(environment)s, %(link)s, %(entity)s, %(kind)s, %(state)s,
    %(fields)s::jsonb, '{}'::jsonb, %(run)s, %(by)s, %(digest)s, now(), now(), '')
"""
# The same question again keeps what a person has answered meanwhile; another one does not.
_NEWER: Final[LiteralString] = """
DO UPDATE SET kind = EXCLUDED.kind, fields = EXCLUDED.fields, run_id = EXCLUDED.run_id,
    effect_key = EXCLUDED.effect_key, digest = EXCLUDED.digest,
    state = CASE WHEN same THEN flows_conflict.state ELSE 'open' END,
    resolutions = CASE WHEN same THEN flows_conflict.resolutions ELSE '{}'::jsonb END,
    changed_at = CASE WHEN same THEN flows_conflict.changed_at ELSE now() END,
    decided_at = CASE WHEN same THEN flows_conflict.decided_at END,
    decided_by = CASE WHEN same THEN flows_conflict.decided_by ELSE '' END
""".replace("same", "flows_conflict.digest = EXCLUDED.digest")

ASK: Final[LiteralString] = (
    _ENTER
    + """
ON CONFLICT (link_id) WHERE (state IN ('open', 'answered')
    AND kind IN ('fields', 'deleted', 'loop', 'candidates'))
"""
    + _NEWER
)
DIVERGE: Final[LiteralString] = (
    _ENTER
    + """
ON CONFLICT (link_id) WHERE (state IN ('open', 'answered') AND kind = 'diverged')
"""
    + _NEWER
)
TELL: Final[LiteralString] = (
    _ENTER
    + """
ON CONFLICT (link_id, effect_key, digest) WHERE (state = 'told') DO NOTHING
"""
)

RECEIPTS: Final = """
INSERT INTO flows_receipt (id, run_id, effect_key, node, path, system, entity, record_id, action,
                           verdict, fields, at)
SELECT id, %(run)s, effect_key, node, path, system, entity, record_id, action, verdict,
       fields::jsonb, now()
FROM unnest(%(ids)b::uuid[], %(effect_keys)b::text[], %(nodes)b::text[], %(paths)b::text[],
            %(systems)b::text[], %(entities)b::text[], %(record_ids)b::text[],
            %(actions)b::text[], %(verdicts)b::text[], %(fieldss)b::text[])
    AS x(id, effect_key, node, path, system, entity, record_id, action, verdict, fields)
ON CONFLICT (run_id, effect_key) DO UPDATE
SET system = EXCLUDED.system, entity = EXCLUDED.entity, record_id = EXCLUDED.record_id,
    action = EXCLUDED.action, verdict = EXCLUDED.verdict, fields = EXCLUDED.fields,
    at = EXCLUDED.at
"""

COUNTS: Final = (
    "looks",
    "unchanged",
    "echoes_left",
    "echoes_right",
    "writes_left",
    "writes_right",
    "creates",
    "deletes",
    "conflicts",
    "overruled",
    "loops",
    "diverged",
)

ROLL_UP: Final = """
INSERT INTO flows_syncrollup AS f (environment_id, entity, hour, looks, unchanged, echoes_left,
    echoes_right, writes_left, writes_right, creates, deletes, conflicts, overruled, loops,
    diverged)
VALUES (%(environment)s, %(entity)s, date_trunc('hour', now(), 'UTC'), %(looks)s, %(unchanged)s,
    %(echoes_left)s, %(echoes_right)s, %(writes_left)s, %(writes_right)s, %(creates)s,
    %(deletes)s, %(conflicts)s, %(overruled)s, %(loops)s, %(diverged)s)
ON CONFLICT (environment_id, entity, hour) DO UPDATE
SET looks = f.looks + EXCLUDED.looks, unchanged = f.unchanged + EXCLUDED.unchanged,
    echoes_left = f.echoes_left + EXCLUDED.echoes_left,
    echoes_right = f.echoes_right + EXCLUDED.echoes_right,
    writes_left = f.writes_left + EXCLUDED.writes_left,
    writes_right = f.writes_right + EXCLUDED.writes_right,
    creates = f.creates + EXCLUDED.creates, deletes = f.deletes + EXCLUDED.deletes,
    conflicts = f.conflicts + EXCLUDED.conflicts, overruled = f.overruled + EXCLUDED.overruled,
    loops = f.loops + EXCLUDED.loops, diverged = f.diverged + EXCLUDED.diverged
"""
