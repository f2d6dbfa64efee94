<?php
/**
 * One piece of news on its way into the outbox. A value; pure.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayNews
{
    /** @var string one of CausewayEntity */
    public $entity;
    /** @var int */
    public $id;
    /** @var string created, updated or deleted */
    public $change;
    /** @var int 0: of all shops, or of none */
    public $idShop;
    /** @var string front, admin, api or cli */
    public $origin = 'front';
    /** @var bool written with Causeway's own webservice key */
    public $own = false;
    /** @var int the webservice key's row, 0 where there was none */
    public $idKey = 0;
    /** @var string|null what was there before, where the news itself says what is there now */
    public $before;
    /** @var array<string, string> what a deleted record can no longer be asked */
    public $facts = [];

    public function __construct(string $entity, int $id, string $change, int $idShop = 0)
    {
        $this->entity = $entity;
        $this->id = $id;
        $this->change = $change;
        $this->idShop = $idShop;
    }

    /** Within one request all news with the same key is one. */
    public function key(): string
    {
        return $this->entity . '/' . $this->id . '/' . $this->idShop;
    }
}
