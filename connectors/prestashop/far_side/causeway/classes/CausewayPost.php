<?php
/**
 * One signed POST to the address that was entered, and to no other: redirects are not followed.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayPost
{
    const CONNECT_SECONDS = 5;
    const SECONDS = 10;
    const ANSWER_BYTES = 2048;

    /** @var resource|CurlHandle|null kept, so that a batch needs one connection */
    private $curl;
    /** @var string */
    private $read = '';
    /** @var int */
    private $retryAfter = 0;

    /** @return array{status: int, text: string, retry_after: int} status 0: no answer, text says why */
    public function send(string $url, string $secret, string $id, string $body, int $now): array
    {
        if ($this->curl === null) {
            $this->curl = curl_init();
        }
        $this->read = '';
        $this->retryAfter = 0;
        curl_setopt_array($this->curl, [
            CURLOPT_URL => $url,
            CURLOPT_POST => true,
            CURLOPT_POSTFIELDS => $body,
            CURLOPT_HTTPHEADER => array_merge(
                ['Content-Type: application/json', 'Expect:', 'Prefer: respond-async'],
                CausewaySignature::headers($secret, $id, $now, $body)
            ),
            CURLOPT_USERAGENT => 'Causeway-PrestaShop/' . Configuration::get(CausewaySettings::VERSION),
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_CONNECTTIMEOUT => self::CONNECT_SECONDS,
            CURLOPT_TIMEOUT => self::SECONDS,
            CURLOPT_WRITEFUNCTION => [$this, 'keep'],
            CURLOPT_HEADERFUNCTION => [$this, 'note'],
        ]);
        curl_exec($this->curl);
        $status = (int) curl_getinfo($this->curl, CURLINFO_HTTP_CODE);
        if ($status === 0) {
            return ['status' => 0, 'text' => curl_error($this->curl), 'retry_after' => 0];
        }

        return ['status' => $status, 'text' => self::said($this->read), 'retry_after' => $this->retryAfter];
    }

    /** The beginning of an answer is enough. */
    public function keep($curl, string $part): int
    {
        $this->read .= substr($part, 0, max(0, self::ANSWER_BYTES - strlen($this->read)));

        return strlen($part);
    }

    public function note($curl, string $line): int
    {
        if (preg_match('/^retry-after:\s*(\d{1,6})\s*$/i', $line, $found)) {
            $this->retryAfter = (int) $found[1];
        }

        return strlen($line);
    }

    /** The sentence of a problem document, else the beginning of the text. */
    private static function said(string $text): string
    {
        $document = json_decode($text, true);
        if (is_array($document) && isset($document['detail']) && is_string($document['detail'])) {
            return $document['detail'];
        }

        return $text;
    }
}
