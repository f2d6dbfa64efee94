<?php
/**
 * What an answer means, and how long to wait after it. Pure: needs no PrestaShop.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayVerdict
{
    /** Taken. */
    const SENT = 'sent';
    /** This news will never be taken: it is given up at once. */
    const REFUSED = 'refused';
    /** The address, the secret or the other side is at fault: all news of this address waits. */
    const LATER = 'later';

    const FIRST_PAUSE = 10;
    const LONGEST_PAUSE = 3600;
    const LONGEST_REST = 900;
    /** Given up when it was tried this often and is this old. */
    const ATTEMPTS = 10;
    const PATIENCE = 259200;

    /** What a status says; 0 is no answer. 400, 413 and 422 are about the body (docs/hooks.md). */
    public static function of(int $status): string
    {
        if ($status >= 200 && $status < 300) {
            return self::SENT;
        }

        return in_array($status, [400, 413, 422], true) ? self::REFUSED : self::LATER;
    }

    /**
     * Seconds before the next attempt: 10, 20, 40 and so on, at most an hour, a fifth of it by chance
     * so that what failed together does not come again together.
     *
     * @param float $chance from 0 to 1
     */
    public static function pause(int $attempts, float $chance, int $longest = self::LONGEST_PAUSE): int
    {
        $pause = min(self::FIRST_PAUSE * (2 ** min(max($attempts, 1) - 1, 12)), $longest);

        return (int) round($pause * (0.8 + 0.2 * $chance));
    }

    /** The longer of our pause and what Retry-After asks for, which is believed up to an hour. */
    public static function rest(int $failures, float $chance, int $retryAfter): int
    {
        $asked = min(max($retryAfter, 0), self::LONGEST_PAUSE);

        return max($asked, self::pause($failures, $chance, self::LONGEST_REST));
    }

    public static function isGivenUp(int $attempts, int $age): bool
    {
        return $attempts >= self::ATTEMPTS && $age >= self::PATIENCE;
    }
}
