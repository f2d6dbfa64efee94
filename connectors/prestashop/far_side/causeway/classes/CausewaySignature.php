<?php
/**
 * The three headers of Standard Webhooks (standardwebhooks.com). Pure: needs no PrestaShop.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewaySignature
{
    const PREFIX = 'whsec_';

    /** The key's bytes: base64 after the prefix whsec_, else the secret itself; '' if unusable. */
    public static function key(string $secret): string
    {
        if (strpos($secret, self::PREFIX) !== 0) {
            return $secret;
        }
        $key = base64_decode(substr($secret, strlen(self::PREFIX)), true);

        return $key === false ? '' : $key;
    }

    /** @return string[] header lines */
    public static function headers(string $secret, string $id, int $timestamp, string $body): array
    {
        $content = $id . '.' . $timestamp . '.' . $body;
        $signature = base64_encode(hash_hmac('sha256', $content, self::key($secret), true));

        return [
            'webhook-id: ' . $id,
            'webhook-timestamp: ' . $timestamp,
            'webhook-signature: v1,' . $signature,
        ];
    }
}
