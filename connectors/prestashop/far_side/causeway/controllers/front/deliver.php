<?php
/**
 * Delivers what waits, for cron: /module/causeway/deliver?token=...
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayDeliverModuleFrontController extends ModuleFrontController
{
    /** Seconds, of the minute between two calls. */
    const SECONDS = 45;

    public function initContent(): void
    {
        header('Content-Type: application/json');
        header('Cache-Control: no-store');
        $token = (string) Configuration::get(CausewaySettings::CRON_TOKEN);
        if ($token === '' || !hash_equals($token, (string) Tools::getValue('token'))) {
            http_response_code(403);
            exit(json_encode(['error' => 'The token is not the one of the configuration page.']));
        }
        ignore_user_abort(true);
        $sent = CausewayOutbox::isBusy(time()) ? 0 : (new CausewaySender())->run(self::SECONDS);
        exit(json_encode([
            'sent' => $sent,
            'waiting' => CausewayStatus::count(CausewayOutbox::WAITING),
            'failed' => CausewayStatus::count(CausewayOutbox::FAILED),
        ]));
    }

    /** What an employee does in a closed shop is news too; the webservice stays open as well. */
    protected function displayMaintenancePage(): void
    {
    }

    /** Cron calls from wherever it runs. */
    protected function displayRestrictedCountryPage(): void
    {
    }
}
