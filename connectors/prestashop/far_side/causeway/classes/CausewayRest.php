<?php
/**
 * Addresses that failed are left alone for a while, whatever news comes: a Causeway that is down
 * must not cost every request of the shop a timeout.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayRest
{
    /** @var array<string, array{until: int, failures: int}> by a hash of the address */
    private $known;

    public function __construct()
    {
        $stored = json_decode((string) Configuration::get(CausewaySettings::REST), true);
        $this->known = is_array($stored) ? $stored : [];
    }

    /** Seconds for which the address still rests. */
    public function left(string $url, int $now): int
    {
        $key = self::key($url);

        return isset($this->known[$key]) ? max(0, (int) $this->known[$key]['until'] - $now) : 0;
    }

    public function failed(string $url, int $now, float $chance, int $retryAfter)
    {
        $key = self::key($url);
        $failures = 1 + (isset($this->known[$key]) ? (int) $this->known[$key]['failures'] : 0);
        $until = $now + CausewayVerdict::rest($failures, $chance, $retryAfter);
        $this->known[$key] = ['until' => $until, 'failures' => $failures];
        $this->store();
    }

    public function arrived(string $url)
    {
        $key = self::key($url);
        if (isset($this->known[$key])) {
            unset($this->known[$key]);
            $this->store();
        }
    }

    /** A person says: try now. */
    public static function end()
    {
        Configuration::updateGlobalValue(CausewaySettings::REST, '');
    }

    private function store()
    {
        // Of addresses that were replaced nothing has to be kept.
        $this->known = array_slice($this->known, -50, null, true);
        Configuration::updateGlobalValue(
            CausewaySettings::REST,
            $this->known ? json_encode($this->known) : ''
        );
    }

    private static function key(string $url): string
    {
        return substr(hash('sha256', $url), 0, 16);
    }
}
