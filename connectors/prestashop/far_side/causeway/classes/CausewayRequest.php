<?php
/**
 * What this request has changed: one piece of news of each record, however often it is saved.
 *
 * A hook writes its row at once, so that nothing is lost with the process; the row is held until
 * the request is over, so that it tells where the change has ended.
 */
if (!defined('_PS_VERSION_')) {
    exit;
}

class CausewayRequest
{
    /** Seconds for sending after the answer has left. */
    const AFTERWARDS = 8;

    /** @var array<string, int> the row of each record's news */
    private static $rows = [];
    /** @var array<string, CausewayNews> */
    private static $news = [];
    /** @var array<string, bool> what changed again after its row was written */
    private static $again = [];
    /** @var array<string, array<string, bool>> what was told of each record */
    private static $changes = [];
    /** @var bool */
    private static $registered = false;

    public static function tell(CausewayNews $news)
    {
        if ($news->id <= 0 || !CausewaySettings::listensTo($news->entity, $news->idShop)) {
            return;
        }
        $key = $news->key();
        $known = isset(self::$news[$key]) ? self::$news[$key] : null;
        if ($known !== null && $news->change !== CausewayEntity::DELETED) {
            self::$again[$key] = true;

            return;
        }
        if (!self::$registered) {
            self::$registered = true;
            register_shutdown_function(['CausewayRequest', 'end']);
        }
        CausewayOrigin::mark($news);
        self::$rows[$key] = CausewayOutbox::add($news, time());
        self::$news[$key] = $news;
        self::$changes[$news->entity . '/' . $news->id][$news->change] = true;
        unset(self::$again[$key]);
    }

    /** Whether this request made the record itself. */
    public static function made(string $entity, int $id): bool
    {
        return isset(self::$changes[$entity . '/' . $id][CausewayEntity::CREATED]);
    }

    public static function has(string $entity, int $id): bool
    {
        return isset(self::$changes[$entity . '/' . $id]);
    }

    /** At the end of the request: send where the answer can leave first; elsewhere cron does. */
    public static function end()
    {
        try {
            self::release();
            if (!self::answerFirst()) {
                return;
            }
            if (!CausewayOutbox::isBusy(time())) {
                (new CausewaySender())->run(self::AFTERWARDS);
            }
        } catch (Throwable $error) {
            self::log($error);
        }
    }

    /** Let the rows go; what was sent meanwhile and changed again is news again. */
    public static function release()
    {
        $open = array_flip(CausewayOutbox::release(array_values(self::$rows), time()));
        foreach (array_keys(self::$again) as $key) {
            if (!isset($open[self::$rows[$key]])) {
                $news = self::$news[$key];
                if ($news->change === CausewayEntity::CREATED) {
                    $news->change = CausewayEntity::UPDATED;
                }
                CausewayOutbox::add($news, time(), 0);
            }
        }
        self::$rows = self::$news = self::$again = self::$changes = [];
    }

    private static function answerFirst(): bool
    {
        foreach (['fastcgi_finish_request', 'litespeed_finish_request'] as $finish) {
            if (function_exists($finish)) {
                if (session_status() === PHP_SESSION_ACTIVE) {
                    session_write_close();
                }
                ignore_user_abort(true);

                return (bool) $finish();
            }
        }

        return false;
    }

    public static function log(Throwable $error)
    {
        try {
            PrestaShopLogger::addLog('Causeway: ' . $error->getMessage(), 3);
        } catch (Throwable $again) {
            error_log('Causeway: ' . $error->getMessage());
        }
    }
}
