<?php
/**
 * As much of PrestaShop as the module touches, small and honest: a database (SQLite, or what
 * CAUSEWAY_TEST_DSN names), objects that save themselves and fire the hooks that the core fires,
 * settings per shop. Read in the core's code and in prestashop-webservice-observed.
 */
error_reporting(E_ALL);
set_error_handler(function ($level, $message, $file, $line) {
    throw new ErrorException($message, 0, $level, $file, $line);
});
date_default_timezone_set('Europe/Madrid');

define('_PS_VERSION_', getenv('CAUSEWAY_TEST_PS') ?: '9.0.0');
define('_DB_PREFIX_', 'ps_');
define('_MYSQL_ENGINE_', 'InnoDB');
define('__PS_BASE_URI__', '/');
define('_PS_MODULE_DIR_', dirname(__DIR__, 3) . '/far_side/');
define('_NEW_COOKIE_KEY_', 'a key of this shop');

class PrestaShopException extends Exception
{
}

class Db
{
    private static $instance;
    /** @var PDO */
    public $pdo;
    private $affected = 0;
    public $queries = [];
    /** @var string a statement that begins so fails */
    public $broken = '';

    public static function getInstance()
    {
        if (self::$instance === null) {
            self::$instance = new Db();
        }

        return self::$instance;
    }

    private function __construct()
    {
        $dsn = getenv('CAUSEWAY_TEST_DSN') ?: 'sqlite::memory:';
        $this->pdo = new PDO($dsn, getenv('CAUSEWAY_TEST_USER') ?: null, getenv('CAUSEWAY_TEST_PASSWORD') ?: null);
        $this->pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    }

    public function isLite(): bool
    {
        return $this->pdo->getAttribute(PDO::ATTR_DRIVER_NAME) === 'sqlite';
    }

    private function query($sql)
    {
        $this->queries[] = $sql;
        if ($this->broken !== '' && strpos(ltrim($sql), $this->broken) === 0) {
            return false;
        }
        $found = $this->pdo->query($this->isLite() ? self::lite($sql) : $sql);
        $this->affected = $found->rowCount();

        return $found;
    }

    /** What of MySQL's ways SQLite says otherwise. */
    private static function lite($sql)
    {
        if (preg_match('/^\s*CREATE TABLE/', $sql)) {
            $sql = preg_replace('/BIGINT UNSIGNED NOT NULL AUTO_INCREMENT/', 'INTEGER PRIMARY KEY AUTOINCREMENT', $sql);
            $sql = preg_replace('/,\s*(PRIMARY KEY|KEY `\w+`) \([^)]*\)/', '', $sql);
            $sql = preg_replace('/ENGINE=.*$/', '', $sql);
        }
        if (preg_match("/^SHOW TABLES LIKE '(.*)'$/", $sql, $found)) {
            $sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name = '" . str_replace('\\', '', $found[1]) . "'";
        }
        $sql = preg_replace('/CONCAT\((.*?), (\'.*?\'), (COALESCE\(.*?\))\)/s', '$1 || $2 || $3', $sql);

        return preg_replace('/RIGHT\((`\w+`), (\d+)\)/', 'substr($1, -$2)', $sql);
    }

    public function execute($sql, $use_cache = true)
    {
        return (bool) $this->query($sql);
    }

    public function executeS($sql, $array = true, $use_cache = true)
    {
        $found = $this->query($sql);

        return $found ? $found->fetchAll(PDO::FETCH_ASSOC) : false;
    }

    public function getRow($sql, $use_cache = true)
    {
        $rows = $this->executeS(rtrim($sql, " \t\n\r\0\x0B;") . ' LIMIT 1', true, $use_cache);

        return $rows ? $rows[0] : false;
    }

    public function getValue($sql, $use_cache = true)
    {
        $row = $this->getRow($sql, $use_cache);

        return $row ? reset($row) : false;
    }

    public function Insert_ID()
    {
        return $this->pdo->lastInsertId();
    }

    public function Affected_Rows()
    {
        return $this->affected;
    }

    public function escape($string, $html_ok = false)
    {
        $text = substr($this->pdo->quote((string) $string), 1, -1);

        return $html_ok ? $text : strip_tags($text);
    }
}

function pSQL($string, $htmlOK = false)
{
    return Db::getInstance()->escape($string, $htmlOK);
}

class Configuration
{
    public static $values = [];

    public static function get($name, $lang = null, $group = null, $shop = null, $default = false)
    {
        foreach ([$shop === null ? Shop::$context : $shop, 0] as $level) {
            if (isset(self::$values[$name][$level])) {
                return self::$values[$name][$level];
            }
        }

        return $default;
    }

    public static function updateValue($name, $value, $html = false, $group = null, $shop = null)
    {
        self::$values[$name][$shop === null ? (Shop::$active ? Shop::$context : 0) : $shop] = (string) $value;

        return true;
    }

    public static function updateGlobalValue($name, $value, $html = false)
    {
        return self::updateValue($name, $value, $html, 0, 0);
    }

    public static function deleteByName($name)
    {
        unset(self::$values[$name]);

        return true;
    }
}

class Shop
{
    /** Whether there are several, and which one is chosen; 0: all of them. */
    public static $active = false;
    public static $context = 1;

    public static function isFeatureActive()
    {
        return self::$active;
    }

    public static function getContextShopID($null = false)
    {
        return self::$context > 0 ? self::$context : null;
    }
}

class Tools
{
    public static $posted = [];

    public static function getValue($name, $default = false)
    {
        return array_key_exists($name, self::$posted) ? self::$posted[$name] : $default;
    }

    public static function isSubmit($name)
    {
        return isset(self::$posted[$name]);
    }

    public static function getShopDomainSsl($http = false)
    {
        return ($http ? 'https://' : '') . 'shop.example';
    }

    public static function safeOutput($text)
    {
        return htmlentities((string) $text, ENT_COMPAT, 'UTF-8');
    }

    public static function getAdminToken($text)
    {
        return md5('cookie key' . $text);
    }

    public static function getAdminTokenLite($tab)
    {
        return self::getAdminToken($tab . '7');
    }
}

class PrestaShopLogger
{
    public static $lines = [];

    public static function addLog($message, $severity = 1)
    {
        self::$lines[] = $message;
    }
}

/** Seals so that it can be told from the plain text, and only with the same key. */
class PhpEncryption
{
    private $key;

    public function __construct($key)
    {
        $this->key = $key;
    }

    public function encrypt($text)
    {
        return 'def5' . bin2hex(md5($this->key) . strrev($text));
    }

    public function decrypt($text)
    {
        $open = hex2bin(substr($text, 4));
        if (substr($open, 0, 32) !== md5($this->key)) {
            throw new Exception('another key');
        }

        return strrev(substr($open, 32));
    }
}

class Hook
{
    /** @var array<string, Module> */
    public static $registered = [];

    public static function exec($name, array $params = [])
    {
        if (isset(self::$registered[$name])) {
            $module = self::$registered[$name];
            if (!is_callable([$module, 'hook' . $name])) {
                throw new Exception("The module has no method for the hook $name.");
            }
            $module->{'hook' . $name}($params);
        }
    }
}

class Module
{
    public $name;
    public $version;
    public $tab;
    public $author;
    public $need_instance;
    public $bootstrap;
    public $ps_versions_compliancy;
    public $displayName;
    public $description;
    public $confirmUninstall;
    public $context;

    public function __construct()
    {
        $this->context = Context::getContext();
    }

    public function install()
    {
        return true;
    }

    public function uninstall()
    {
        Hook::$registered = [];

        return true;
    }

    public function registerHook($names)
    {
        foreach ((array) $names as $name) {
            Hook::$registered[$name] = $this;
        }

        return true;
    }

    public function l($string, $specific = false)
    {
        global $_MODULE;
        $key = '<{' . $this->name . '}prestashop>' . strtolower($specific ?: $this->name) . '_' . md5($string);

        return htmlspecialchars(isset($_MODULE[$key]) ? $_MODULE[$key] : $string, ENT_COMPAT, 'UTF-8');
    }

    public function getLocalPath()
    {
        return _PS_MODULE_DIR_ . $this->name . '/';
    }

    public function displayError($text)
    {
        return '<div class="error">' . $text . '</div>';
    }

    public function displayConfirmation($text)
    {
        return '<div class="conf">' . $text . '</div>';
    }
}

class Smarty
{
    public $assigned = [];

    public function assign(array $values)
    {
        $this->assigned = $values + $this->assigned;
    }

    public function fetch($file)
    {
        if (!is_file($file)) {
            throw new Exception("$file is not there.");
        }

        return '<outbox/>';
    }
}

class Link
{
    public function getModuleLink($module, $controller, array $params = [])
    {
        return "https://shop.example/module/$module/$controller?" . http_build_query($params);
    }
}

class Context
{
    public $smarty;
    public $employee;
    public $link;
    private static $instance;

    public static function getContext()
    {
        if (self::$instance === null) {
            self::$instance = new Context();
            self::$instance->smarty = new Smarty();
            self::$instance->link = new Link();
            self::$instance->employee = (object) ['id' => 7];
        }

        return self::$instance;
    }
}

class AdminController
{
    public static $currentIndex = 'index.php?controller=AdminModules';
}

class HelperForm
{
    public $module;
    public $name_controller;
    public $token;
    public $currentIndex;
    public $default_form_language;
    public $submit_action;
    public $fields_value = [];

    public function generateForm(array $forms)
    {
        $html = '';
        foreach ($forms[0]['form']['input'] as $input) {
            $value = isset($this->fields_value[$input['name']]) ? $this->fields_value[$input['name']] : '';
            $html .= '<' . $input['type'] . ' ' . $input['name'] . '=' . $value . '>';
        }

        return $html;
    }
}

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

require_once _PS_MODULE_DIR_ . 'causeway/causeway.php';

/** A shop as on its first day, with the module installed or not. */
function shop(bool $installed = true): Causeway
{
    $db = Db::getInstance();
    $db->broken = '';
    over();
    foreach (TABLES as $name => $columns) {
        $db->execute('DROP TABLE IF EXISTS `ps_' . $name . '`');
        $db->execute('CREATE TABLE `ps_' . $name . '` (' . $columns . ')');
    }
    foreach (['causeway_outbox', 'causeway_queue'] as $name) {
        $db->execute('DROP TABLE IF EXISTS `ps_' . $name . '`');
    }
    $db->execute("INSERT INTO ps_product_shop VALUES (1, 1, 1, '23.900000', 3, '2026-11-01 10:00:00', '2026-11-23 11:00:00')");
    $db->execute("INSERT INTO ps_product_shop VALUES (1, 2, 0, '25.000000', 3, '2026-11-01 10:00:00', '2026-11-23 12:00:00')");
    $db->execute("INSERT INTO ps_product_attribute_shop VALUES (5, 1, '1.500000', '0.200000', 1)");
    $db->execute("INSERT INTO ps_webservice_account VALUES (3, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ123456', 'Causeway')");
    $db->execute("INSERT INTO ps_webservice_account VALUES (4, 'ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ', 'Warehouse')");
    Configuration::$values = ['PS_SHOP_DEFAULT' => [0 => '1'], 'PS_LANG_DEFAULT' => [0 => '1']];
    Hook::$registered = [];
    Tools::$posted = [];
    PrestaShopLogger::$lines = [];
    Shop::$active = false;
    Shop::$context = 1;
    $module = new Causeway();
    if ($installed) {
        $module->install();
        Configuration::updateValue('CAUSEWAY_URL', 'https://causeway.example/hooks/abcdefgh');
        Configuration::updateValue('CAUSEWAY_SECRET', CausewaySettings::seal('a secret of both sides'));
    }

    return $module;
}

/** The end of a request, without sending. */
function over()
{
    if (CausewayTable::exists('ps_causeway_outbox')) {
        CausewayRequest::release();
    }
    CausewayWatch::forget();
    CausewayOrigin::forget();
}

/** @return array<int, array<string, mixed>> */
function outbox(string $where = '1 = 1'): array
{
    return CausewayTable::rows("SELECT * FROM ps_causeway_outbox WHERE $where ORDER BY id_causeway_outbox");
}

/** Answers as it is told, then with 202, and keeps what it got. */
class FakePost extends CausewayPost
{
    public $answers = [];
    public $got = [];
    /** @var callable|null called while a delivery is under way */
    public $meanwhile;

    public function send(string $url, string $secret, string $id, string $body, int $now): array
    {
        $this->got[] = ['url' => $url, 'secret' => $secret, 'id' => $id, 'body' => json_decode($body, true)];
        if ($this->meanwhile) {
            $act = $this->meanwhile;
            $this->meanwhile = null;
            $act();
        }
        $answer = $this->answers ? array_shift($this->answers) : 202;

        return is_array($answer) ? $answer : ['status' => $answer, 'text' => 'said ' . $answer, 'retry_after' => 0];
    }

    public function events(): array
    {
        return array_map(function ($one) {
            return $one['body']['event'] . ' ' . $one['body']['id'];
        }, $this->got);
    }
}

// The runner: every function whose name begins with test_ is one test.

function same($wanted, $found, string $what = '')
{
    if ($wanted !== $found) {
        throw new Exception(trim("$what: wanted " . json_encode($wanted) . ', found ' . json_encode($found)));
    }
}

function run_tests(): int
{
    $failed = $count = 0;
    foreach (get_defined_functions()['user'] as $name) {
        if (strpos($name, 'test_') !== 0) {
            continue;
        }
        ++$count;
        try {
            $name();
            echo "ok $name\n";
        } catch (Throwable $error) {
            ++$failed;
            echo "FAILED $name: " . $error->getMessage() . ' (' . basename($error->getFile()) . ':' . $error->getLine() . ")\n";
        }
    }
    echo "$count tests, $failed failed\n";

    return $failed || !$count ? 1 : 0;
}
