<?php
/**
 * As much of PrestaShop's core as the module touches, small and honest: a database (SQLite, or what
 * CAUSEWAY_TEST_DSN names), settings per shop, hooks, the back office's helpers.
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
        if ($this->isLite()) {
            // Nobody pulls the plug of a test.
            $this->pdo->exec('PRAGMA synchronous = OFF');
        }
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
    const CONTEXT_ALL = 4;

    public static function setContext($type)
    {
        self::$context = 0;
    }

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
