<?php
/**
 * The hooks of the shop, each a line: which record, and what became of it.
 *
 * Those of the objects fire on every way of writing, the webservice included. The named ones beside
 * them (actionUpdateQuantity and so on) are there for writes that go around the objects.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

trait CausewayHooks
{
    public function hookActionObjectOrderAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ORDER, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectOrderUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ORDER, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectOrderDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ORDER, $params, CausewayEntity::DELETED);
    }

    public function hookActionValidateOrder($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ORDER, $params, CausewayEntity::CREATED, 'order');
    }

    public function hookActionOrderHistoryAddAfter($params)
    {
        CausewayWatch::on('stateAdded', $params);
    }

    public function hookActionObjectOrderCarrierUpdateBefore($params)
    {
        CausewayWatch::on('beforeTracking', $params);
    }

    public function hookActionObjectOrderCarrierAddAfter($params)
    {
        CausewayWatch::on('parcelAdded', $params);
    }

    public function hookActionObjectOrderCarrierUpdateAfter($params)
    {
        CausewayWatch::on('tracked', $params);
    }

    public function hookActionObjectOrderCarrierDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::TRACKING, $params, CausewayEntity::DELETED);
    }

    public function hookActionAdminOrdersTrackingNumberUpdate($params)
    {
        CausewayWatch::on('trackedByOrder', $params);
    }

    public function hookActionObjectCustomerAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::CUSTOMER, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectCustomerUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::CUSTOMER, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectCustomerDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::CUSTOMER, $params, CausewayEntity::DELETED);
    }

    public function hookActionObjectAddressAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectAddressUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectAddressDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::DELETED);
    }

    public function hookActionObjectCustomerAddressAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectCustomerAddressUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectCustomerAddressDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::ADDRESS, $params, CausewayEntity::DELETED);
    }

    public function hookActionObjectProductAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::PRODUCT, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectProductUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::PRODUCT, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectProductDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::PRODUCT, $params, CausewayEntity::DELETED);
    }

    public function hookActionProductSave($params)
    {
        CausewayWatch::on('productTouched', $params);
    }

    public function hookActionProductUpdate($params)
    {
        CausewayWatch::on('productTouched', $params);
    }

    public function hookActionObjectCombinationAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::COMBINATION, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectCombinationUpdateAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::COMBINATION, $params, CausewayEntity::UPDATED);
    }

    public function hookActionObjectCombinationDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::COMBINATION, $params, CausewayEntity::DELETED);
    }

    public function hookActionObjectStockAvailableUpdateBefore($params)
    {
        CausewayWatch::on('beforeStock', $params);
    }

    public function hookActionObjectStockAvailableAddAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::STOCK, $params, CausewayEntity::CREATED);
    }

    public function hookActionObjectStockAvailableUpdateAfter($params)
    {
        CausewayWatch::on('stocked', $params);
    }

    public function hookActionObjectStockAvailableDeleteAfter($params)
    {
        CausewayWatch::on('saved', CausewayEntity::STOCK, $params, CausewayEntity::DELETED);
    }

    public function hookActionUpdateQuantity($params)
    {
        CausewayWatch::on('quantityUpdated', $params);
    }
}
