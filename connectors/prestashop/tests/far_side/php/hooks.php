<?php
/** Which hook makes which news, what the bodies say, and whose writes are marked. */
require __DIR__ . '/shop.php';

/** @return array<int, array<string, mixed>> the bodies of what this made */
function told(callable $act): array
{
    $act();
    over();
    $post = new FakePost();
    CausewayRest::end();
    (new CausewaySender($post))->run(30);

    return array_column($post->got, 'body');
}

function events(array $bodies): array
{
    return array_map(function ($body) {
        return $body['event'] . ' ' . $body['id'];
    }, $bodies);
}

function test_every_hook_is_registered_and_has_its_method()
{
    $module = shop();
    same(count(CausewaySetup::hookNames()), count(array_unique(CausewaySetup::hookNames())));
    foreach (CausewaySetup::hookNames() as $name) {
        same(true, method_exists($module, 'hook' . ucfirst($name)), $name);
        same($module, Hook::$registered[$name], $name);
    }
    foreach (get_class_methods($module) as $method) {
        if (strpos($method, 'hookAction') === 0) {
            same(true, isset(Hook::$registered[lcfirst(substr($method, 4))]), $method);
        }
    }
}

function test_an_order_is_told_as_the_connector_reads_it()
{
    shop();
    list($body) = told(function () {
        (new Order(6))->add();
    });
    foreach (['hashes', 'sequence', 'occurred_at'] as $name) {
        same(true, isset($body[$name]), $name);
        unset($body[$name]);
    }
    same([
        'event' => 'order.created',
        'entity' => 'order',
        'id' => '6',
        'id_shop' => '1',
        'date_add' => '2026-11-23 11:21:26',
        'date_upd' => '2026-11-23 11:21:26',
        'version' => '2026-11-23 11:21:26/11',
        'reference' => 'XPYEWWWWK',
        'current_state' => '11',
        'origin' => PHP_SAPI === 'cli' ? 'cli' : 'front',
        'key_id' => null,
        'own' => null,
        'shop' => 'https://shop.example',
        'module' => '1.1.0',
    ], $body);
}

function test_a_tracking_number_is_news_and_other_saves_of_a_parcel_are_not()
{
    shop();
    $parcel = new OrderCarrier(9);
    same(['order.created 6'], events(told(function () use ($parcel) {
        (new Order(6))->add();
        $parcel->add();
    })));
    same([], events(told(function () use ($parcel) {
        $parcel->update();
    })));
    $parcel->tracking_number = 'T 1';
    list($body) = told(function () use ($parcel) {
        $parcel->update();
        Hook::exec('actionAdminOrdersTrackingNumberUpdate', ['order' => new Order(6)]);
    });
    same(['tracking.updated', 'order_carrier', '9', '6', 'XPYEWWWWK', '2', 'T 1', '1'], [
        $body['event'], $body['entity'], $body['id'], $body['order_id'], $body['reference'], $body['carrier_id'],
        $body['tracking_number'], $body['id_shop'],
    ]);
    $parcel->id_carrier = 3;
    same(['tracking.updated 9'], events(told(function () use ($parcel) {
        $parcel->update();
    })));
    same(['tracking.created 10'], events(told(function () {
        (new OrderCarrier(10, ['tracking_number' => 'T 2']))->add();
    })));
    same(['tracking.deleted 10'], events(told(function () {
        (new OrderCarrier(10))->delete();
    })));
}

function test_a_number_that_only_the_back_office_tells_of_is_news_too()
{
    shop();
    told(function () {
        (new Order(6))->add();
        (new OrderCarrier(9))->add();
    });
    same(['tracking.updated 9'], events(told(function () {
        Hook::exec('actionAdminOrdersTrackingNumberUpdate', ['order' => new Order(6)]);
    })));
}

function test_customers_and_addresses()
{
    shop();
    $customer = new Customer(2);
    list($body) = told([$customer, 'add']);
    same(['customer.created', 'may@meadow.example'], [$body['event'], $body['email']]);
    same(
        ['active', 'company', 'email', 'firstname', 'lastname', 'newsletter'],
        array_keys($body['hashes'])
    );
    same(false, strpos(json_encode($body), 'Field'));
    $customer->lastname = 'Wood';
    list($changed) = told([$customer, 'update']);
    same('customer.updated', $changed['event']);
    same(['lastname'], array_keys(array_diff_assoc($changed['hashes'], $body['hashes'])));
    foreach ([new Address(5), new CustomerAddress(6)] as $address) {
        foreach (['add' => 'created', 'update' => 'updated', 'delete' => 'deleted'] as $do => $change) {
            list($body) = told([$address, $do]);
            same(["address.$change", (string) $address->id, '2'], [$body['event'], $body['id'], $body['customer_id']]);
        }
    }
    list($body) = told([$customer, 'delete']);
    same(['customer.deleted', 'may@meadow.example'], [$body['event'], $body['email']]);
    same([], outbox("facts LIKE '%meadow%'"));
}

function test_a_product_save_is_one_piece_of_news_with_the_shops_own_price()
{
    shop();
    $product = new Product(1);
    told([$product, 'add']);
    list($body, $none) = array_pad(told(function () use ($product) {
        $product->update();
        Hook::exec('actionProductUpdate', ['id_product' => 1, 'product' => $product]);
        Hook::exec('actionProductSave', ['id_product' => 1]);
        $product->update();
    }), 2, null);
    same(null, $none);
    same(['product.updated', 'JAR-0123', '2026-11-23 11:00:00'], [$body['event'], $body['reference'], $body['date_upd']]);
    same(CausewayDigest::fields('product', 1, ['price' => '23.9'])['price'], $body['hashes']['price']);
    Shop::$active = true;
    Shop::$context = 2;
    list($body) = told([$product, 'update']);
    same(['2', '2026-11-23 12:00:00'], [$body['id_shop'], $body['date_upd']]);
    Shop::$context = 0;
    list($body) = told([$product, 'update']);
    same(null, $body['id_shop']);
    // Of all shops, and sold in the second alone: told all the same.
    Db::getInstance()->execute('DELETE FROM ps_product_shop WHERE id_shop = 1');
    list($body) = told([$product, 'update']);
    same('2026-11-23 12:00:00', $body['date_upd']);
    same(['product.deleted 1'], events(told([$product, 'delete'])));
}

function test_a_combination()
{
    shop();
    $combination = new Combination(5);
    list($body) = told([$combination, 'add']);
    same(['combination.created', '1', 'JAR-0123-L'], [$body['event'], $body['product_id'], $body['reference']]);
    same(false, isset($body['version']));
    list($body) = told([$combination, 'delete']);
    same(['combination.deleted', '1'], [$body['event'], $body['product_id']]);
}

function test_stock_says_what_it_was_and_what_it_is()
{
    shop();
    $stock = new StockAvailable(20, ['id_product_attribute' => 5]);
    list($body) = told([$stock, 'add']);
    same(['stock.created', 10, null], [$body['event'], $body['quantity'], $body['before']]);
    $stock->quantity = 7;
    list($body) = told(function () use ($stock) {
        $stock->update();
        Hook::exec('actionUpdateQuantity', ['id_product' => 1, 'id_product_attribute' => 5, 'quantity' => 7]);
    });
    same(['stock.updated', '20', '1', '5', 7, 10], [
        $body['event'], $body['id'], $body['product_id'], $body['combination_id'], $body['quantity'], $body['before'],
    ]);
    // Saved as it is: no news.
    same([], told([$stock, 'update']));
    // Before is what was told last, however many sales there were since.
    $stock->quantity = 6;
    $stock->update();
    over();
    $stock->quantity = 4;
    list($body) = told([$stock, 'update']);
    same([4, 7], [$body['quantity'], $body['before']]);
    // There and back within a request: it is told, since it may have been seen in between.
    list($body) = told(function () use ($stock) {
        $stock->quantity = 3;
        $stock->update();
        $stock->quantity = 4;
        $stock->update();
    });
    same([4, 4], [$body['quantity'], $body['before']]);
    same(['stock.deleted 20'], events(told([$stock, 'delete'])));
}

function test_stock_that_is_written_around_its_object()
{
    shop();
    told([new StockAvailable(20), 'add']);
    Db::getInstance()->execute('UPDATE ps_stock_available SET quantity = 2');
    list($body) = told(function () {
        Hook::exec('actionUpdateQuantity', ['id_product' => 1, 'id_product_attribute' => 0, 'quantity' => 2, 'id_shop' => 1]);
    });
    same(['stock.updated', '20', 2], [$body['event'], $body['id'], $body['quantity']]);
    same([], told(function () {
        Hook::exec('actionUpdateQuantity', ['id_product' => 404]);
        Hook::exec('actionUpdateQuantity', []);
    }));
}

function test_what_nobody_chose_is_not_told()
{
    shop();
    Configuration::updateValue('CAUSEWAY_EVENTS', 'order,stock');
    same(['order.created 6'], events(told(function () {
        (new Order(6))->add();
        (new Customer(2))->add();
    })));
    Configuration::updateValue('CAUSEWAY_EVENTS', '');
    same([], told(function () {
        (new Order(7))->add();
    }));
}

function test_hooks_with_nothing_in_them_do_nothing()
{
    shop();
    foreach (CausewaySetup::hookNames() as $name) {
        foreach ([[], ['object' => null], ['object' => new Order()], ['object' => 'x', 'id_product' => 'x']] as $params) {
            Hook::exec($name, $params);
        }
    }
    over();
    same([], outbox());
    same([], PrestaShopLogger::$lines);
}

function test_writes_of_causeways_own_key_are_marked_and_the_key_is_not_sent()
{
    define('_PS_API_IN_USE_', true);
    shop();
    Configuration::updateValue('CAUSEWAY_KEY', 3);
    $cases = [
        ['ABCDEFGHIJKLMNOPQRSTUVWXYZ123456', '3', true],
        ['ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ', '4', false],
        ['abcdefghijklmnopqrstuvwxyz123456', null, false],
        ["' OR '1'='1", null, false],
        ['', null, false],
    ];
    foreach ($cases as $number => list($key, $id, $own)) {
        $_SERVER['PHP_AUTH_USER'] = $key;
        list($body) = told([new Order($number + 1), 'add']);
        same(['api', $id, $own], [$body['origin'], $body['key_id'], $body['own']], $key);
        same(false, $key !== '' && strpos(json_encode($body), $key) !== false);
    }
    Configuration::updateValue('CAUSEWAY_KEY', 0);
    list($body) = told([new Order(90), 'add']);
    same(null, $body['own']);
}

function test_a_change_of_somebody_else_among_ours_is_no_echo()
{
    shop();
    Configuration::updateValue('CAUSEWAY_KEY', 3);
    $mine = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ123456';
    foreach ([[$mine, 'Z', false], ['Z', $mine, false], [$mine, $mine, true]] as $number => list($first, $second, $own)) {
        $order = new Order($number + 1);
        $_SERVER['PHP_AUTH_USER'] = $first;
        $order->add();
        over();
        $_SERVER['PHP_AUTH_USER'] = $second;
        list($body) = told([$order, 'update']);
        same($own, $body['own'], "$first then $second");
    }
    unset($_SERVER['PHP_AUTH_USER']);
}

exit(run_tests());
