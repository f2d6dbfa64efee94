<?php
/**
 * Short hashes of a record's fields: they say that a field changed, and not to what.
 *
 * The connector computes the same from what the webservice reads, so that a change seen by hook
 * and by poll has one name. Pure: needs no PrestaShop.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayDigest
{
    const LENGTH = 12;

    /**
     * One spelling for every way in which a value is stored or sent: null and false are '', true '1';
     * decimals lose their trailing zeros.
     *
     * @param mixed $value
     */
    public static function canonical($value): string
    {
        if ($value === null || $value === false) {
            return '';
        }
        $text = (string) $value;
        if (preg_match('/^-?\d+\.\d+$/D', $text)) {
            $text = rtrim(rtrim($text, '0'), '.');

            return $text === '-0' ? '0' : $text;
        }

        return $text;
    }

    /**
     * Salted with the record, so that equal values of two records do not show.
     *
     * @param array<string, mixed> $values
     *
     * @return array<string, string>
     */
    public static function fields(string $entity, int $id, array $values): array
    {
        $found = [];
        foreach ($values as $name => $value) {
            $salted = $entity . '/' . $id . '/' . $name . '=' . self::canonical($value);
            $found[$name] = substr(hash('sha256', $salted), 0, self::LENGTH);
        }

        ksort($found);

        return $found;
    }

    /** One hash for all of them. @param array<string, string> $hashes */
    public static function mark(array $hashes): string
    {
        ksort($hashes);

        return substr(hash('sha256', implode('', $hashes)), 0, self::LENGTH);
    }
}
