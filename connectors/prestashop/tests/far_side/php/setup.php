<?php
/** Install, upgrade, uninstall and the configuration page. */
require __DIR__ . '/shop.php';

function submit(Causeway $module, array $values, string $method = 'POST', bool $meant = true): string
{
    $_SERVER['REQUEST_METHOD'] = $method;
    Tools::$posted = $values + ($meant ? ['causeway_token' => Tools::getAdminToken('CausewayPage7')] : []);

    return $module->getContent();
}

function settings(array $values = []): array
{
    return $values + [
        'submitCauseway' => '1',
        'CAUSEWAY_URL' => 'https://causeway.example/hooks/token-1234',
        'CAUSEWAY_SECRET' => 'a secret of both sides',
        'CAUSEWAY_EVENTS_order' => 'on',
        'CAUSEWAY_EVENTS_stock' => 'on',
        'CAUSEWAY_KEY' => '3',
    ];
}

function test_installed_and_uninstalled_nothing_stays()
{
    $module = shop(false);
    $before = Configuration::$values;
    same(true, $module->install());
    same($module->version, Configuration::get('CAUSEWAY_VERSION'));
    same(32, strlen(Configuration::get('CAUSEWAY_CRON_TOKEN')));
    submit($module, settings());
    (new Order(6))->add();
    over();
    same(true, $module->uninstall());
    same($before, Configuration::$values);
    same(false, CausewayTable::exists('ps_causeway_outbox'));
    same([], Hook::$registered);
}

function test_it_is_installed_for_all_shops()
{
    $module = shop(false);
    Shop::$active = true;
    Shop::$context = 2;
    same(true, $module->install());
    same(0, Shop::$context);
    same('1.1.0', Configuration::$values['CAUSEWAY_VERSION'][0]);
}

function test_a_new_installation_repeats_no_message_id()
{
    $module = shop();
    $ids = [];
    for ($i = 0; $i < 2; ++$i) {
        (new Order(6 + $i))->add();
        over();
        $ids[] = outbox()[0]['message_id'];
        $module->uninstall();
        $module->install();
    }
    same(2, count(array_unique($ids)));
}

function test_the_upgrade_takes_what_waits_along()
{
    $module = shop(false);
    $db = Db::getInstance();
    $db->execute('CREATE TABLE ps_causeway_queue (id_causeway_queue INT PRIMARY KEY, event VARCHAR(32), id_order INT,
        origin VARCHAR(8), occurred_at VARCHAR(19))');
    foreach ([[1, 'order.created', 6], [2, 'order.updated', 6], [3, 'order.updated', 7]] as list($id, $event, $order)) {
        $db->execute("INSERT INTO ps_causeway_queue VALUES ($id, '$event', $order, 'front', '2026-11-20 10:0$id:00')");
    }
    (new Order(6))->add();
    $db->execute("INSERT INTO ps_configuration VALUES (1, 0, 0, 'CAUSEWAY_SECRET', 'a plain secret of 1.0')");
    Configuration::updateValue('CAUSEWAY_SECRET', 'a plain secret of 1.0');
    Configuration::updateValue('CAUSEWAY_URL', 'https://causeway.example/hooks/token-1234');
    Configuration::updateGlobalValue('CAUSEWAY_CRON_TOKEN', 'kept');
    Configuration::updateGlobalValue('CAUSEWAY_VERSION', '1.0.0');
    require_once _PS_MODULE_DIR_ . 'causeway/upgrade/upgrade-1.1.0.php';
    same(true, upgrade_module_1_1_0($module));
    same([['6', 'created', '2026-11-20 10:02:00'], ['7', 'updated', '2026-11-20 10:03:00']], array_map(function ($row) {
        return [(string) $row['id_entity'], $row['kind'], $row['occurred_at']];
    }, outbox()));
    same(false, CausewayTable::exists('ps_causeway_queue'));
    same(count(CausewaySetup::hookNames()), count(Hook::$registered));
    same(['1.1.0', 'kept'], [Configuration::get('CAUSEWAY_VERSION'), Configuration::get('CAUSEWAY_CRON_TOKEN')]);
    same(0, strpos(Configuration::get('CAUSEWAY_SECRET'), 'enc:'));
    same(['https://causeway.example/hooks/token-1234', 'a plain secret of 1.0'], CausewaySettings::endpoint(1));
    // Broken off and begun again it does no harm.
    same(true, upgrade_module_1_1_0($module));
    same(2, count(outbox()));
}

function test_the_settings_are_stored_and_the_secret_is_not_shown()
{
    $module = shop();
    $html = submit($module, settings());
    same(true, strpos($html, 'class="conf"') !== false, $html);
    same(false, strpos($html, 'a secret of both sides'));
    same(false, strpos(json_encode(Configuration::$values), 'a secret of both sides'));
    same(['https://causeway.example/hooks/token-1234', 'a secret of both sides'], CausewaySettings::endpoint(1));
    same(['order', 'stock'], CausewaySettings::entities(1));
    same(3, CausewaySettings::ownKey(1));
    submit($module, settings(['CAUSEWAY_SECRET' => '', 'CAUSEWAY_URL' => 'https://causeway.example/hooks/other-123']));
    same(['https://causeway.example/hooks/other-123', 'a secret of both sides'], CausewaySettings::endpoint(1));
}

function test_what_cannot_work_is_refused_with_a_sentence()
{
    $module = shop();
    $before = Configuration::$values;
    foreach ([
        ['CAUSEWAY_URL' => ''],
        ['CAUSEWAY_URL' => 'https://causeway.example/'],
        ['CAUSEWAY_URL' => 'ftp://causeway.example/hooks/abcdefgh'],
        ['CAUSEWAY_URL' => 'javascript:alert(1)/hooks/abcdefgh'],
        ['CAUSEWAY_URL' => "https://causeway.example/hooks/abc\nHost: x"],
        ['CAUSEWAY_SECRET' => 'short'],
        ['CAUSEWAY_SECRET' => 'whsec_***'],
        ['CAUSEWAY_SECRET' => 'whsec_' . base64_encode('short')],
    ] as $values) {
        $html = submit($module, settings($values));
        same(true, strpos($html, 'class="error"') !== false, json_encode($values));
        same($before, Configuration::$values, json_encode($values));
    }
    Configuration::$values['CAUSEWAY_SECRET'] = [];
    same(true, strpos(submit($module, settings(['CAUSEWAY_SECRET' => ''])), 'class="error"') !== false);
}

function test_nothing_happens_without_the_token_of_the_page_or_by_get()
{
    $module = shop();
    $before = Configuration::$values;
    foreach ([['POST', false], ['GET', true]] as list($method, $meant)) {
        same(true, strpos(submit($module, settings(), $method, $meant), 'class="error"') !== false);
        same(true, strpos(submit($module, ['causewayClear' => '1'], $method, $meant), 'class="error"') !== false);
        same($before, Configuration::$values);
    }
}

function test_the_page_resends_and_clears()
{
    $module = shop();
    (new Order(6))->add();
    over();
    $post = new FakePost();
    $post->answers = [400];
    (new CausewaySender($post))->run(30);
    submit($module, []);
    $shown = $module->context->smarty->assigned['causeway'];
    same([0, 1, 400], [$shown['waiting'], $shown['failed'], (int) $shown['last_error']['last_status']]);
    same(['failed'], array_column($shown['recent'], 'state'));
    same(true, strpos(submit($module, ['causewayResend' => '1']), '1.</div>') !== false);
    same(['waiting'], array_column(outbox(), 'state'));
    same('0', Configuration::get('CAUSEWAY_FAILED'));
    (new CausewaySender(new FakePost()))->run(30);
    submit($module, ['causewayClear' => '1']);
    same([], outbox());
}

function test_a_key_of_another_shop_opens_no_secret()
{
    shop();
    Configuration::updateValue('CAUSEWAY_SECRET', CausewaySettings::SEALED . (new PhpEncryption('another'))->encrypt('x'));
    same(['', ''], CausewaySettings::endpoint(1));
}

function test_every_text_is_translated()
{
    global $_MODULE;
    $module = shop();
    $texts = [];
    $folder = _PS_MODULE_DIR_ . 'causeway/';
    foreach (array_merge([$folder . 'causeway.php'], glob($folder . 'classes/*.php')) as $file) {
        preg_match_all("/->l\\('([^'\\\\]*)'(?:, '(\\w+)')?\\)/", file_get_contents($file), $found, PREG_SET_ORDER);
        same(substr_count(file_get_contents($file), '->l('), count($found), $file);
        foreach ($found as $one) {
            $source = basename($file, '.php') === 'causeway' ? 'causeway' : strtolower(basename($file, '.php'));
            same($source, isset($one[2]) ? $one[2] : 'causeway', $one[1]);
            $texts[] = '<{causeway}prestashop>' . $source . '_' . md5($one[1]);
        }
    }
    foreach (glob($folder . 'views/templates/admin/*.tpl') as $file) {
        preg_match_all("/\\{l s='([^']*)' mod='causeway'\\}/", file_get_contents($file), $found);
        foreach ($found[1] as $text) {
            $texts[] = '<{causeway}prestashop>' . basename($file, '.tpl') . '_' . md5($text);
        }
    }
    $texts = array_unique($texts);
    sort($texts);
    same(true, count($texts) > 40);
    foreach (['en', 'de', 'fr'] as $language) {
        $_MODULE = [];
        include $folder . 'translations/' . $language . '.php';
        $keys = array_keys($_MODULE);
        sort($keys);
        same($texts, $keys, $language);
        same(false, in_array('', $_MODULE, true), $language);
    }
    $_MODULE = [];
}

exit(run_tests());
