<?php
/**
 * php storm.php make|write|send|state: several requests change the same five orders while several senders
 * deliver. `send` prints what it delivered, when, as JSON lines; `state` what the shop holds.
 */
require __DIR__ . '/shop.php';

class NotingPost extends FakePost
{
    public function send(string $url, string $secret, string $id, string $body, int $now): array
    {
        $said = json_decode($body, true);
        usleep(random_int(0, 2000));
        echo json_encode(['at' => microtime(true), 'id' => $said['id'], 'paid' => $said['hashes']['total_paid']]), "\n";

        return ['status' => random_int(0, 9) ? 202 : 500, 'text' => '', 'retry_after' => 0];
    }
}

$module = null;
switch ($argv[1]) {
    case 'make':
        shop();
        for ($id = 1; $id <= 5; ++$id) {
            (new Order($id))->add();
        }
        over();
        break;
    case 'write':
        $module = new Causeway();
        $module->registerHook(CausewaySetup::hookNames());
        for ($i = 0; $i < 40; ++$i) {
            $id = random_int(1, 5);
            Db::getInstance()->execute("UPDATE ps_orders SET total_paid = total_paid + 1 WHERE id_order = $id");
            Hook::exec('actionObjectOrderUpdateAfter', ['object' => new Order($id)]);
            over();
        }
        break;
    case 'send':
        Configuration::$values = ['CAUSEWAY_URL' => [0 => 'https://causeway.example/hooks/abcdefgh'],
            'CAUSEWAY_SECRET' => [0 => 'a secret of both sides']];
        $end = microtime(true) + (float) $argv[2];
        do {
            CausewayRest::end();
            CausewayOutbox::hurry(time());
            (new CausewaySender(new NotingPost()))->run(2);
        } while (microtime(true) < $end || CausewayStatus::count(CausewayOutbox::WAITING));
        break;
    case 'state':
        foreach (CausewayTable::rows('SELECT id_order, total_paid FROM ps_orders') as $row) {
            $hashes = CausewayDigest::fields('order', (int) $row['id_order'], ['total_paid' => $row['total_paid']]);
            echo json_encode(['id' => (string) $row['id_order'], 'paid' => $hashes['total_paid']]), "\n";
        }
}
foreach (PrestaShopLogger::$lines as $line) {
    fwrite(STDERR, $line . "\n");
}
