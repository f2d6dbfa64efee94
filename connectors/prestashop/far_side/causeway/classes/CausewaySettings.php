<?php
/**
 * What the configuration page stores: address, secret and events may differ from shop to shop.
 *
 * The secret is kept encrypted with the shop's own key: whoever may read `configurations` over the
 * webservice does not read it.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewaySettings
{
    const URL = 'CAUSEWAY_URL';
    const SECRET = 'CAUSEWAY_SECRET';
    const EVENTS = 'CAUSEWAY_EVENTS';
    const KEY = 'CAUSEWAY_KEY';
    const CRON_TOKEN = 'CAUSEWAY_CRON_TOKEN';
    const VERSION = 'CAUSEWAY_VERSION';
    const FAILED = 'CAUSEWAY_FAILED';
    const REST = 'CAUSEWAY_REST';
    const ALL = [
        self::URL, self::SECRET, self::EVENTS, self::KEY, self::CRON_TOKEN, self::VERSION, self::FAILED,
        self::REST,
    ];
    const SEALED = 'enc:';

    /** Where news of a shop goes: [address, secret], both '' where nothing is entered. */
    public static function endpoint(int $idShop): array
    {
        $url = (string) self::get(self::URL, $idShop);
        $secret = self::open((string) self::get(self::SECRET, $idShop));
        if ($url === '' || CausewaySignature::key($secret) === '') {
            return ['', ''];
        }

        return [$url, $secret];
    }

    public static function listensTo(string $entity, int $idShop): bool
    {
        return in_array($entity, self::entities($idShop), true);
    }

    /** @return string[] all of them until somebody chooses */
    public static function entities(int $idShop): array
    {
        $chosen = self::get(self::EVENTS, $idShop);
        $all = array_keys(CausewayEntity::NOUN);
        if ($chosen === false || $chosen === null) {
            return $all;
        }

        return array_values(array_intersect($all, explode(',', (string) $chosen)));
    }

    /** The row of the webservice key that Causeway uses; 0 until it is chosen. */
    public static function ownKey(int $idShop): int
    {
        return (int) self::get(self::KEY, $idShop);
    }

    /** @return mixed false where nothing is stored */
    private static function get(string $name, int $idShop)
    {
        return $idShop > 0 ? Configuration::get($name, null, null, $idShop) : Configuration::get($name);
    }

    public static function seal(string $secret): string
    {
        if (!class_exists('PhpEncryption') || !defined('_NEW_COOKIE_KEY_')) {
            return $secret;
        }
        try {
            return self::SEALED . (new PhpEncryption(_NEW_COOKIE_KEY_))->encrypt($secret);
        } catch (Exception $error) {
            return $secret;
        }
    }

    /** '' when the shop's key is another than when it was sealed. 1.0 stored it as it is. */
    private static function open(string $stored): string
    {
        if (strpos($stored, self::SEALED) !== 0) {
            return $stored;
        }
        try {
            $secret = (new PhpEncryption(_NEW_COOKIE_KEY_))->decrypt(substr($stored, strlen(self::SEALED)));

            return is_string($secret) ? $secret : '';
        } catch (Exception $error) {
            return '';
        }
    }
}
