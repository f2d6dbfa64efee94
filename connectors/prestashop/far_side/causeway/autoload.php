<?php
/** The module's classes; required by what is called first: the module itself, or its upgrade. */
if (!defined('_PS_VERSION_')) {
    exit;
}

foreach ([
    'Digest', 'Signature', 'Verdict', 'Entity', 'News', 'Table', 'Outbox', 'Status', 'Settings', 'Origin',
    'Body', 'Post', 'Rest', 'Sender', 'Request', 'Watch', 'Hooks', 'Setup', 'Form', 'Page',
] as $part) {
    require_once __DIR__ . '/classes/Causeway' . $part . '.php';
}
