<?php
/**
 * The body of a delivery: what happened to which record, and what the record says now. It is read
 * when it is sent, so that late news still tells the latest.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayBody
{
    /**
     * @param array<string, mixed> $row of the outbox, claimed
     *
     * @return string|null JSON; null when the record is gone, which its deletion tells
     */
    public static function of(array $row)
    {
        $entity = (string) $row['entity'];
        $id = (int) $row['id_entity'];
        $facts = $row['facts'] ? (array) json_decode((string) $row['facts'], true) : [];
        $record = [];
        if ($row['kind'] !== CausewayEntity::DELETED) {
            $found = self::read($entity, $id, (int) $row['id_shop']);
            if ($found === null) {
                return null;
            }
            $record = self::told($entity, $id, $found, $row);
        }
        $idShop = (int) $row['id_shop'];
        $ownKey = CausewaySettings::ownKey($idShop);
        $body = [
            'event' => CausewayEntity::NOUN[$entity] . '.' . $row['kind'],
            'entity' => $entity,
            'id' => (string) $id,
            'id_shop' => $idShop > 0 ? (string) $idShop : null,
        ] + $facts + $record + [
            'occurred_at' => str_replace(' ', 'T', (string) $row['occurred_at']) . 'Z',
            'sequence' => (int) $row['id_causeway_outbox'],
            'origin' => (string) $row['origin'],
            'key_id' => (int) $row['id_key'] > 0 ? (string) $row['id_key'] : null,
            'own' => $ownKey > 0 ? (bool) (int) $row['own'] : null,
            'shop' => self::shop(),
            'module' => (string) Configuration::get(CausewaySettings::VERSION),
        ];

        return self::json($body);
    }

    /** What anybody may hear who wants to know whether deliveries arrive. */
    public static function test(int $now): string
    {
        return self::json([
            'event' => 'causeway.test',
            'occurred_at' => gmdate('Y-m-d\TH:i:s\Z', $now),
            'sent_by' => 'prestashop',
            'shop' => self::shop(),
            'module' => (string) Configuration::get(CausewaySettings::VERSION),
        ]);
    }

    /** @return array<string, mixed>|null */
    private static function read(string $entity, int $id, int $idShop)
    {
        $shop = $idShop > 0 ? $idShop : (int) Configuration::get('PS_SHOP_DEFAULT');
        // A product that is not sold in this shop is told by what another one says of it.
        foreach (array_unique([$shop, 0]) as $one) {
            $rows = CausewayTable::rows(CausewayEntity::select(_DB_PREFIX_, $entity, $id, $one));
            if ($rows) {
                return $rows[0];
            }
        }

        return null;
    }

    /**
     * @param array<string, mixed> $found
     * @param array<string, mixed> $row
     *
     * @return array<string, mixed>
     */
    private static function told(string $entity, int $id, array $found, array $row): array
    {
        $record = ['hashes' => CausewayDigest::fields(
            $entity,
            $id,
            array_intersect_key($found, array_flip(CausewayEntity::TABLE[$entity]['hashed']))
        )];
        if (isset($found['date_upd'])) {
            // The name that a poll gives to this state too.
            $state = $entity === CausewayEntity::ORDER ? $found['current_state'] : CausewayDigest::mark($record['hashes']);
            $version = $found['date_upd'] . '/' . $state;
            $revision = CausewayOutbox::revision($row, $version);
            $record['date_add'] = (string) $found['date_add'];
            $record['date_upd'] = (string) $found['date_upd'];
            $record['version'] = $version . ($revision > 0 ? '/' . $revision : '');
        }
        switch ($entity) {
            case CausewayEntity::ORDER:
                $record['reference'] = (string) $found['reference'];
                $record['current_state'] = (string) $found['current_state'];
                break;
            case CausewayEntity::TRACKING:
                $record['order_id'] = (string) $found['id_order'];
                $record['carrier_id'] = (string) $found['id_carrier'];
                $record['tracking_number'] = (string) $found['tracking_number'];
                $record['reference'] = (string) Db::getInstance()->getValue(
                    'SELECT `reference` FROM `' . _DB_PREFIX_ . 'orders` WHERE `id_order` = ' . (int) $found['id_order'],
                    false
                );
                break;
            case CausewayEntity::CUSTOMER:
                $record['email'] = (string) $found['email'];
                break;
            case CausewayEntity::ADDRESS:
                $record['customer_id'] = (string) $found['id_customer'];
                break;
            case CausewayEntity::PRODUCT:
                $record['reference'] = (string) $found['reference'];
                break;
            case CausewayEntity::COMBINATION:
                $record['product_id'] = (string) $found['id_product'];
                $record['reference'] = (string) $found['reference'];
                break;
            case CausewayEntity::STOCK:
                $record['product_id'] = (string) $found['id_product'];
                $record['combination_id'] = (string) $found['id_product_attribute'];
                $record['quantity'] = (int) $found['quantity'];
                $record['before'] = $row['before_value'] === null ? null : (int) $row['before_value'];
                break;
        }

        return $record;
    }

    private static function shop(): string
    {
        return rtrim(Tools::getShopDomainSsl(true) . __PS_BASE_URI__, '/');
    }

    /** @param array<string, mixed> $body */
    private static function json(array $body): string
    {
        $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;

        return (string) json_encode($body, $flags);
    }
}
