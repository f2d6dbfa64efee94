<?php
/**
 * The form of the settings. The secret is never shown.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayForm
{
    const SUBMIT = 'submitCauseway';
    const TOKEN = 'causeway_token';

    /** @var Module */
    private $module;

    public function __construct(Module $module)
    {
        $this->module = $module;
    }

    /** Stores what was entered for the shop that is chosen in the back office. @return string[] what is wrong */
    public function save(): array
    {
        $url = trim((string) Tools::getValue(CausewaySettings::URL));
        $secret = trim((string) Tools::getValue(CausewaySettings::SECRET));
        $errors = [];
        if (!preg_match('#^https?://[^\s/]+(/[^\s]*)?/hooks/[A-Za-z0-9_-]+$#', $url)) {
            $errors[] = $this->module->l('Copy the hook address from the connection in Causeway; it contains /hooks/.', 'causewayform');
        }
        if ($secret !== '' && strlen(CausewaySignature::key($secret)) < 16) {
            $errors[] = $this->module->l('The secret has at least 16 characters.', 'causewayform');
        }
        if ($secret === '' && (string) Configuration::get(CausewaySettings::SECRET) === '') {
            $errors[] = $this->module->l('Enter the webhook secret too: nothing is sent without a signature.', 'causewayform');
        }
        if ($errors) {
            return $errors;
        }
        Configuration::updateValue(CausewaySettings::URL, $url);
        if ($secret !== '') {
            Configuration::updateValue(CausewaySettings::SECRET, CausewaySettings::seal($secret));
        }
        $chosen = [];
        foreach (array_keys(CausewayEntity::NOUN) as $entity) {
            if (Tools::getValue(CausewaySettings::EVENTS . '_' . $entity)) {
                $chosen[] = $entity;
            }
        }
        Configuration::updateValue(CausewaySettings::EVENTS, implode(',', $chosen));
        Configuration::updateValue(CausewaySettings::KEY, (int) Tools::getValue(CausewaySettings::KEY));
        CausewayRest::end();
        CausewayOutbox::hurry(time());

        return [];
    }

    public function html(string $token): string
    {
        $helper = new HelperForm();
        $helper->module = $this->module;
        $helper->name_controller = $this->module->name;
        $helper->token = Tools::getAdminTokenLite('AdminModules');
        $helper->currentIndex = AdminController::$currentIndex . '&configure=' . $this->module->name;
        $helper->default_form_language = (int) Configuration::get('PS_LANG_DEFAULT');
        $helper->submit_action = self::SUBMIT;
        $helper->fields_value = $this->values($token);

        return $helper->generateForm([['form' => [
            'legend' => ['title' => $this->module->l('Connection', 'causewayform'), 'icon' => 'icon-exchange'],
            'input' => [
                ['type' => 'hidden', 'name' => self::TOKEN],
                [
                    'type' => 'text',
                    'name' => CausewaySettings::URL,
                    'label' => $this->module->l('Hook address', 'causewayform'),
                    'required' => true,
                    'desc' => $this->module->l('From the connection of this shop in Causeway. Use https outside a private network.', 'causewayform'),
                ],
                [
                    'type' => 'password',
                    'name' => CausewaySettings::SECRET,
                    'label' => $this->module->l('Webhook secret', 'causewayform'),
                    'desc' => $this->module->l('The same as in the connection. Leave it empty to keep the one that is stored.', 'causewayform'),
                ],
                [
                    'type' => 'checkbox',
                    'name' => CausewaySettings::EVENTS,
                    'label' => $this->module->l('Tell of', 'causewayform'),
                    'values' => ['query' => $this->choices(), 'id' => 'id', 'name' => 'name'],
                ],
                [
                    'type' => 'select',
                    'name' => CausewaySettings::KEY,
                    'label' => $this->module->l('Webservice key of Causeway', 'causewayform'),
                    'desc' => $this->module->l('What Causeway writes itself is marked, so that it does not answer its own changes. The key is not sent.', 'causewayform'),
                    'options' => ['query' => $this->keys(), 'id' => 'id', 'name' => 'name'],
                ],
            ],
            'submit' => ['title' => $this->module->l('Save', 'causewayform')],
        ]]]);
    }

    /** @return array<string, mixed> */
    private function values(string $token): array
    {
        $idShop = (int) Shop::getContextShopID();
        $values = [
            self::TOKEN => $token,
            CausewaySettings::URL => Tools::getValue(CausewaySettings::URL, Configuration::get(CausewaySettings::URL)),
            CausewaySettings::SECRET => '',
            CausewaySettings::KEY => (int) Tools::getValue(CausewaySettings::KEY, CausewaySettings::ownKey($idShop)),
        ];
        $chosen = CausewaySettings::entities($idShop);
        foreach (array_keys(CausewayEntity::NOUN) as $entity) {
            $values[CausewaySettings::EVENTS . '_' . $entity] = in_array($entity, $chosen, true);
        }

        return $values;
    }

    /** @return array<int, array{id: string, name: string}> */
    private function choices(): array
    {
        $names = self::names($this->module);
        $choices = [];
        foreach (array_keys(CausewayEntity::NOUN) as $entity) {
            $choices[] = ['id' => $entity, 'name' => $names[$entity]];
        }

        return $choices;
    }

    /** @return array<string, string> what each kind of record is called */
    public static function names(Module $module): array
    {
        return [
            CausewayEntity::ORDER => $module->l('Orders and their states', 'causewayform'),
            CausewayEntity::TRACKING => $module->l('Tracking numbers and carriers', 'causewayform'),
            CausewayEntity::CUSTOMER => $module->l('Customers', 'causewayform'),
            CausewayEntity::ADDRESS => $module->l('Addresses', 'causewayform'),
            CausewayEntity::PRODUCT => $module->l('Products', 'causewayform'),
            CausewayEntity::COMBINATION => $module->l('Combinations', 'causewayform'),
            CausewayEntity::STOCK => $module->l('Stock', 'causewayform'),
        ];
    }

    /** The webservice keys by what they are described as; of the key itself its end is shown. */
    private function keys(): array
    {
        $keys = [['id' => 0, 'name' => $this->module->l('Not chosen: nothing is marked', 'causewayform')]];
        $rows = CausewayTable::rows(
            'SELECT `id_webservice_account`, `description`, RIGHT(`key`, 4) AS `end`
            FROM `' . _DB_PREFIX_ . 'webservice_account` ORDER BY `id_webservice_account`'
        );
        foreach ($rows as $row) {
            $name = trim((string) $row['description']);
            $keys[] = [
                'id' => (int) $row['id_webservice_account'],
                'name' => Tools::safeOutput(
                    ($name !== '' ? $name . ' ' : '') . '(' . $row['id_webservice_account'] . ', ...' . $row['end'] . ')'
                ),
            ];
        }

        return $keys;
    }
}
