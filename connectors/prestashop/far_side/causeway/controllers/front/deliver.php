<?php
/**
 * Delivers what waits, for cron: /module/causeway/deliver?token=...
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayDeliverModuleFrontController extends ModuleFrontController
{
    public function initContent()
    {
        $token = (string) Configuration::get('CAUSEWAY_CRON_TOKEN');
        if ($token === '' || !hash_equals($token, (string) Tools::getValue('token'))) {
            http_response_code(403);
            exit;
        }
        $sent = CausewayQueue::deliver();
        header('Content-Type: application/json');
        exit(json_encode(['sent' => $sent, 'waiting' => CausewayQueue::count()]));
    }
}
