<?php
/** php cron.php TOKEN: what cron calls, in a shop with one order to tell and nobody to hear it. */
require __DIR__ . '/shop.php';

class FrontController
{
    protected function displayMaintenancePage()
    {
        exit('closed');
    }

    protected function displayRestrictedCountryPage()
    {
        exit('not from here');
    }

    public function init()
    {
        $this->displayMaintenancePage();
        $this->displayRestrictedCountryPage();
    }
}

class ModuleFrontController extends FrontController
{
    public function initContent()
    {
    }
}

require _PS_MODULE_DIR_ . 'causeway/controllers/front/deliver.php';
shop();
Configuration::updateValue('CAUSEWAY_URL', 'http://127.0.0.1:1/hooks/abcdefgh');
Configuration::updateGlobalValue('CAUSEWAY_CRON_TOKEN', $argv[2]);
(new Order(6))->add();
over();
Tools::$posted = ['token' => $argv[1]];
$controller = new CausewayDeliverModuleFrontController();
$controller->init();
$controller->initContent();
