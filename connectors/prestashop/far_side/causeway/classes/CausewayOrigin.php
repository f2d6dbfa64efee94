<?php
/**
 * Who makes the changes of this request. The webservice key is compared here and never sent.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayOrigin
{
    const FRONT = 'front';
    const ADMIN = 'admin';
    const API = 'api';
    const CLI = 'cli';

    /** @var int|null */
    private static $idKey;

    public static function mark(CausewayNews $news)
    {
        $news->origin = self::name();
        if ($news->origin === self::API) {
            $news->idKey = self::idKey();
            $news->own = $news->idKey > 0 && $news->idKey === CausewaySettings::ownKey($news->idShop);
        }
    }

    public static function name(): string
    {
        if (defined('_PS_API_IN_USE_')) {
            return self::API;
        }
        if (defined('_PS_ADMIN_DIR_')) {
            return self::ADMIN;
        }

        return PHP_SAPI === 'cli' ? self::CLI : self::FRONT;
    }

    /**
     * The key that a webservice request carries: as user name of Basic authentication, which some
     * servers hand on unread, or as parameter.
     *
     * @param array<string, mixed> $server
     * @param array<string, mixed> $query
     */
    public static function key(array $server, array $query): string
    {
        if (isset($server['PHP_AUTH_USER']) && $server['PHP_AUTH_USER'] !== '') {
            return (string) $server['PHP_AUTH_USER'];
        }
        foreach (['HTTP_AUTHORIZATION', 'REDIRECT_HTTP_AUTHORIZATION'] as $name) {
            if (isset($server[$name]) && stripos((string) $server[$name], 'basic ') === 0) {
                $pair = (string) base64_decode(substr((string) $server[$name], 6), true);

                return explode(':', $pair, 2)[0];
            }
        }

        return isset($query['ws_key']) && is_string($query['ws_key']) ? $query['ws_key'] : '';
    }

    /** The row of the request's key, 0 for none. */
    private static function idKey(): int
    {
        if (self::$idKey === null) {
            self::$idKey = self::find(self::key($_SERVER, $_GET));
        }

        return self::$idKey;
    }

    private static function find(string $key): int
    {
        if ($key === '') {
            return 0;
        }
        $row = Db::getInstance()->getRow(
            'SELECT `id_webservice_account`, `key` FROM `' . _DB_PREFIX_ . 'webservice_account`
            WHERE `key` = \'' . pSQL($key, true) . '\'',
            false
        );
        // The database compares without case; a key does not.
        if (!$row || !hash_equals(hash('sha256', (string) $row['key']), hash('sha256', $key))) {
            return 0;
        }

        return (int) $row['id_webservice_account'];
    }

    /** For tests, and for what serves several requests in one process. */
    public static function forget()
    {
        self::$idKey = null;
    }
}
