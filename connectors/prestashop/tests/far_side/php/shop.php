<?php
/** A shop to test the module in, what it delivers, and the runner of the tests. */
require __DIR__ . '/core.php';
require __DIR__ . '/records.php';
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
