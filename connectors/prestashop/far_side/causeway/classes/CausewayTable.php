<?php
/**
 * The outbox's table and how it is asked. SQL is plain, so that tests run it on SQLite and MariaDB.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayTable
{
    const ANSWER_LENGTH = 300;

    public static function create(): bool
    {
        return (bool) Db::getInstance()->execute(
            'CREATE TABLE IF NOT EXISTS `' . self::name() . '` (
                `id_causeway_outbox` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
                `message_id` VARCHAR(64) NOT NULL,
                `entity` VARCHAR(24) NOT NULL,
                `id_entity` INT UNSIGNED NOT NULL,
                `id_shop` INT UNSIGNED NOT NULL,
                `kind` VARCHAR(8) NOT NULL,
                `origin` VARCHAR(8) NOT NULL,
                `own` TINYINT UNSIGNED NOT NULL,
                `id_key` INT UNSIGNED NOT NULL,
                `before_value` VARCHAR(32) NULL,
                `facts` VARCHAR(500) NULL,
                `occurred_at` DATETIME NOT NULL,
                `state` VARCHAR(8) NOT NULL,
                `attempts` INT UNSIGNED NOT NULL,
                `due_at` DATETIME NOT NULL,
                `claim` CHAR(32) NULL,
                `claim_until` DATETIME NULL,
                `version` VARCHAR(64) NULL,
                `revision` INT UNSIGNED NOT NULL,
                `last_status` SMALLINT UNSIGNED NULL,
                `last_answer` VARCHAR(' . self::ANSWER_LENGTH . ') NULL,
                `closed_at` DATETIME NULL,
                PRIMARY KEY (`id_causeway_outbox`),
                KEY `due` (`state`, `due_at`),
                KEY `closed` (`state`, `closed_at`),
                KEY `record` (`entity`, `id_entity`, `id_shop`),
                KEY `claim` (`claim`)
            ) ENGINE=' . _MYSQL_ENGINE_ . ' DEFAULT CHARSET=utf8mb4'
        );
    }

    public static function drop(): bool
    {
        return (bool) Db::getInstance()->execute('DROP TABLE IF EXISTS `' . self::name() . '`');
    }

    public static function name(): string
    {
        return _DB_PREFIX_ . 'causeway_outbox';
    }

    public static function exists(string $table): bool
    {
        return (bool) self::rows('SHOW TABLES LIKE ' . self::quote(str_replace('_', '\\_', $table)));
    }

    /** @param int[] $ids */
    public static function in(array $ids): string
    {
        return '`id_causeway_outbox` IN (' . implode(', ', array_map('intval', $ids)) . ')';
    }

    /** @param array<string, mixed> $values */
    public static function update(array $values, string $where)
    {
        $parts = [];
        foreach ($values as $name => $value) {
            $parts[] = '`' . $name . '` = ' . self::quote($value);
        }
        self::run('UPDATE `' . self::name() . '` SET ' . implode(', ', $parts) . ' WHERE ' . $where);
    }

    /** @return int[] */
    public static function ids(string $sql): array
    {
        return array_map('intval', array_column(self::rows($sql), 'id_causeway_outbox'));
    }

    /** @return array<int, array<string, mixed>> */
    public static function rows(string $sql): array
    {
        $rows = Db::getInstance()->executeS($sql, true, false);
        if (!is_array($rows)) {
            throw new RuntimeException('the outbox cannot be read');
        }

        return $rows;
    }

    public static function run(string $sql)
    {
        if (!Db::getInstance()->execute($sql, false)) {
            throw new RuntimeException('the outbox cannot be written');
        }
    }

    /** @param mixed $value */
    public static function quote($value): string
    {
        if ($value === null) {
            return 'NULL';
        }

        return is_int($value) ? (string) $value : "'" . pSQL((string) $value, true) . "'";
    }

    public static function short(string $text): string
    {
        $clean = (string) preg_replace('/[^\x20-\x7E]+/', ' ', strip_tags($text));

        return substr(trim($clean), 0, self::ANSWER_LENGTH);
    }

    public static function time(int $moment): string
    {
        return gmdate('Y-m-d H:i:s', $moment);
    }
}
