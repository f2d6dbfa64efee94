<?php
/**
 * Events that wait for their delivery, and the delivery: signed as Standard Webhooks describes
 * (headers webhook-id, webhook-timestamp, webhook-signature), oldest first, until Causeway
 * answers with 2xx. Times in the table are UTC.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayQueue
{
    const BATCH = 20;
    const CLAIM_SECONDS = 120;
    const MAX_PAUSE_SECONDS = 3600;

    public static function createTable()
    {
        return Db::getInstance()->execute(
            'CREATE TABLE IF NOT EXISTS `' . self::table() . '` (
                `id_causeway_queue` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
                `event` VARCHAR(32) NOT NULL,
                `id_order` INT UNSIGNED NOT NULL,
                `origin` VARCHAR(8) NOT NULL,
                `occurred_at` DATETIME NOT NULL,
                `attempts` INT UNSIGNED NOT NULL DEFAULT 0,
                `next_try` DATETIME NOT NULL,
                `claim` CHAR(32) NULL,
                `claimed_at` DATETIME NULL,
                PRIMARY KEY (`id_causeway_queue`),
                KEY `claim` (`claim`)
            ) ENGINE=' . _MYSQL_ENGINE_ . ' DEFAULT CHARSET=utf8mb4'
        );
    }

    public static function dropTable()
    {
        return Db::getInstance()->execute('DROP TABLE IF EXISTS `' . self::table() . '`');
    }

    public static function add($event, $idOrder, $origin)
    {
        $added = Db::getInstance()->execute(
            'INSERT INTO `' . self::table() . '` (`event`, `id_order`, `origin`, `occurred_at`, `next_try`)
            VALUES ("' . pSQL($event) . '", ' . (int) $idOrder . ', "' . pSQL($origin) . '",
                UTC_TIMESTAMP(), UTC_TIMESTAMP())'
        );
        if (!$added) {
            throw new RuntimeException('the event could not be queued');
        }
    }

    public static function count()
    {
        return (int) Db::getInstance()->getValue('SELECT COUNT(*) FROM `' . self::table() . '`', false);
    }

    /** At the end of a request, where PHP can send the answer first. Otherwise cron does it. */
    public static function deliverAfterAnswer()
    {
        if (!function_exists('fastcgi_finish_request')) {
            return;
        }
        if (session_status() === PHP_SESSION_ACTIVE) {
            session_write_close();
        }
        fastcgi_finish_request();
        try {
            self::deliver();
        } catch (Throwable $error) {
            PrestaShopLogger::addLog('Causeway: ' . $error->getMessage(), 3);
        }
    }

    /**
     * Send what is due, oldest first; the first failure ends it, so that the order is kept.
     *
     * @return int number of deliveries that were accepted
     */
    public static function deliver()
    {
        $url = (string) Configuration::get('CAUSEWAY_URL');
        $key = self::key((string) Configuration::get('CAUSEWAY_SECRET'));
        if ($url === '' || $key === '') {
            return 0;
        }
        $claim = bin2hex(random_bytes(16));
        $sent = 0;
        foreach (self::claim($claim) as $row) {
            $body = self::body($row);
            if ($body !== null && !self::post($url, $key, self::messageId($row), $body)) {
                self::postpone($row);
                break;
            }
            Db::getInstance()->execute(
                'DELETE FROM `' . self::table() . '`
                WHERE `id_causeway_queue` = ' . (int) $row['id_causeway_queue'] . ' AND `claim` = "' . pSQL($claim) . '"'
            );
            ++$sent;
        }
        Db::getInstance()->execute(
            'UPDATE `' . self::table() . '` SET `claim` = NULL, `claimed_at` = NULL WHERE `claim` = "' . pSQL($claim) . '"'
        );

        return $sent;
    }

    /**
     * Reserve rows for this process; a claim that is too old belonged to one that died. While the
     * oldest row waits for its next try, or another process delivers, nothing is reserved.
     */
    private static function claim($claim)
    {
        $db = Db::getInstance();
        $oldest = $db->getRow(
            'SELECT (`next_try` <= UTC_TIMESTAMP()
                AND (`claim` IS NULL OR `claimed_at` < UTC_TIMESTAMP() - INTERVAL ' . self::CLAIM_SECONDS . ' SECOND)) AS `due`
            FROM `' . self::table() . '` ORDER BY `id_causeway_queue`',
            false
        );
        if (!$oldest || !(int) $oldest['due']) {
            return [];
        }
        $db->execute(
            'UPDATE `' . self::table() . '` SET `claim` = "' . pSQL($claim) . '", `claimed_at` = UTC_TIMESTAMP()
            WHERE `claim` IS NULL OR `claimed_at` < UTC_TIMESTAMP() - INTERVAL ' . self::CLAIM_SECONDS . ' SECOND
            ORDER BY `id_causeway_queue` LIMIT ' . self::BATCH
        );
        $rows = $db->executeS(
            'SELECT * FROM `' . self::table() . '` WHERE `claim` = "' . pSQL($claim) . '" ORDER BY `id_causeway_queue`',
            true,
            false
        );

        return $rows ?: [];
    }

    /** The delivery as it is now; null when the order is gone, which nobody needs to hear. */
    private static function body(array $row)
    {
        $order = new Order((int) $row['id_order']);
        if (!Validate::isLoadedObject($order)) {
            return null;
        }

        return json_encode([
            'event' => $row['event'],
            'entity' => 'order',
            'id' => (string) $order->id,
            'reference' => (string) $order->reference,
            'current_state' => (string) $order->current_state,
            'date_upd' => (string) $order->date_upd,
            'occurred_at' => str_replace(' ', 'T', $row['occurred_at']) . 'Z',
            'sequence' => (int) $row['id_causeway_queue'],
            'origin' => $row['origin'],
            'shop' => rtrim(Tools::getShopDomainSsl(true) . __PS_BASE_URI__, '/'),
        ], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }

    /** The same on every attempt: Causeway takes a repeated delivery once. */
    private static function messageId(array $row)
    {
        return 'ps-' . substr(hash('sha256', _COOKIE_KEY_), 0, 12) . '-' . (int) $row['id_causeway_queue'];
    }

    private static function key($secret)
    {
        if (strpos($secret, 'whsec_') === 0) {
            return (string) base64_decode(substr($secret, 6), true);
        }

        return $secret;
    }

    private static function post($url, $key, $id, $body)
    {
        $timestamp = (string) time();
        $signature = base64_encode(hash_hmac('sha256', $id . '.' . $timestamp . '.' . $body, $key, true));
        $curl = curl_init($url);
        curl_setopt_array($curl, [
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => [
                'Content-Type: application/json',
                'Expect:',
                'webhook-id: ' . $id,
                'webhook-timestamp: ' . $timestamp,
                'webhook-signature: v1,' . $signature,
            ],
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_CONNECTTIMEOUT => 5,
            CURLOPT_TIMEOUT => 10,
        ]);
        curl_exec($curl);
        $status = (int) curl_getinfo($curl, CURLINFO_HTTP_CODE);
        unset($curl);

        return $status >= 200 && $status < 300;
    }

    /** Try again later: 10 s, 20 s, 40 s and so on, at most an hour. Nothing is given up. */
    private static function postpone(array $row)
    {
        $pause = min(10 * (2 ** min((int) $row['attempts'], 10)), self::MAX_PAUSE_SECONDS);
        Db::getInstance()->execute(
            'UPDATE `' . self::table() . '` SET `attempts` = `attempts` + 1,
                `next_try` = UTC_TIMESTAMP() + INTERVAL ' . (int) $pause . ' SECOND
            WHERE `id_causeway_queue` = ' . (int) $row['id_causeway_queue']
        );
    }

    private static function table()
    {
        return _DB_PREFIX_ . 'causeway_queue';
    }
}
