<?php
/**
 * Tells Causeway about placed and changed orders.
 *
 * Hooks run inside the request of a customer or an employee, so they only write one row into a
 * table; deliveries leave after the answer (FastCGI) or from cron. PHP 7.1 or newer,
 * PrestaShop 1.7.8 to 9.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

require_once __DIR__ . '/classes/CausewayQueue.php';

class Causeway extends Module
{
    const HOOKS = [
        'actionValidateOrder',
        'actionOrderHistoryAddAfter',
        'actionObjectOrderUpdateAfter',
    ];

    /** @var array<string, bool> what this request has queued already */
    private static $queued = [];

    public function __construct()
    {
        $this->name = 'causeway';
        $this->tab = 'administration';
        $this->version = '1.0.0';
        $this->author = 'Causeway';
        $this->need_instance = 0;
        $this->bootstrap = true;
        $this->ps_versions_compliancy = ['min' => '1.7.8.0', 'max' => '9.99.99'];
        parent::__construct();
        $this->displayName = 'Causeway';
        $this->description = 'Tells Causeway about placed and changed orders.';
        $this->confirmUninstall = 'Orders that Causeway has not been told about are found by its poll. Uninstall?';
    }

    public function install()
    {
        return parent::install()
            && CausewayQueue::createTable()
            && Configuration::updateValue('CAUSEWAY_CRON_TOKEN', bin2hex(random_bytes(16)))
            // Read by Causeway's check of the connection.
            && Configuration::updateValue('CAUSEWAY_VERSION', $this->version)
            && $this->registerHook(self::HOOKS);
    }

    public function uninstall()
    {
        foreach (['CAUSEWAY_URL', 'CAUSEWAY_SECRET', 'CAUSEWAY_CRON_TOKEN', 'CAUSEWAY_VERSION'] as $name) {
            Configuration::deleteByName($name);
        }

        return CausewayQueue::dropTable() && parent::uninstall();
    }

    /** An order was placed. Its first state is stored a moment later, so it is read when sent. */
    public function hookActionValidateOrder($params)
    {
        if (isset($params['order'])) {
            $this->queue('order.created', (int) $params['order']->id);
        }
    }

    /** An order got another state. */
    public function hookActionOrderHistoryAddAfter($params)
    {
        if (isset($params['order_history'])) {
            $this->queue('order.updated', (int) $params['order_history']->id_order);
        }
    }

    /** Any other change; fires several times for one change of state. */
    public function hookActionObjectOrderUpdateAfter($params)
    {
        if (isset($params['object'])) {
            $this->queue('order.updated', (int) $params['object']->id);
        }
    }

    /** Queue once per request, and never let a fault of ours break a checkout. */
    private function queue($event, $idOrder)
    {
        if ($idOrder <= 0 || isset(self::$queued['order.created' . $idOrder]) || isset(self::$queued[$event . $idOrder])) {
            return;
        }
        try {
            if (!self::$queued) {
                register_shutdown_function(['CausewayQueue', 'deliverAfterAnswer']);
            }
            self::$queued[$event . $idOrder] = true;
            CausewayQueue::add($event, $idOrder, $this->origin());
        } catch (Throwable $error) {
            PrestaShopLogger::addLog('Causeway: ' . $error->getMessage(), 3, null, 'Order', $idOrder);
        }
    }

    /** Who made the change: lets Causeway tell its own writes from other people's. */
    private function origin()
    {
        if (defined('_PS_API_IN_USE_')) {
            return 'api';
        }

        return defined('_PS_ADMIN_DIR_') ? 'admin' : 'front';
    }

    public function getContent()
    {
        $message = '';
        if (Tools::isSubmit('submitCauseway')) {
            $url = trim((string) Tools::getValue('CAUSEWAY_URL'));
            $secret = trim((string) Tools::getValue('CAUSEWAY_SECRET'));
            if (!preg_match('#^https?://[^\s]+/hooks/[^\s]+$#', $url)) {
                $message = $this->displayError('Copy the hook address from the connection in Causeway; it contains /hooks/.');
            } elseif ($secret !== '' && strlen($secret) < 16) {
                $message = $this->displayError('The secret has at least 16 characters.');
            } else {
                Configuration::updateValue('CAUSEWAY_URL', $url);
                if ($secret !== '') {
                    Configuration::updateValue('CAUSEWAY_SECRET', $secret);
                }
                $message = $this->displayConfirmation('Saved.');
            }
        }
        $cron = $this->context->link->getModuleLink(
            'causeway',
            'deliver',
            ['token' => Configuration::get('CAUSEWAY_CRON_TOKEN')]
        );
        $message .= $this->displayInformation(
            'Waiting to be sent: ' . CausewayQueue::count()
            . '. Call this address from cron every minute: ' . Tools::safeOutput($cron)
        );

        return $message . $this->form();
    }

    private function form()
    {
        $helper = new HelperForm();
        $helper->module = $this;
        $helper->name_controller = $this->name;
        $helper->token = Tools::getAdminTokenLite('AdminModules');
        $helper->currentIndex = AdminController::$currentIndex . '&configure=' . $this->name;
        $helper->default_form_language = (int) Configuration::get('PS_LANG_DEFAULT');
        $helper->submit_action = 'submitCauseway';
        $helper->fields_value = [
            'CAUSEWAY_URL' => Tools::getValue('CAUSEWAY_URL', Configuration::get('CAUSEWAY_URL')),
            'CAUSEWAY_SECRET' => '',
        ];

        return $helper->generateForm([['form' => [
            'legend' => ['title' => 'Causeway', 'icon' => 'icon-exchange'],
            'input' => [
                [
                    'type' => 'text',
                    'name' => 'CAUSEWAY_URL',
                    'label' => 'Hook address',
                    'required' => true,
                    'desc' => 'From the connection of this shop in Causeway.',
                ],
                [
                    'type' => 'password',
                    'name' => 'CAUSEWAY_SECRET',
                    'label' => 'Webhook secret',
                    'desc' => 'The same as in the connection. Leave empty to keep the one that is stored.',
                ],
            ],
            'submit' => ['title' => 'Save'],
        ]]]);
    }
}
