<?php
/**
 * What the outbox holds, for the configuration page and for cron.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayStatus
{
    const RECENT = 20;

    public static function count(string $state): int
    {
        $rows = CausewayTable::rows(
            'SELECT COUNT(*) AS `n` FROM `' . CausewayTable::name() . '` WHERE `state` = '
            . CausewayTable::quote($state)
        );

        return (int) $rows[0]['n'];
    }

    /** @return string '' for never; UTC */
    public static function lastSent(): string
    {
        $rows = CausewayTable::rows(
            'SELECT `closed_at` FROM `' . CausewayTable::name() . '` WHERE `state` = \'sent\'
            ORDER BY `closed_at` DESC LIMIT 1'
        );

        return $rows ? (string) $rows[0]['closed_at'] : '';
    }

    /** @return array<string, mixed>|null the newest row that was answered badly */
    public static function lastError()
    {
        $rows = CausewayTable::rows(
            'SELECT `last_status`, `last_answer`, `due_at`, `closed_at`, `state` FROM `' . CausewayTable::name() . '`
            WHERE `state` <> \'sent\' AND `last_status` IS NOT NULL ORDER BY `id_causeway_outbox` DESC LIMIT 1'
        );

        return $rows ? ['last_answer' => (string) $rows[0]['last_answer']] + $rows[0] : null;
    }

    /** @return array<int, array<string, mixed>> newest first */
    public static function recent(): array
    {
        return CausewayTable::rows(
            'SELECT `id_causeway_outbox`, `entity`, `id_entity`, `kind`, `origin`, `own`, `occurred_at`, `state`,
                `attempts`, `due_at`, `last_status`, `last_answer`, `closed_at`
            FROM `' . CausewayTable::name() . '` ORDER BY `id_causeway_outbox` DESC LIMIT ' . self::RECENT
        );
    }
}
