<?php
/** Sending after the answer has left, where the server can do that. */
require __DIR__ . '/shop.php';

/** What PHP-FPM brings; here it notes what was sent before it was called. */
function fastcgi_finish_request()
{
    global $finished;
    $finished[] = array_map('intval', array_column(outbox(), 'attempts'));

    return true;
}

function end_request(): array
{
    global $finished;
    $finished = [];
    CausewayRequest::end();
    CausewayWatch::forget();

    return $finished;
}

/** A shop whose Causeway is a port where nobody listens. */
function alone()
{
    shop();
    Configuration::updateValue('CAUSEWAY_URL', 'http://127.0.0.1:1/hooks/abcdefgh');
}

function test_the_answer_leaves_before_anything_is_sent()
{
    alone();
    (new Order(6))->add();
    same([[0]], end_request());
    $row = outbox()[0];
    same(['1', '0', 'waiting'], [(string) $row['attempts'], (string) $row['last_status'], $row['state']]);
    same(true, $row['last_answer'] !== '');
}

function test_while_the_address_rests_a_request_costs_no_attempt()
{
    alone();
    (new Order(6))->add();
    end_request();
    (new Order(7))->add();
    $began = microtime(true);
    end_request();
    same(['1', '0'], array_map('strval', array_column(outbox(), 'attempts')));
    same(true, microtime(true) - $began < 1);
}

function test_while_another_sends_a_request_leaves_it_to_that()
{
    alone();
    (new Order(6))->add();
    over();
    CausewayOutbox::claim(str_repeat('a', 32), time(), 5);
    (new Order(7))->add();
    same([[0, 0]], end_request());
    same(['0', '0'], array_map('strval', array_column(outbox(), 'attempts')));
}

function test_a_database_that_is_gone_at_the_end_is_a_line_in_the_log()
{
    alone();
    (new Order(6))->add();
    Db::getInstance()->broken = 'SELECT';
    end_request();
    same(1, count(PrestaShopLogger::$lines));
}

exit(run_tests());
