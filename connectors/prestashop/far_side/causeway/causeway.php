<?php
/**
 * Tells Causeway what changes in the shop: orders, parcels, customers, addresses, products,
 * combinations, stock.
 *
 * Hooks run inside the request of a customer or an employee, so they only write a row into the
 * outbox; deliveries leave after the answer, or from cron. PHP 7.2 to 8.4, PrestaShop 1.7.8 to 9.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

require_once __DIR__ . '/autoload.php';

class Causeway extends Module
{
    use CausewayHooks;

    public function __construct()
    {
        $this->name = 'causeway';
        $this->tab = 'administration';
        $this->version = '1.1.0';
        $this->author = 'Causeway';
        $this->need_instance = 0;
        $this->bootstrap = true;
        $this->ps_versions_compliancy = ['min' => '1.7.8.0', 'max' => '9.99.99'];
        parent::__construct();
        $this->displayName = 'Causeway';
        $this->description = $this->l('Tells Causeway what changes in the shop, within seconds.');
        $this->confirmUninstall = $this->l('News that was not sent is lost; Causeway finds it by its polls. Uninstall?');
    }

    public function install(): bool
    {
        if (Shop::isFeatureActive()) {
            Shop::setContext(Shop::CONTEXT_ALL);
        }

        return parent::install() && CausewaySetup::install($this);
    }

    public function uninstall(): bool
    {
        return CausewaySetup::uninstall() && parent::uninstall();
    }

    public function getContent()
    {
        return (new CausewayPage($this, $this->context))->show();
    }
}
