<?php
/**
 * php race.php DSN make|send: one of several senders at one outbox. Prints the message ids it sent.
 * CAUSEWAY_TEST_DSN names a database that they share.
 */
require __DIR__ . '/shop.php';

class QuietPost extends FakePost
{
    public function send(string $url, string $secret, string $id, string $body, int $now): array
    {
        echo $id, "\n";
        usleep(random_int(0, 3000));

        return ['status' => 202, 'text' => '', 'retry_after' => 0];
    }
}

if ($argv[1] === 'make') {
    shop();
    for ($id = 1; $id <= 60; ++$id) {
        (new Order($id))->add();
    }
    over();
    exit(0);
}
Configuration::$values = ['CAUSEWAY_URL' => [0 => 'https://causeway.example/hooks/abcdefgh'],
    'CAUSEWAY_SECRET' => [0 => 'a secret of both sides']];
(new CausewaySender(new QuietPost()))->run(30);
