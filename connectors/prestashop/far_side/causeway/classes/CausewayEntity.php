<?php
/**
 * The records that news is about: where they are stored and which fields are hashed. Pure.
 *
 * The fields are those that the connector's polls read too (connectors/prestashop/marks.py).
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayEntity
{
    const ORDER = 'order';
    const TRACKING = 'order_carrier';
    const CUSTOMER = 'customer';
    const ADDRESS = 'address';
    const PRODUCT = 'product';
    const COMBINATION = 'combination';
    const STOCK = 'stock';

    const CREATED = 'created';
    const UPDATED = 'updated';
    const DELETED = 'deleted';

    /** What the events are called, beside the change: "tracking.updated". */
    const NOUN = [
        self::ORDER => 'order',
        self::TRACKING => 'tracking',
        self::CUSTOMER => 'customer',
        self::ADDRESS => 'address',
        self::PRODUCT => 'product',
        self::COMBINATION => 'combination',
        self::STOCK => 'stock',
    ];

    /** Table, its key, fields that are read and fields that are hashed; `shop` fields are the shop's. */
    const TABLE = [
        self::ORDER => [
            'table' => 'orders',
            'key' => 'id_order',
            'read' => ['reference', 'current_state', 'id_shop', 'date_add', 'date_upd'],
            'hashed' => [
                'current_state', 'valid', 'id_carrier', 'id_address_delivery', 'id_address_invoice',
                'payment', 'total_paid', 'total_paid_real', 'invoice_number', 'delivery_number',
            ],
            'shop' => [],
        ],
        self::TRACKING => [
            'table' => 'order_carrier',
            'key' => 'id_order_carrier',
            'read' => ['id_order', 'id_carrier', 'tracking_number'],
            'hashed' => ['id_carrier', 'tracking_number'],
            'shop' => [],
        ],
        self::CUSTOMER => [
            'table' => 'customer',
            'key' => 'id_customer',
            'read' => ['email', 'id_shop', 'date_add', 'date_upd'],
            'hashed' => ['email', 'firstname', 'lastname', 'company', 'active', 'newsletter'],
            'shop' => [],
        ],
        self::ADDRESS => [
            'table' => 'address',
            'key' => 'id_address',
            'read' => ['id_customer', 'date_add', 'date_upd'],
            'hashed' => [
                'id_customer', 'id_country', 'firstname', 'lastname', 'company', 'address1',
                'address2', 'postcode', 'city', 'phone', 'deleted',
            ],
            'shop' => [],
        ],
        self::PRODUCT => [
            'table' => 'product',
            'key' => 'id_product',
            'read' => ['reference', 'date_add', 'date_upd'],
            'hashed' => ['reference', 'active', 'price', 'ean13', 'id_category_default'],
            'shop' => ['active', 'price', 'id_category_default', 'date_add', 'date_upd'],
        ],
        self::COMBINATION => [
            'table' => 'product_attribute',
            'key' => 'id_product_attribute',
            'read' => ['id_product', 'reference'],
            'hashed' => ['id_product', 'reference', 'ean13', 'price', 'weight', 'minimal_quantity'],
            'shop' => ['price', 'weight', 'minimal_quantity'],
        ],
        self::STOCK => [
            'table' => 'stock_available',
            'key' => 'id_stock_available',
            'read' => ['id_product', 'id_product_attribute', 'quantity', 'id_shop'],
            'hashed' => ['quantity'],
            'shop' => [],
        ],
    ];

    /**
     * The select statement of one record.
     *
     * @param int $idShop whose own values are read where a record has some; 0: of the first that has it
     */
    public static function select(string $prefix, string $entity, int $id, int $idShop): string
    {
        $one = self::TABLE[$entity];
        $columns = [];
        foreach (array_unique(array_merge($one['read'], $one['hashed'])) as $name) {
            $columns[] = (in_array($name, $one['shop'], true) ? 's' : 't') . '.`' . $name . '`';
        }
        $join = '';
        if ($one['shop']) {
            $join = ' INNER JOIN `' . $prefix . $one['table'] . '_shop` s ON s.`' . $one['key'] . '` = t.`'
                . $one['key'] . '`' . ($idShop > 0 ? ' AND s.`id_shop` = ' . $idShop : '');
        }

        return 'SELECT ' . implode(', ', $columns) . ' FROM `' . $prefix . $one['table'] . '` t' . $join
            . ' WHERE t.`' . $one['key'] . '` = ' . $id . ($join !== '' ? ' ORDER BY s.`id_shop` LIMIT 1' : '');
    }
}
