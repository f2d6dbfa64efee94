<?php
/**
 * Install, upgrade and uninstall: the table, the settings, the hooks; nothing stays behind.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewaySetup
{
    const VERSION = '1.1.0';

    public static function install(Module $module): bool
    {
        return CausewayTable::create()
            && self::settle()
            && $module->registerHook(self::hookNames());
    }

    public static function uninstall(): bool
    {
        foreach (CausewaySettings::ALL as $name) {
            Configuration::deleteByName($name);
        }

        return CausewayTable::drop();
    }

    /** The hooks that CausewayHooks has methods for. @return string[] */
    public static function hookNames(): array
    {
        $names = [
            'actionValidateOrder',
            'actionOrderHistoryAddAfter',
            'actionObjectOrderCarrierUpdateBefore',
            'actionAdminOrdersTrackingNumberUpdate',
            'actionProductSave',
            'actionProductUpdate',
            'actionUpdateQuantity',
            'actionObjectStockAvailableUpdateBefore',
        ];
        $objects = [
            'Order', 'OrderCarrier', 'Customer', 'Address', 'CustomerAddress', 'Product', 'Combination',
            'StockAvailable',
        ];
        foreach ($objects as $object) {
            foreach (['Add', 'Update', 'Delete'] as $what) {
                $names[] = 'actionObject' . $object . $what . 'After';
            }
        }

        return $names;
    }

    /** From 1.0: what waits moves into the outbox, the secret is sealed, the further hooks are registered. */
    public static function upgradeFrom10(Module $module): bool
    {
        if (!CausewayTable::create() || !self::moveQueue()) {
            return false;
        }
        self::sealSecrets();
        $queue = __DIR__ . '/CausewayQueue.php';
        if (is_file($queue) && is_writable($queue)) {
            unlink($queue);
        }

        return self::settle() && $module->registerHook(self::hookNames());
    }

    private static function settle(): bool
    {
        if ((string) Configuration::get(CausewaySettings::CRON_TOKEN) === '') {
            Configuration::updateGlobalValue(CausewaySettings::CRON_TOKEN, bin2hex(random_bytes(16)));
        }
        Configuration::updateGlobalValue(CausewaySettings::FAILED, '0');

        // Read by Causeway's check of the connection.
        return (bool) Configuration::updateGlobalValue(CausewaySettings::VERSION, self::VERSION);
    }

    /** The old table goes when all its rows are in the new one. */
    private static function moveQueue(): bool
    {
        $old = _DB_PREFIX_ . 'causeway_queue';
        if (!CausewayTable::exists($old)) {
            return true;
        }
        $after = 0;
        do {
            $rows = CausewayTable::rows(
                'SELECT q.`id_causeway_queue`, q.`event`, q.`id_order`, q.`origin`, q.`occurred_at`, o.`id_shop`
                FROM `' . $old . '` q LEFT JOIN `' . _DB_PREFIX_ . 'orders` o ON o.`id_order` = q.`id_order`
                WHERE q.`id_causeway_queue` > ' . $after . ' ORDER BY q.`id_causeway_queue` LIMIT 500'
            );
            foreach ($rows as $row) {
                $after = (int) $row['id_causeway_queue'];
                $change = $row['event'] === 'order.created' ? CausewayEntity::CREATED : CausewayEntity::UPDATED;
                $news = new CausewayNews(CausewayEntity::ORDER, (int) $row['id_order'], $change, (int) $row['id_shop']);
                $news->origin = (string) $row['origin'];
                CausewayOutbox::add($news, (int) strtotime($row['occurred_at'] . ' UTC'), 0);
            }
        } while ($rows);

        return (bool) Db::getInstance()->execute('DROP TABLE IF EXISTS `' . $old . '`');
    }

    /** 1.0 stored the secret as it is. */
    private static function sealSecrets()
    {
        $rows = CausewayTable::rows(
            'SELECT `id_configuration`, `value`, `id_shop_group`, `id_shop` FROM `' . _DB_PREFIX_ . 'configuration`
            WHERE `name` = \'' . CausewaySettings::SECRET . '\''
        );
        foreach ($rows as $row) {
            $value = (string) $row['value'];
            if ($value !== '' && strpos($value, CausewaySettings::SEALED) !== 0) {
                Configuration::updateValue(
                    CausewaySettings::SECRET,
                    CausewaySettings::seal($value),
                    false,
                    (int) $row['id_shop_group'],
                    (int) $row['id_shop']
                );
            }
        }
    }
}
