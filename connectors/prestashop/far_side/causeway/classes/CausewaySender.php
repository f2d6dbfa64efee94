<?php
/**
 * Sends what is due, the oldest first, until nothing is due or its time is over.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewaySender
{
    const BATCH = 20;
    /** Seconds after which the rest of a batch goes back, well before its lease ends. */
    const BATCH_SECONDS = 60;
    const UNSET_PAUSE = 3600;

    /** @var CausewayPost */
    private $post;
    /** @var CausewayRest */
    private $rest;

    public function __construct(?CausewayPost $post = null)
    {
        $this->post = $post !== null ? $post : new CausewayPost();
        $this->rest = new CausewayRest();
    }

    /**
     * @param int $seconds after which no further row is begun
     *
     * @return int how much arrived
     */
    public function run(int $seconds): int
    {
        $end = time() + $seconds;
        $sent = 0;
        $failed = false;
        do {
            $until = min($end, time() + self::BATCH_SECONDS);
            $rows = CausewayOutbox::claim(bin2hex(random_bytes(16)), time(), self::BATCH);
            foreach ($rows as $row) {
                if (time() >= $until) {
                    CausewayOutbox::putBack($row, 0, time());
                    continue;
                }
                $state = $this->one($row);
                $sent += $state === CausewayVerdict::SENT ? 1 : 0;
                $failed = $failed || $state === CausewayVerdict::REFUSED;
            }
        } while ($rows && time() < $end);
        if ($sent) {
            CausewayOutbox::prune(time());
        }
        if ($failed) {
            self::countFailed();
        }

        return $sent;
    }

    /** @param array<string, mixed> $row */
    private function one(array $row): string
    {
        list($url, $secret) = CausewaySettings::endpoint((int) $row['id_shop']);
        $pause = $url === '' ? self::UNSET_PAUSE : $this->rest->left($url, time());
        if ($pause > 0) {
            CausewayOutbox::putBack($row, $pause, time());

            return CausewayVerdict::LATER;
        }
        $body = CausewayBody::of($row);
        if ($body === null) {
            CausewayOutbox::close($row, CausewayOutbox::SENT, 0, 'the record is gone', time());

            return CausewayVerdict::LATER;
        }
        $answer = $this->post->send($url, $secret, (string) $row['message_id'], $body, time());

        return $this->settle($row, $url, $answer);
    }

    /**
     * @param array<string, mixed> $row
     * @param array{status: int, text: string, retry_after: int} $answer
     */
    private function settle(array $row, string $url, array $answer): string
    {
        $now = time();
        $verdict = CausewayVerdict::of($answer['status']);
        if ($verdict === CausewayVerdict::SENT) {
            $this->rest->arrived($url);
            CausewayOutbox::close($row, CausewayOutbox::SENT, $answer['status'], '', $now);

            return $verdict;
        }
        $attempts = (int) $row['attempts'] + 1;
        if ($verdict === CausewayVerdict::LATER) {
            $this->rest->failed($url, $now, self::chance(), $answer['retry_after']);
        }
        $age = $now - (int) strtotime($row['occurred_at'] . ' UTC');
        if ($verdict === CausewayVerdict::REFUSED || CausewayVerdict::isGivenUp($attempts, $age)) {
            CausewayOutbox::close($row, CausewayOutbox::FAILED, $answer['status'], $answer['text'], $now);

            return CausewayVerdict::REFUSED;
        }
        $pause = max(CausewayVerdict::pause($attempts, self::chance()), min($answer['retry_after'], 3600));
        CausewayOutbox::postpone($row, $pause, $answer['status'], $answer['text'], $now);

        return $verdict;
    }

    /**
     * A test event, now. @return array{status: int, text: string, retry_after: int, ms: int}
     */
    public function test(int $idShop): array
    {
        list($url, $secret) = CausewaySettings::endpoint($idShop);
        if ($url === '') {
            return ['status' => 0, 'text' => '', 'retry_after' => 0, 'ms' => 0];
        }
        $began = microtime(true);
        $id = 'test_' . bin2hex(random_bytes(16));
        $answer = $this->post->send($url, $secret, $id, CausewayBody::test(time()), time());
        if (CausewayVerdict::of($answer['status']) === CausewayVerdict::SENT) {
            $this->rest->arrived($url);
        }

        return $answer + ['ms' => (int) round((microtime(true) - $began) * 1000)];
    }

    /** Read by Causeway's check of the connection. */
    public static function countFailed()
    {
        $failed = (string) CausewayStatus::count(CausewayOutbox::FAILED);
        if ((string) Configuration::get(CausewaySettings::FAILED) !== $failed) {
            Configuration::updateGlobalValue(CausewaySettings::FAILED, $failed);
        }
    }

    private static function chance(): float
    {
        return random_int(0, 1000) / 1000;
    }
}
