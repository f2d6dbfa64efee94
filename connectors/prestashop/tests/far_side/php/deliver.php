<?php
/**
 * php deliver.php ADDRESS SECRET: changes a shop in every way there is and delivers the news over
 * HTTP, as the module does; prints what the outbox holds then.
 */
require __DIR__ . '/shop.php';

$module = shop();
$_SERVER['REQUEST_METHOD'] = 'POST';
Tools::$posted = [
    'submitCauseway' => '1',
    'causeway_token' => Tools::getAdminToken('CausewayPage7'),
    'CAUSEWAY_URL' => $argv[1],
    'CAUSEWAY_SECRET' => $argv[2],
    'CAUSEWAY_KEY' => '3',
];
foreach (array_keys(CausewayEntity::NOUN) as $entity) {
    Tools::$posted['CAUSEWAY_EVENTS_' . $entity] = 'on';
}
$page = $module->getContent();
if (strpos($page, 'class="conf"') === false) {
    exit($page);
}
$records = [
    new Order(6), new Customer(2), new Address(5), new Product(1), new Combination(5),
    new StockAvailable(20, ['id_product_attribute' => 5]),
];
foreach ($records as $record) {
    $record->add();
}
over();
(new CausewaySender())->run(30);
(new OrderCarrier(9, ['tracking_number' => 'T-1042']))->add();
(new Order(6, ['current_state' => 3, 'date_upd' => '2026-11-23 11:25:00']))->update();
(new StockAvailable(20, ['id_product_attribute' => 5, 'quantity' => 7]))->update();
(new Address(5))->delete();
over();
(new CausewaySender())->run(30);
$test = (new CausewaySender())->test(1);
echo json_encode(['test' => $test['status'], 'rows' => array_map(function ($row) {
    return [$row['entity'], $row['kind'], $row['state'], (int) $row['last_status'], (string) $row['last_answer']];
}, outbox())]), "\n";
