<?php
if (!defined('_PS_VERSION_')) {
    exit;
}

// PrestaShop may have loaded the class of 1.0 in this very request.
require_once dirname(__DIR__) . '/autoload.php';

/** Called by PrestaShop when the files of 1.1.0 are there and 1.0.0 was installed. */
function upgrade_module_1_1_0($module)
{
    return CausewaySetup::upgradeFrom10($module);
}
