<?php
/** Hashes, signature and verdicts. */
require __DIR__ . '/shop.php';

function test_a_value_has_one_spelling()
{
    foreach ([
        ['23.900000', '23.9'], ['0.000000', '0'], ['-0.000000', '0'], ['10.000000', '10'], ['100', '100'],
        [null, ''], [true, '1'], [false, ''], [7, '7'], ['', ''], ['1.2.3', '1.2.3'], ['007', '007'],
        [' x ', ' x '], ['ã', 'ã'], ['-1.50', '-1.5'], ['1e5', '1e5'], ["1.0\n", "1.0\n"],
    ] as list($value, $wanted)) {
        same($wanted, CausewayDigest::canonical($value), json_encode($value));
    }
}

function test_equal_values_of_two_records_have_different_hashes()
{
    $one = CausewayDigest::fields('customer', 1, ['city' => 'Bath']);
    $other = CausewayDigest::fields('customer', 2, ['city' => 'Bath']);
    same(12, strlen($one['city']));
    same(false, $one === $other);
    same($one, CausewayDigest::fields('customer', 1, ['city' => 'Bath']));
}

function test_the_signature_of_the_specification()
{
    // The example of standardwebhooks.com.
    $headers = CausewaySignature::headers(
        'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
        'msg_p5jXN8AQM9LWM0D4loKWxJek',
        1614265330,
        '{"test": 2432232314}'
    );
    same('webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=', $headers[2]);
    same('', CausewaySignature::key('whsec_***'));
    same('plain', CausewaySignature::key('plain'));
}

function test_what_answers_mean()
{
    foreach ([
        [200, 'sent'], [202, 'sent'], [204, 'sent'], [301, 'later'], [400, 'refused'], [401, 'later'],
        [404, 'later'], [413, 'refused'], [422, 'refused'], [429, 'later'], [500, 'later'], [503, 'later'],
        [0, 'later'],
    ] as list($status, $wanted)) {
        same($wanted, CausewayVerdict::of($status), (string) $status);
    }
}

function test_pauses_double_up_to_an_hour_and_differ_by_chance()
{
    $pauses = [];
    for ($attempts = 1; $attempts <= 12; ++$attempts) {
        $pauses[] = CausewayVerdict::pause($attempts, 1.0);
    }
    same([10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600], $pauses);
    same(8, CausewayVerdict::pause(1, 0.0));
    same(10, CausewayVerdict::pause(0, 1.0));
    same(3600, CausewayVerdict::pause(1000, 1.0));
}

function test_an_address_rests_as_long_as_it_asks_for_but_not_for_ever()
{
    same(10, CausewayVerdict::rest(1, 1.0, 0));
    same(120, CausewayVerdict::rest(1, 1.0, 120));
    same(3600, CausewayVerdict::rest(1, 1.0, 999999));
    same(900, CausewayVerdict::rest(30, 1.0, 0));
    same(10, CausewayVerdict::rest(1, 1.0, -5));
}

function test_news_is_given_up_after_three_days_of_trying()
{
    same(false, CausewayVerdict::isGivenUp(9, 400000));
    same(false, CausewayVerdict::isGivenUp(500, 3600));
    same(true, CausewayVerdict::isGivenUp(10, 259200));
}

function test_the_key_of_a_request_is_found_wherever_servers_put_it()
{
    $basic = 'Basic ' . base64_encode('KEY:');
    foreach ([
        [['PHP_AUTH_USER' => 'KEY'], []],
        [['HTTP_AUTHORIZATION' => $basic], []],
        [['REDIRECT_HTTP_AUTHORIZATION' => $basic], []],
        [[], ['ws_key' => 'KEY']],
    ] as list($server, $query)) {
        same('KEY', CausewayOrigin::key($server, $query));
    }
    foreach ([
        [[], []], [['HTTP_AUTHORIZATION' => 'Bearer x'], []], [['HTTP_AUTHORIZATION' => 'Basic ***'], []],
        [[], ['ws_key' => ['x']]], [['PHP_AUTH_USER' => ''], []],
    ] as list($server, $query)) {
        same('', CausewayOrigin::key($server, $query));
    }
}

exit(run_tests());
