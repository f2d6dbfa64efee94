<?php
/** php digest.php FILE: the hashes of the records in a JSON file, and the mark of each, as JSON. */
define('_PS_VERSION_', '9.0.0');
require dirname(__DIR__, 3) . '/far_side/causeway/classes/CausewayDigest.php';

$found = [];
foreach (json_decode(file_get_contents($argv[1]), true) as list($entity, $id, $values)) {
    $hashes = CausewayDigest::fields($entity, $id, $values);
    $found[] = ['hashes' => $hashes, 'mark' => CausewayDigest::mark($hashes)];
}
echo json_encode($found);
