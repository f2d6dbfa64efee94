<?php
/** The outbox and its sender: coalescing, order, backoff, giving up, sending again. */
require __DIR__ . '/shop.php';

function order(int $id = 6, array $values = []): Order
{
    $order = new Order($id, $values);
    $order->add();

    return $order;
}

function send(FakePost $post, int $seconds = 30): int
{
    return (new CausewaySender($post))->run($seconds);
}

function test_storms_of_one_request_are_one_piece_of_news()
{
    shop();
    $order = order();
    over();
    send(new FakePost());
    for ($i = 0; $i < 5; ++$i) {
        $order->update();
    }
    Hook::exec('actionOrderHistoryAddAfter', ['order_history' => new OrderHistory(1, ['id_order' => 6])]);
    over();
    $rows = outbox("state = 'waiting'");
    same(1, count($rows));
    same('updated', $rows[0]['kind']);
}

function test_created_and_changed_in_one_request_is_created()
{
    shop();
    $order = order();
    $order->update();
    Hook::exec('actionValidateOrder', ['order' => $order]);
    $order->update();
    over();
    same(['created'], array_column(outbox(), 'kind'));
}

function test_newer_news_takes_the_place_of_older_that_was_not_sent()
{
    shop();
    order();
    over();
    (new Order(6))->update();
    over();
    (new Order(7))->add();
    over();
    $rows = outbox();
    same([['6', 'created'], ['7', 'created']], array_map(function ($row) {
        return [(string) $row['id_entity'], $row['kind']];
    }, $rows));
    same(false, $rows[0]['message_id'] === $rows[1]['message_id']);
}

function test_what_is_deleted_before_it_was_told_is_told_as_deleted()
{
    shop();
    $order = order();
    over();
    $order->delete();
    over();
    $post = new FakePost();
    send($post);
    same(['order.deleted 6'], $post->events());
    same('XPYEWWWWK', $post->got[0]['body']['reference']);
}

function test_a_record_that_vanished_is_not_told()
{
    shop();
    order();
    over();
    Db::getInstance()->execute('DELETE FROM ps_orders');
    $post = new FakePost();
    same(0, send($post));
    same([], $post->events());
    same(['sent'], array_column(outbox(), 'state'));
}

function test_news_is_held_until_its_request_is_over()
{
    shop();
    order();
    $post = new FakePost();
    same(0, send($post));
    over();
    same(1, send($post));
}

function test_news_of_a_request_that_died_goes_out_all_the_same()
{
    shop();
    order();
    $now = time() + CausewayOutbox::HOLD + 1;
    same(1, count(CausewayOutbox::claim(str_repeat('a', 32), $now, 5)));
}

function test_what_changes_after_it_was_sent_within_one_request_is_news_again()
{
    shop();
    $order = order();
    CausewayOutbox::hurry(time());
    $post = new FakePost();
    same(1, send($post));
    $order->current_state = 2;
    $order->update();
    over();
    same(1, send($post));
    same(['order.created 6', 'order.updated 6'], $post->events());
    same('2', $post->got[1]['body']['current_state']);
}

function test_later_news_of_a_record_waits_for_the_one_that_is_under_way()
{
    shop();
    order();
    over();
    $post = new FakePost();
    $post->meanwhile = function () {
        (new Order(6))->update();
        over();
        // Another sender finds nothing: the first is not answered yet.
        same([], CausewayOutbox::claim(str_repeat('b', 32), time(), 5));
    };
    same(2, send($post));
    same(['order.created 6', 'order.updated 6'], $post->events());
}

function test_failed_news_is_not_overtaken_by_later_news_of_the_record()
{
    shop();
    order();
    over();
    $post = new FakePost();
    $post->answers = [500];
    send($post);
    (new Order(6))->update();
    over();
    // One row is left, and it says what both said.
    same(['created'], array_column(outbox(), 'kind'));
    same('said 500', CausewayStatus::lastError()['last_answer']);
}

function test_two_senders_never_have_the_same_row()
{
    shop();
    for ($id = 1; $id <= 20; ++$id) {
        order($id);
    }
    over();
    $taken = [];
    foreach (['a', 'b', 'c', 'd'] as $sender) {
        $rows = CausewayOutbox::claim(str_repeat($sender, 32), time(), 5);
        $taken = array_merge($taken, array_column($rows, 'id_entity'));
    }
    sort($taken);
    same(range(1, 20), array_map('intval', $taken));
    same(true, CausewayOutbox::isBusy(time()));
}

function test_a_dead_senders_rows_are_taken_over_and_its_late_word_counts_for_nothing()
{
    shop();
    order();
    over();
    $now = time();
    list($dead) = CausewayOutbox::claim(str_repeat('a', 32), $now, 5);
    same([], CausewayOutbox::claim(str_repeat('b', 32), $now + 60, 5));
    list($row) = CausewayOutbox::claim(str_repeat('b', 32), $now + CausewayOutbox::LEASE + 1, 5);
    same($dead['message_id'], $row['message_id']);
    CausewayOutbox::close($dead, CausewayOutbox::FAILED, 500, 'late', $now);
    same(['waiting'], array_column(outbox(), 'state'));
    CausewayOutbox::close($row, CausewayOutbox::SENT, 202, '', $now);
    same(['sent'], array_column(outbox(), 'state'));
}

function test_an_answer_that_was_lost_is_repeated_under_the_same_id()
{
    shop();
    order();
    over();
    $post = new FakePost();
    $post->answers = [0, 503];
    for ($i = 0; $i < 3; ++$i) {
        CausewayOutbox::hurry(time());
        CausewayRest::end();
        send($post);
    }
    same(3, count($post->got));
    same(1, count(array_unique(array_column($post->got, 'id'))));
    same('3', (string) outbox()[0]['attempts']);
}

function test_after_a_failure_the_row_waits_and_the_address_rests()
{
    shop();
    order(1);
    order(2);
    over();
    $post = new FakePost();
    $post->answers = [['status' => 503, 'text' => 'closed', 'retry_after' => 120]];
    same(0, send($post));
    same(1, count($post->got));
    $due = array_map(function ($row) {
        return strtotime($row['due_at'] . ' UTC') - time();
    }, outbox());
    same(true, $due[0] >= 118 && $due[0] <= 121 && $due[1] >= 118 && $due[1] <= 121, json_encode($due));
    same([['503', 'closed'], ['', '']], array_map(function ($row) {
        return [(string) $row['last_status'], (string) $row['last_answer']];
    }, outbox()));
    // Further news does not try either.
    order(3);
    over();
    same(0, send($post));
    same(1, count($post->got));
}

function test_the_rest_of_an_address_ends_with_the_first_success()
{
    shop();
    order();
    over();
    $post = new FakePost();
    $post->answers = [500];
    send($post);
    same(true, (new CausewayRest())->left('https://causeway.example/hooks/abcdefgh', time()) > 0);
    CausewayRest::end();
    CausewayOutbox::hurry(time());
    send($post);
    same('', Configuration::get('CAUSEWAY_REST'));
}

function test_what_is_refused_is_given_up_at_once_and_others_go_on()
{
    shop();
    order(1);
    order(2);
    over();
    $post = new FakePost();
    $post->answers = [400];
    same(1, send($post));
    same(['failed', 'sent'], array_column(outbox(), 'state'));
    same('1', Configuration::get('CAUSEWAY_FAILED'));
    same(1, CausewayOutbox::resendFailed(time()));
    same(1, send($post));
    same(['sent', 'sent'], array_column(outbox(), 'state'));
}

function test_after_three_days_it_is_given_up_and_can_be_sent_again()
{
    shop();
    order();
    over();
    Db::getInstance()->execute("UPDATE ps_causeway_outbox SET attempts = 9, occurred_at = '2026-01-01 00:00:00'");
    $post = new FakePost();
    $post->answers = [500];
    send($post);
    same(['failed'], array_column(outbox(), 'state'));
    same('said 500', CausewayStatus::lastError()['last_answer']);
    CausewayOutbox::resendFailed(time());
    CausewayRest::end();
    same(1, send($post));
    same('2026-01-01T00:00:00Z', $post->got[1]['body']['occurred_at']);
}

function test_newer_news_takes_the_place_of_what_was_given_up()
{
    shop();
    order();
    over();
    $post = new FakePost();
    $post->answers = [400];
    send($post);
    (new Order(6))->update();
    over();
    same(['waiting'], array_column(outbox(), 'state'));
}

function test_a_second_change_within_a_second_has_a_name_of_its_own()
{
    shop();
    order();
    over();
    $post = new FakePost();
    send($post);
    foreach ([11, 2, 11, 11] as $state) {
        (new Order(6, ['current_state' => $state]))->update();
        over();
        send($post);
    }
    same(
        ['2026-11-23 11:21:26/11', '2026-11-23 11:21:26/11/1', '2026-11-23 11:21:26/2', '2026-11-23 11:21:26/11/2',
            '2026-11-23 11:21:26/11/3'],
        array_map(function ($one) {
            return $one['body']['version'];
        }, $post->got)
    );
}

function test_the_table_stays_bounded()
{
    shop();
    $db = Db::getInstance();
    $db->pdo->beginTransaction();
    for ($i = 0; $i < CausewayOutbox::KEEP_ROWS + 50; ++$i) {
        $closed = $i < 10 ? '2020-01-01 00:00:00' : CausewayTable::time(time());
        $db->execute("INSERT INTO ps_causeway_outbox (message_id, entity, id_entity, id_shop, kind, origin, own, id_key,
            occurred_at, state, attempts, due_at, revision, closed_at) VALUES ('m', 'order', $i, 1, 'updated', 'api', 0, 0,
            '2026-01-01 00:00:00', 'sent', 1, '2026-01-01 00:00:00', 0, '$closed')");
    }
    $db->pdo->commit();
    order(9999);
    over();
    CausewayOutbox::prune(time());
    same(CausewayOutbox::KEEP_ROWS, CausewayStatus::count('sent'));
    same(1, CausewayStatus::count('waiting'));
    CausewayOutbox::clear();
    same(0, CausewayStatus::count('sent'));
    same(1, CausewayStatus::count('waiting'));
}

function test_without_an_address_news_waits_for_one()
{
    shop();
    Configuration::$values['CAUSEWAY_URL'] = [];
    order();
    over();
    $post = new FakePost();
    same(0, send($post));
    same([], $post->got);
    Configuration::updateValue('CAUSEWAY_URL', 'https://causeway.example/hooks/abcdefgh');
    CausewayOutbox::hurry(time());
    same(1, send($post));
}

function test_shops_may_have_addresses_of_their_own()
{
    shop();
    Shop::$active = true;
    Configuration::updateValue('CAUSEWAY_URL', 'https://other.example/hooks/abcdefgh', false, null, 2);
    order(1);
    order(2, ['id_shop' => 2]);
    over();
    $post = new FakePost();
    send($post);
    same(
        [['https://causeway.example/hooks/abcdefgh', '1'], ['https://other.example/hooks/abcdefgh', '2']],
        array_map(function ($one) {
            return [$one['url'], $one['body']['id_shop']];
        }, $post->got)
    );
    same(['a secret of both sides'], array_values(array_unique(array_column($post->got, 'secret'))));
}

function test_a_database_that_fails_does_not_break_the_shop()
{
    shop();
    Db::getInstance()->broken = 'INSERT INTO `ps_causeway_outbox`';
    $order = order();
    $order->update();
    same(true, strpos(PrestaShopLogger::$lines[0], 'Causeway: ') === 0);
    Db::getInstance()->broken = '';
    $order->update();
    over();
    same(1, count(outbox()));
}

function test_the_sender_stops_when_its_time_is_over()
{
    shop();
    order(1);
    over();
    $post = new FakePost();
    same(0, send($post, 0));
    same([], $post->got);
    same([null], array_column(outbox(), 'claim'));
}

exit(run_tests());
