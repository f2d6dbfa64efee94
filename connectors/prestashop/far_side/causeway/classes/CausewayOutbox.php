<?php
/**
 * The table of news that waits, was sent or was given up. Times are UTC, by PHP's clock.
 *
 * Of each record there is at most one row that waits and one that is being sent: newer news takes
 * the place of older that was not sent. SQL is plain, so that tests run it on SQLite and MariaDB.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayOutbox
{
    const WAITING = 'waiting';
    const SENT = 'sent';
    const FAILED = 'failed';

    /** A sender that says nothing for so long is dead. */
    const LEASE = 120;
    /** News rests until its request is over, or for this long, so that it tells the end of a change. */
    const HOLD = 60;
    const KEEP_ROWS = 1000;
    const KEEP_SECONDS = 604800;

    /**
     * Store news; what waits of the same record gives way to it.
     *
     * @param int $hold seconds before it may be sent
     *
     * @return int the row's id
     */
    public static function add(CausewayNews $news, int $now, int $hold = self::HOLD, string $messageId = ''): int
    {
        $facts = $news->facts ? json_encode($news->facts, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE) : null;
        $values = [
            'message_id' => $messageId !== '' ? $messageId : 'ps_' . bin2hex(random_bytes(16)),
            'entity' => $news->entity,
            'id_entity' => $news->id,
            'id_shop' => $news->idShop,
            'kind' => $news->change,
            'origin' => $news->origin,
            'own' => (int) $news->own,
            'id_key' => $news->idKey,
            'before_value' => $news->before,
            'facts' => $facts !== null && strlen($facts) <= 500 ? $facts : null,
            'occurred_at' => CausewayTable::time($now),
            'state' => self::WAITING,
            'attempts' => 0,
            'due_at' => CausewayTable::time($now + $hold),
            'revision' => 0,
        ];
        $quoted = array_map(['CausewayTable', 'quote'], $values);
        CausewayTable::run(
            'INSERT INTO `' . CausewayTable::name() . '` (`' . implode('`, `', array_keys($quoted)) . '`)
            VALUES (' . implode(', ', $quoted) . ')'
        );
        $id = (int) Db::getInstance()->Insert_ID();
        self::supersede($id, $news, $now);

        return $id;
    }

    /** Older news of the record that nobody has sent: its beginnings go into the newer, then it goes. */
    private static function supersede(int $id, CausewayNews $news, int $now)
    {
        $older = self::record($news->entity, $news->id, $news->idShop)
            . ' AND `id_causeway_outbox` < ' . $id . ' AND (`state` = \'waiting\' OR `state` = \'failed\')'
            . ' AND ' . self::unclaimed($now);
        $rows = CausewayTable::rows(
            'SELECT `id_causeway_outbox`, `kind`, `own`, `origin`, `before_value`, `last_status`, `last_answer` FROM `' . CausewayTable::name() . '` WHERE ' . $older
            . ' ORDER BY `id_causeway_outbox`'
        );
        if (!$rows) {
            return;
        }
        $changes = ['before_value' => $news->before];
        foreach (array_reverse($rows) as $row) {
            if ($row['before_value'] !== null) {
                $changes['before_value'] = $row['before_value'];
            }
            if ($row['kind'] === CausewayEntity::CREATED && $news->change === CausewayEntity::UPDATED) {
                $changes['kind'] = CausewayEntity::CREATED;
            }
            if ($row['last_status'] !== null && !isset($changes['last_status'])) {
                // What went wrong stays to be seen.
                $changes['last_status'] = (int) $row['last_status'];
                $changes['last_answer'] = $row['last_answer'];
            }
            if ($news->own && !(int) $row['own']) {
                // Somebody else changed it too: no echo.
                $changes['own'] = 0;
                $changes['origin'] = $row['origin'];
            }
        }
        CausewayTable::update($changes, '`id_causeway_outbox` = ' . $id);
        $ids = array_column($rows, 'id_causeway_outbox');
        CausewayTable::run(
            'DELETE FROM `' . CausewayTable::name() . '` WHERE ' . CausewayTable::in($ids)
            . ' AND `state` <> \'sent\' AND ' . self::unclaimed($now)
        );
    }

    /**
     * The request is over: what it stored may be sent.
     *
     * @param int[] $ids
     *
     * @return int[] those of them that still waited
     */
    public static function release(array $ids, int $now): array
    {
        if (!$ids) {
            return [];
        }
        $open = CausewayTable::in($ids) . ' AND `state` = \'waiting\' AND `attempts` = 0 AND ' . self::unclaimed($now);
        $found = CausewayTable::ids('SELECT `id_causeway_outbox` FROM `' . CausewayTable::name() . '` WHERE ' . $open);
        if ($found) {
            CausewayTable::update(['due_at' => CausewayTable::time($now)], CausewayTable::in($found) . ' AND ' . self::unclaimed($now));
        }

        return $found;
    }

    /**
     * Reserve what is due, oldest first and the oldest of each record only.
     *
     * @param string $token 32 characters of this sender alone
     *
     * @return array<int, array<string, mixed>>
     */
    public static function claim(string $token, int $now, int $most): array
    {
        $table = '`' . CausewayTable::name() . '`';
        $ids = CausewayTable::ids(
            'SELECT o.`id_causeway_outbox` FROM ' . $table . ' o
            WHERE o.`state` = \'waiting\' AND o.`due_at` <= \'' . CausewayTable::time($now) . '\'
                AND ' . self::unclaimed($now, 'o.') . '
                AND NOT EXISTS (SELECT 1 FROM ' . $table . ' e
                    WHERE e.`entity` = o.`entity` AND e.`id_entity` = o.`id_entity`
                        AND e.`id_shop` = o.`id_shop` AND e.`state` = \'waiting\'
                        AND e.`id_causeway_outbox` < o.`id_causeway_outbox`)
            ORDER BY o.`id_causeway_outbox` LIMIT ' . $most
        );
        if (!$ids) {
            return [];
        }
        CausewayTable::update(
            ['claim' => $token, 'claim_until' => CausewayTable::time($now + self::LEASE)],
            CausewayTable::in($ids) . ' AND `state` = \'waiting\' AND ' . self::unclaimed($now)
        );

        return CausewayTable::rows(
            'SELECT * FROM ' . $table . ' WHERE `claim` = ' . CausewayTable::quote($token)
            . ' AND `state` = \'waiting\' ORDER BY `id_causeway_outbox`'
        );
    }

    /** Whether another sender is at work. */
    public static function isBusy(int $now): bool
    {
        return (bool) CausewayTable::rows(
            'SELECT `id_causeway_outbox` FROM `' . CausewayTable::name() . '` WHERE `claim` IS NOT NULL
            AND `state` = \'waiting\' AND `claim_until` > \'' . CausewayTable::time($now) . '\' LIMIT 1'
        );
    }

    /** @param array<string, mixed> $row as it was claimed; nothing happens if the claim is lost */
    public static function close(array $row, string $state, int $status, string $answer, int $now)
    {
        $changes = [
            'state' => $state,
            'attempts' => (int) $row['attempts'] + 1,
            'last_status' => $status,
            'last_answer' => CausewayTable::short($answer),
            'closed_at' => CausewayTable::time($now),
            'claim' => null,
            'claim_until' => null,
        ];
        if ($state === self::SENT) {
            // Of a customer who is gone nothing stays.
            $changes['facts'] = null;
        }
        CausewayTable::update($changes, self::held($row));
    }

    /** @param array<string, mixed> $row */
    public static function postpone(array $row, int $pause, int $status, string $answer, int $now)
    {
        CausewayTable::update(
            [
                'attempts' => (int) $row['attempts'] + 1,
                'due_at' => CausewayTable::time($now + $pause),
                'last_status' => $status,
                'last_answer' => CausewayTable::short($answer),
                'claim' => null,
                'claim_until' => null,
            ],
            self::held($row)
        );
    }

    /** Give a row back untried. @param array<string, mixed> $row */
    public static function putBack(array $row, int $pause, int $now)
    {
        CausewayTable::update(
            ['due_at' => CausewayTable::time($now + $pause), 'claim' => null, 'claim_until' => null],
            self::held($row)
        );
    }

    /** @return int how many wait again */
    public static function resendFailed(int $now): int
    {
        CausewayTable::update(
            ['state' => self::WAITING, 'attempts' => 0, 'due_at' => CausewayTable::time($now), 'closed_at' => null],
            '`state` = \'failed\''
        );

        return (int) Db::getInstance()->Affected_Rows();
    }

    /** Whatever pauses is due. @return int how much that was */
    public static function hurry(int $now): int
    {
        CausewayTable::update(
            ['due_at' => CausewayTable::time($now)],
            '`state` = \'waiting\' AND `due_at` > \'' . CausewayTable::time($now) . '\' AND ' . self::unclaimed($now)
        );

        return (int) Db::getInstance()->Affected_Rows();
    }

    /** Forget what was sent and what was given up; what waits stays. */
    public static function clear(): int
    {
        CausewayTable::run('DELETE FROM `' . CausewayTable::name() . '` WHERE `state` = \'sent\' OR `state` = \'failed\'');

        return (int) Db::getInstance()->Affected_Rows();
    }

    /** Keep what was sent for a week, and at most a thousand rows of it. */
    public static function prune(int $now)
    {
        $table = '`' . CausewayTable::name() . '`';
        $limits = ['`closed_at` < \'' . CausewayTable::time($now - self::KEEP_SECONDS) . '\''];
        $last = CausewayTable::ids(
            'SELECT `id_causeway_outbox` FROM ' . $table . ' WHERE `state` = \'sent\'
            ORDER BY `id_causeway_outbox` DESC LIMIT 1 OFFSET ' . self::KEEP_ROWS
        );
        if ($last) {
            $limits[] = '`id_causeway_outbox` <= ' . $last[0];
        }
        CausewayTable::run('DELETE FROM ' . $table . ' WHERE `state` = \'sent\' AND (' . implode(' OR ', $limits) . ')');
    }

    /**
     * How often this state of the record was told before, which is written down: a second change
     * within the same second has the same version and is news all the same.
     *
     * @param array<string, mixed> $row
     */
    public static function revision(array $row, string $version): int
    {
        if ($row['version'] === $version) {
            return (int) $row['revision'];
        }
        $told = CausewayTable::rows(
            'SELECT MAX(`revision`) AS `last`, COUNT(*) AS `told` FROM `' . CausewayTable::name() . '` WHERE '
            . self::record((string) $row['entity'], (int) $row['id_entity'], (int) $row['id_shop'])
            . ' AND `state` = \'sent\' AND `version` = ' . CausewayTable::quote($version)
        );
        $revision = $told && (int) $told[0]['told'] ? (int) $told[0]['last'] + 1 : 0;
        CausewayTable::update(['version' => $version, 'revision' => $revision], self::held($row));

        return $revision;
    }

    /** @param array<string, mixed> $row */
    private static function held(array $row): string
    {
        return '`id_causeway_outbox` = ' . (int) $row['id_causeway_outbox']
            . ' AND `claim` = ' . CausewayTable::quote((string) $row['claim']);
    }

    private static function record(string $entity, int $id, int $idShop): string
    {
        return '`entity` = ' . CausewayTable::quote($entity) . ' AND `id_entity` = ' . $id . ' AND `id_shop` = ' . $idShop;
    }

    private static function unclaimed(int $now, string $alias = ''): string
    {
        return '(' . $alias . '`claim` IS NULL OR ' . $alias . '`claim_until` < \'' . CausewayTable::time($now) . '\')';
    }
}
