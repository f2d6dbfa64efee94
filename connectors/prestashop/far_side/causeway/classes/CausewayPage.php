<?php
/**
 * The configuration page: settings, what the outbox holds, and what can be done about it.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayPage
{
    /** @var Module */
    private $module;
    /** @var Context */
    private $context;
    /** @var CausewayForm */
    private $form;

    public function __construct(Module $module, Context $context)
    {
        $this->module = $module;
        $this->context = $context;
        $this->form = new CausewayForm($module);
    }

    public function show(): string
    {
        return $this->act() . $this->form->html($this->token()) . $this->outbox();
    }

    /** PrestaShop checks its token before it comes here; what changes something needs ours as well. */
    private function token(): string
    {
        return (string) Tools::getAdminToken('CausewayPage' . (int) $this->context->employee->id);
    }

    private function act(): string
    {
        $actions = [
            CausewayForm::SUBMIT => 'save',
            'causewayTest' => 'test',
            'causewaySend' => 'send',
            'causewayResend' => 'resend',
            'causewayClear' => 'clear',
        ];
        foreach ($actions as $name => $method) {
            if (Tools::isSubmit($name)) {
                if (!$this->isMeant()) {
                    return $this->module->displayError(
                        $this->module->l('This page was open for too long. Try again.', 'causewaypage')
                    );
                }

                return $this->$method();
            }
        }

        return '';
    }

    private function isMeant(): bool
    {
        $method = isset($_SERVER['REQUEST_METHOD']) ? $_SERVER['REQUEST_METHOD'] : '';

        return $method === 'POST'
            && hash_equals($this->token(), (string) Tools::getValue(CausewayForm::TOKEN));
    }

    private function save(): string
    {
        $errors = $this->form->save();
        if ($errors) {
            return implode('', array_map([$this->module, 'displayError'], $errors));
        }

        return $this->module->displayConfirmation($this->module->l('Saved.', 'causewaypage'));
    }

    private function test(): string
    {
        $answer = (new CausewaySender())->test((int) Shop::getContextShopID());
        if ($answer['status'] >= 200 && $answer['status'] < 300) {
            return $this->module->displayConfirmation(sprintf(
                $this->module->l('The test event arrived after %d ms. The connection in Causeway lists it.', 'causewaypage'),
                $answer['ms']
            ));
        }
        if ($answer['status'] === 0 && $answer['text'] === '') {
            return $this->module->displayError(
                $this->module->l('Save the hook address and the secret first.', 'causewaypage')
            );
        }

        return $this->module->displayError(
            $this->module->l('The test event did not arrive:', 'causewaypage') . ' '
            . Tools::safeOutput(CausewayTable::short($answer['status'] . ' ' . $answer['text']))
        );
    }

    private function send(): string
    {
        CausewayRest::end();
        CausewayOutbox::hurry(time());
        $sent = (new CausewaySender())->run(CausewayRequest::AFTERWARDS);

        return $this->module->displayConfirmation(
            sprintf($this->module->l('Sent: %d.', 'causewaypage'), $sent)
        );
    }

    private function resend(): string
    {
        $count = CausewayOutbox::resendFailed(time());
        CausewayRest::end();
        CausewaySender::countFailed();

        return $this->module->displayConfirmation(
            sprintf($this->module->l('Waiting to be sent again: %d.', 'causewaypage'), $count)
        );
    }

    private function clear(): string
    {
        CausewayOutbox::clear();
        CausewaySender::countFailed();

        return $this->module->displayConfirmation(
            $this->module->l('What was sent and what was given up is forgotten; what waits stays.', 'causewaypage')
        );
    }

    private function outbox(): string
    {
        $names = CausewayForm::names($this->module);
        $recent = [];
        foreach (CausewayStatus::recent() as $row) {
            $recent[] = [
                'noun' => $names[$row['entity']],
                'last_answer' => (string) $row['last_answer'],
            ] + $row;
        }
        $this->context->smarty->assign(['causeway' => [
            'action' => AdminController::$currentIndex . '&configure=' . $this->module->name
                . '&token=' . Tools::getAdminTokenLite('AdminModules'),
            'token_name' => CausewayForm::TOKEN,
            'token' => $this->token(),
            'waiting' => CausewayStatus::count(CausewayOutbox::WAITING),
            'failed' => CausewayStatus::count(CausewayOutbox::FAILED),
            'last_sent' => CausewayStatus::lastSent(),
            'last_error' => CausewayStatus::lastError(),
            'recent' => $recent,
            'after_answer' => function_exists('fastcgi_finish_request')
                || function_exists('litespeed_finish_request'),
            'cron' => $this->context->link->getModuleLink(
                $this->module->name,
                'deliver',
                ['token' => Configuration::get(CausewaySettings::CRON_TOKEN)]
            ),
        ]]);

        return $this->context->smarty->fetch($this->module->getLocalPath() . 'views/templates/admin/outbox.tpl');
    }
}
