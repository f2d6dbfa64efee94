"""Statements that write journals and ends, shared by the writer and the sweep."""

from typing import Final

# The rows stay locked until commit: nobody can take a lease between the check and the write.
# One that ends in the same transaction is only locked here: each new version of a row has to go
# into all its indexes.
FENCE: Final = """
WITH held AS MATERIALIZED (
    SELECT id, token, next_seq, ends
    FROM unnest(%(ids)b::uuid[], %(tokens)b::uuid[], %(next_seqs)b::int[], %(ends)b::bool[])
        AS h(id, token, next_seq, ends)
), moved AS (
    UPDATE flows_run r SET next_seq = greatest(r.next_seq, held.next_seq)
    FROM held
    WHERE NOT held.ends AND r.id = held.id AND r.claim_token = held.token AND r.state = 'running'
    RETURNING r.claim_token
), locked AS (
    SELECT r.claim_token FROM flows_run r JOIN held ON r.id = held.id
    WHERE held.ends AND r.claim_token = held.token AND r.state = 'running'
    FOR NO KEY UPDATE OF r
)
SELECT claim_token FROM moved UNION ALL SELECT claim_token FROM locked
"""

# A batch that is tried again after a lost connection may have been committed before.
INSERT_EVENTS: Final = """
INSERT INTO flows_runevent (run_id, seq, type, node, path, at, data)
SELECT run_id, seq, type, node, path, at, data::jsonb
FROM unnest(%(runs)b::uuid[], %(seqs)b::int[], %(types)b::text[], %(nodes)b::text[],
            %(paths)b::text[], %(ats)b::timestamptz[], %(datas)b::text[])
    AS e(run_id, seq, type, node, path, at, data)
ON CONFLICT (run_id, seq) DO NOTHING
"""

INSERT_RECEIPTS: Final = """
INSERT INTO flows_receipt (id, run_id, effect_key, node, path, system, entity, record_id, action,
                           verdict, fields, at)
SELECT id, run_id, effect_key, node, path, system, entity, record_id, action, verdict,
       fields::jsonb, at
FROM unnest(%(ids)b::uuid[], %(runs)b::uuid[], %(effect_keys)b::text[], %(nodes)b::text[],
            %(paths)b::text[], %(systems)b::text[], %(entitys)b::text[], %(record_ids)b::text[],
            %(actions)b::text[], %(verdicts)b::text[], %(fieldss)b::text[],
            %(ats)b::timestamptz[])
    AS x(id, run_id, effect_key, node, path, system, entity, record_id, action, verdict, fields,
         at)
ON CONFLICT (run_id, effect_key) DO UPDATE
SET system = EXCLUDED.system, entity = EXCLUDED.entity, record_id = EXCLUDED.record_id,
    action = EXCLUDED.action, verdict = EXCLUDED.verdict, fields = EXCLUDED.fields,
    at = EXCLUDED.at
"""

# A run that went through a drive alone is innocent of its worker's death.
END_RUNS: Final = """
UPDATE flows_run r
SET state = e.state, next_seq = greatest(r.next_seq, e.next_seq),
    due_at = coalesce(e.due_at, r.due_at), outcome = e.outcome, error = e.error::jsonb,
    claim_token = NULL, claimed_by = '', lease_until = NULL, alone = false,
    suspicion = 0, revision = nextval('flows_run_revision'),
    ended_at = CASE WHEN e.state <> 'waiting' THEN clock_timestamp() END
FROM unnest(%(ids)b::uuid[], %(states)b::text[], %(due_ats)b::timestamptz[],
            %(outcomes)b::text[], %(errors)b::text[], %(next_seqs)b::int[])
    AS e(id, state, due_at, outcome, error, next_seq)
WHERE r.id = e.id
RETURNING r.environment_id, r.id, r.revision
"""

# Sorted, so that two processes lock the same rows in the same order.
ROLL_UP: Final = """
INSERT INTO flows_flowrollup AS f (id, flow_id, environment_id, hour, succeeded, failed,
    confirmed, absorbed, diverged, lag_sum_ms, lag_max_ms, last_ended_at, last_lag_ms)
SELECT gen_random_uuid(), flow_id, environment_id, hour,
       count(*) FILTER (WHERE good), count(*) FILTER (WHERE NOT good),
       sum(confirmed), sum(absorbed), sum(diverged),
       coalesce(sum(lag) FILTER (WHERE good), 0), coalesce(max(lag) FILTER (WHERE good), 0),
       max(ended_at), (array_agg(lag ORDER BY ended_at DESC) FILTER (WHERE good))[1]
FROM (
    SELECT r.flow_id, r.environment_id, r.ended_at, r.state = 'succeeded' AS good,
           date_trunc('hour', r.ended_at, 'UTC') AS hour,
           greatest(0, extract(epoch FROM r.ended_at - r.source_time) * 1000)::bigint AS lag,
           v.confirmed, v.absorbed, v.diverged
    FROM flows_run r CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE verdict = 'confirmed') AS confirmed,
               count(*) FILTER (WHERE verdict = 'absorbed') AS absorbed,
               count(*) FILTER (WHERE verdict = 'diverged') AS diverged
        FROM flows_receipt WHERE run_id = r.id
    ) v
    WHERE r.id = ANY(%(ids)b::uuid[]) AND r.state IN ('succeeded', 'failed', 'dead')
) ended
GROUP BY flow_id, environment_id, hour
ORDER BY flow_id, environment_id, hour
ON CONFLICT (flow_id, environment_id, hour) DO UPDATE
SET succeeded = f.succeeded + EXCLUDED.succeeded, failed = f.failed + EXCLUDED.failed,
    confirmed = f.confirmed + EXCLUDED.confirmed, absorbed = f.absorbed + EXCLUDED.absorbed,
    diverged = f.diverged + EXCLUDED.diverged, lag_sum_ms = f.lag_sum_ms + EXCLUDED.lag_sum_ms,
    lag_max_ms = greatest(f.lag_max_ms, EXCLUDED.lag_max_ms),
    last_ended_at = greatest(f.last_ended_at, EXCLUDED.last_ended_at),
    last_lag_ms = coalesce(EXCLUDED.last_lag_ms, f.last_lag_ms)
"""

# The next parked run of each lane that these runs leave.
WAKE_LANES: Final = """
UPDATE flows_run SET parked = false
WHERE id IN (
    SELECT next.id
    FROM flows_run left_by CROSS JOIN LATERAL (
        SELECT p.id FROM flows_run p
        WHERE p.parked AND p.state = 'pending' AND p.environment_id = left_by.environment_id
          AND p.lane = left_by.lane AND p.lane_key = left_by.lane_key
        ORDER BY p.source_time, p.source_sequence, p.id
        LIMIT 1
    ) next
    WHERE left_by.id = ANY(%(ids)b::uuid[]) AND left_by.lane <> ''
)
"""
