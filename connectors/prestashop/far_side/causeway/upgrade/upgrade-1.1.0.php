<?php
if (!defined('_PS_VERSION_')) {
    exit;
}

/** Called by PrestaShop when the files of 1.1.0 are there and 1.0.0 was installed. */
function upgrade_module_1_1_0($module)
{
    return CausewaySetup::upgradeFrom10($module);
}
