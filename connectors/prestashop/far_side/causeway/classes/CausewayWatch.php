<?php
/**
 * From what a hook hands over to news, or to nothing where nothing changed that news is about.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayWatch
{
    /** @var array<int, string|null> stock rows' quantities before this request wrote them */
    private static $quantities = [];
    /** @var array<int, string> parcels' carrier and number before this request wrote them */
    private static $parcels = [];

    /**
     * Never lets a fault of ours break what the shop is doing.
     *
     * @param mixed $given what the method of that name takes
     */
    public static function on(string $what, ...$given)
    {
        try {
            self::$what(...$given);
        } catch (Throwable $error) {
            CausewayRequest::log($error);
        }
    }

    /** @param array<string, mixed> $params */
    private static function saved(string $entity, $params, string $change, string $name = 'object')
    {
        $object = self::object($params, $name);
        if ($object === null) {
            return;
        }
        $news = new CausewayNews($entity, (int) $object->id, $change, self::shopOf($entity, $object));
        if ($change === CausewayEntity::DELETED) {
            $news->facts = self::facts($entity, $object);
        }
        if ($entity === CausewayEntity::STOCK) {
            $id = (int) $object->id;
            $news->before = isset(self::$quantities[$id]) ? self::$quantities[$id] : null;
        }
        CausewayRequest::tell($news);
    }

    /** An order got a state. */
    private static function stateAdded($params)
    {
        $history = self::object($params, 'order_history');
        if ($history !== null) {
            self::order((int) $history->id_order);
        }
    }

    private static function order(int $id)
    {
        if ($id > 0) {
            $idShop = (int) self::value('SELECT `id_shop` FROM `' . _DB_PREFIX_ . 'orders` WHERE `id_order` = ' . $id);
            CausewayRequest::tell(new CausewayNews(CausewayEntity::ORDER, $id, CausewayEntity::UPDATED, $idShop));
        }
    }

    /** A parcel that came with its order is told with the order. */
    private static function parcelAdded($params)
    {
        $parcel = self::object($params, 'object');
        if ($parcel !== null && !CausewayRequest::made(CausewayEntity::ORDER, (int) $parcel->id_order)) {
            self::saved(CausewayEntity::TRACKING, $params, CausewayEntity::CREATED);
        }
    }

    /** A parcel is saved for many reasons: what counts is its number and its carrier. */
    private static function beforeTracking($params)
    {
        $parcel = self::object($params, 'object');
        if ($parcel !== null) {
            $id = (int) $parcel->id;
            self::$parcels[$id] = (string) self::value(
                'SELECT CONCAT(`id_carrier`, \'/\', COALESCE(`tracking_number`, \'\'))
                FROM `' . _DB_PREFIX_ . 'order_carrier` WHERE `id_order_carrier` = ' . $id
            );
        }
    }

    private static function tracked($params)
    {
        $parcel = self::object($params, 'object');
        if ($parcel === null) {
            return;
        }
        $id = (int) $parcel->id;
        $now = (int) $parcel->id_carrier . '/' . $parcel->tracking_number;
        if (!isset(self::$parcels[$id]) || self::$parcels[$id] !== $now) {
            self::saved(CausewayEntity::TRACKING, $params, CausewayEntity::UPDATED);
        }
    }

    /** The back office tells the order and not the parcel, after it has saved it. */
    private static function trackedByOrder($params)
    {
        $order = self::object($params, 'order');
        if ($order === null || isset(self::$parcels[self::parcelOf((int) $order->id)])) {
            return;
        }
        $id = self::parcelOf((int) $order->id);
        $news = new CausewayNews(CausewayEntity::TRACKING, $id, CausewayEntity::UPDATED, (int) $order->id_shop);
        CausewayRequest::tell($news);
    }

    private static function parcelOf(int $idOrder): int
    {
        return (int) self::value(
            'SELECT `id_order_carrier` FROM `' . _DB_PREFIX_ . 'order_carrier`
            WHERE `id_order` = ' . $idOrder . ' ORDER BY `id_order_carrier` DESC'
        );
    }

    private static function productTouched($params)
    {
        $id = isset($params['id_product']) ? (int) $params['id_product'] : 0;
        CausewayRequest::tell(
            new CausewayNews(CausewayEntity::PRODUCT, $id, CausewayEntity::UPDATED, self::contextShop())
        );
    }

    private static function beforeStock($params)
    {
        $stock = self::object($params, 'object');
        if ($stock !== null) {
            self::remember((int) $stock->id);
        }
    }

    private static function remember(int $id)
    {
        if (!array_key_exists($id, self::$quantities)) {
            $found = self::value(
                'SELECT `quantity` FROM `' . _DB_PREFIX_ . 'stock_available` WHERE `id_stock_available` = ' . $id
            );
            self::$quantities[$id] = $found === null ? null : (string) $found;
        }
    }

    /** Saved with the same quantity it is no news. */
    private static function stocked($params)
    {
        $stock = self::object($params, 'object');
        if ($stock === null) {
            return;
        }
        $id = (int) $stock->id;
        $known = isset(self::$quantities[$id]) && self::$quantities[$id] === (string) (int) $stock->quantity;
        if (!$known || CausewayRequest::has(CausewayEntity::STOCK, $id)) {
            self::saved(CausewayEntity::STOCK, $params, CausewayEntity::UPDATED);
        }
    }

    /** For versions and modules that write stock around its object. */
    private static function quantityUpdated($params)
    {
        if (!isset($params['id_product'])) {
            return;
        }
        $idShop = isset($params['id_shop']) ? (int) $params['id_shop'] : 0;
        $id = (int) StockAvailable::getStockAvailableIdByProductId(
            (int) $params['id_product'],
            isset($params['id_product_attribute']) ? (int) $params['id_product_attribute'] : 0,
            $idShop > 0 ? $idShop : null
        );
        // Its object was told already, or found unchanged.
        if ($id > 0 && !array_key_exists($id, self::$quantities)) {
            $row = self::value(
                'SELECT `id_shop` FROM `' . _DB_PREFIX_ . 'stock_available` WHERE `id_stock_available` = ' . $id
            );
            CausewayRequest::tell(new CausewayNews(CausewayEntity::STOCK, $id, CausewayEntity::UPDATED, (int) $row));
        }
    }

    /** @return object|null with an id */
    private static function object($params, string $name)
    {
        $object = is_array($params) && isset($params[$name]) ? $params[$name] : null;

        return is_object($object) && !empty($object->id) ? $object : null;
    }

    /** The shop that a record belongs to; 0 for all shops, or where records belong to none. */
    private static function shopOf(string $entity, $object): int
    {
        switch ($entity) {
            case CausewayEntity::ORDER:
            case CausewayEntity::CUSTOMER:
            case CausewayEntity::STOCK:
                return isset($object->id_shop) ? (int) $object->id_shop : 0;
            case CausewayEntity::TRACKING:
                return (int) self::value(
                    'SELECT `id_shop` FROM `' . _DB_PREFIX_ . 'orders` WHERE `id_order` = ' . (int) $object->id_order
                );
            default:
                return self::contextShop();
        }
    }

    private static function contextShop(): int
    {
        if (!Shop::isFeatureActive()) {
            return (int) Configuration::get('PS_SHOP_DEFAULT');
        }

        return (int) Shop::getContextShopID();
    }

    /** @return array<string, string> */
    private static function facts(string $entity, $object): array
    {
        switch ($entity) {
            case CausewayEntity::ORDER:
            case CausewayEntity::PRODUCT:
                return ['reference' => (string) $object->reference];
            case CausewayEntity::COMBINATION:
                return ['reference' => (string) $object->reference, 'product_id' => (string) $object->id_product];
            case CausewayEntity::TRACKING:
                return ['order_id' => (string) $object->id_order];
            case CausewayEntity::CUSTOMER:
                return ['email' => (string) $object->email];
            case CausewayEntity::ADDRESS:
                return ['customer_id' => (string) $object->id_customer];
            case CausewayEntity::STOCK:
                return [
                    'product_id' => (string) $object->id_product,
                    'combination_id' => (string) $object->id_product_attribute,
                ];
        }

        return [];
    }

    /** @return mixed null where there is none */
    private static function value(string $sql)
    {
        $found = Db::getInstance()->getValue($sql, false);

        return $found === false ? null : $found;
    }

    public static function forget()
    {
        self::$quantities = self::$parcels = [];
    }
}
