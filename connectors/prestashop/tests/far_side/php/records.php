<?php
/** The shop's objects, which save themselves and fire what the core fires around it, and its tables. */

/** Saves itself and fires what the core fires around it. */
class ObjectModel
{
    const TABLE = '';
    const KEY = '';
    public $id;

    public function __construct($id = null, array $values = [])
    {
        $this->id = $id;
        foreach ($values as $name => $value) {
            $this->$name = $value;
        }
    }

    private function fields()
    {
        return array_diff_key(get_object_vars($this), ['id' => 0, 'shop_fields' => 0]);
    }

    public function add()
    {
        $fields = [static::KEY => $this->id] + $this->fields();
        Db::getInstance()->execute(
            'INSERT INTO `ps_' . static::TABLE . '` (`' . implode('`, `', array_keys($fields)) . '`) VALUES ('
            . implode(', ', array_map(['CausewayTable', 'quote'], array_values($fields))) . ')'
        );
        Hook::exec('actionObject' . get_class($this) . 'AddAfter', ['object' => $this]);
    }

    public function update()
    {
        Hook::exec('actionObject' . get_class($this) . 'UpdateBefore', ['object' => $this]);
        $parts = [];
        foreach ($this->fields() as $name => $value) {
            $parts[] = '`' . $name . '` = ' . CausewayTable::quote($value);
        }
        Db::getInstance()->execute(
            'UPDATE `ps_' . static::TABLE . '` SET ' . implode(', ', $parts) . ' WHERE `' . static::KEY . '` = ' . $this->id
        );
        Hook::exec('actionObject' . get_class($this) . 'UpdateAfter', ['object' => $this]);
    }

    public function delete()
    {
        Db::getInstance()->execute('DELETE FROM `ps_' . static::TABLE . '` WHERE `' . static::KEY . '` = ' . $this->id);
        Hook::exec('actionObject' . get_class($this) . 'DeleteAfter', ['object' => $this]);
    }
}

class Order extends ObjectModel
{
    const TABLE = 'orders';
    const KEY = 'id_order';
    public $reference = 'XPYEWWWWK';
    public $current_state = 11;
    public $id_shop = 1;
    public $id_carrier = 2;
    public $total_paid = '61.800000';
    public $date_add = '2026-11-23 11:21:26';
    public $date_upd = '2026-11-23 11:21:26';
}

class OrderHistory extends ObjectModel
{
    public $id_order;
}

class OrderCarrier extends ObjectModel
{
    const TABLE = 'order_carrier';
    const KEY = 'id_order_carrier';
    public $id_order = 6;
    public $id_carrier = 2;
    public $tracking_number = '';
}

class Customer extends ObjectModel
{
    const TABLE = 'customer';
    const KEY = 'id_customer';
    public $email = 'may@meadow.example';
    public $firstname = 'May';
    public $lastname = 'Field';
    public $active = 1;
    public $id_shop = 1;
    public $date_add = '2026-11-23 11:00:00';
    public $date_upd = '2026-11-23 11:00:00';
}

class Address extends ObjectModel
{
    const TABLE = 'address';
    const KEY = 'id_address';
    public $id_customer = 2;
    public $city = 'Meadow';
    public $date_add = '2026-11-23 11:00:00';
    public $date_upd = '2026-11-23 11:00:00';
}

class CustomerAddress extends Address
{
}

class Product extends ObjectModel
{
    const TABLE = 'product';
    const KEY = 'id_product';
    public $reference = 'JAR-0123';
    public $ean13 = '';
}

class Combination extends ObjectModel
{
    const TABLE = 'product_attribute';
    const KEY = 'id_product_attribute';
    public $id_product = 1;
    public $reference = 'JAR-0123-L';
}

class StockAvailable extends ObjectModel
{
    const TABLE = 'stock_available';
    const KEY = 'id_stock_available';
    public $id_product = 1;
    public $id_product_attribute = 0;
    public $id_shop = 1;
    public $quantity = 10;

    public static function getStockAvailableIdByProductId($product, $attribute, $shop = null)
    {
        return Db::getInstance()->getValue(
            'SELECT `id_stock_available` FROM `ps_stock_available` WHERE `id_product` = ' . (int) $product
            . ' AND `id_product_attribute` = ' . (int) $attribute
        );
    }
}

const TABLES = [
    'orders' => 'id_order INT PRIMARY KEY, reference VARCHAR(9), current_state INT, valid INT DEFAULT 0, id_shop INT,
        id_carrier INT, id_address_delivery INT DEFAULT 4, id_address_invoice INT DEFAULT 4,
        payment VARCHAR(255) DEFAULT \'Wire\', total_paid DECIMAL(20,6), total_paid_real DECIMAL(20,6) DEFAULT 0,
        invoice_number INT DEFAULT 0, delivery_number INT DEFAULT 0, date_add VARCHAR(19), date_upd VARCHAR(19)',
    'order_carrier' => 'id_order_carrier INT PRIMARY KEY, id_order INT, id_carrier INT, tracking_number VARCHAR(64)',
    'customer' => 'id_customer INT PRIMARY KEY, email VARCHAR(255), firstname VARCHAR(255), lastname VARCHAR(255),
        company VARCHAR(255), active INT, newsletter INT DEFAULT 0, id_shop INT, date_add VARCHAR(19), date_upd VARCHAR(19)',
    'address' => 'id_address INT PRIMARY KEY, id_customer INT, id_country INT DEFAULT 6, firstname VARCHAR(255),
        lastname VARCHAR(255), company VARCHAR(255), address1 VARCHAR(128), address2 VARCHAR(128), postcode VARCHAR(12),
        city VARCHAR(64), phone VARCHAR(32), deleted INT DEFAULT 0, date_add VARCHAR(19), date_upd VARCHAR(19)',
    'product' => 'id_product INT PRIMARY KEY, reference VARCHAR(64), ean13 VARCHAR(13)',
    'product_shop' => 'id_product INT, id_shop INT, active INT, price DECIMAL(20,6), id_category_default INT,
        date_add VARCHAR(19), date_upd VARCHAR(19)',
    'product_attribute' => 'id_product_attribute INT PRIMARY KEY, id_product INT, reference VARCHAR(64), ean13 VARCHAR(13)',
    'product_attribute_shop' => 'id_product_attribute INT, id_shop INT, price DECIMAL(20,6), weight DECIMAL(20,6),
        minimal_quantity INT',
    'stock_available' => 'id_stock_available INT PRIMARY KEY, id_product INT, id_product_attribute INT, id_shop INT,
        quantity INT',
    'webservice_account' => 'id_webservice_account INT PRIMARY KEY, `key` VARCHAR(32), description VARCHAR(255)',
    'configuration' => 'id_configuration INT PRIMARY KEY, id_shop_group INT, id_shop INT, name VARCHAR(254), value VARCHAR(255)',
];
