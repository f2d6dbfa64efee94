import java.io.IOException;
import java.util.Date;
import java.util.Random;
import java.util.Vector;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.NotesException;
import lotus.domino.Session;
import lotus.domino.View;

/** Sends what the outbox holds, the longest due first, and clears what was sent long ago. */
final class CausewayDelivery {
    /** Failures in a row after which the far end counts as away: each costs a timeout. */
    private static final int AWAY = 3;
    private static final int MOST_CLEARED = 500;
    private static final long LOOK_AGAIN_MS = 2000;
    private static final long LOOK_AGAIN_S = 60;
    private static final long DECIDE_MS = 3600000;
    /** NotesError.NOTES_ERR_BAD_UNID: "Invalid universal id". */
    static final int NO_SUCH_UNID = 4091;

    private final Session session;
    private final Database database;
    private final CausewaySettings settings;
    private final CausewayLog log;
    private final Random random = new Random();
    private int failures;
    private int done;

    CausewayDelivery(Session session, Database database, CausewaySettings settings,
            CausewayLog log) {
        this.session = session;
        this.database = database;
        this.settings = settings;
        this.log = log;
    }

    /** Sends what is due until `end`, at most a batch. */
    void run(long end) throws Exception {
        View outbox = database.getView("(CausewayOutbox)");
        if (outbox == null) {
            throw new Exception("the view (CausewayOutbox) is not in this database: import again");
        }
        if (settings.address.length() == 0 || settings.secret.length() == 0) {
            throw new Exception("the configuration document has no Address or no Secret");
        }
        outbox.setAutoUpdate(false);
        outbox.refresh();
        Document entry = outbox.getFirstDocument();
        while (entry != null && done < settings.batch && failures < AWAY
                && System.currentTimeMillis() < end && isDue(entry)) {
            // Before sending: a sent entry leaves the view.
            Document next = outbox.getNextDocument(entry);
            try {
                send(entry);
            } catch (NotesException error) {
                // One entry that Domino will not read or keep must not stop all behind it.
                failures++;
                log.say(CausewayItems.text(entry, "EventId") + ": " + error.text);
            }
            done++;
            entry.recycle();
            entry = next;
        }
        outbox.recycle();
    }

    /** As `run`, and stays for what comes meanwhile. */
    void linger(long end, long stay) throws Exception {
        run(end);
        while (System.currentTimeMillis() + LOOK_AGAIN_MS < Math.min(end, stay)
                && failures < AWAY && done < settings.batch) {
            Thread.sleep(LOOK_AGAIN_MS);
            run(end);
        }
    }

    /**
     * Whether a delivery waits for its next attempt: then the far end may be away. One that failed
     * is due after all new ones, or, when no run has come by since, before them.
     */
    boolean isBehind() throws Exception {
        View outbox = database.getView("(CausewayOutbox)");
        if (outbox == null) {
            return true;
        }
        outbox.setAutoUpdate(false);
        outbox.refresh();
        boolean behind = isRetry(outbox.getFirstDocument()) || isRetry(outbox.getLastDocument());
        outbox.recycle();
        return behind;
    }

    private static boolean isRetry(Document entry) throws Exception {
        return entry != null && "retry".equals(entry.getItemValueString("State"));
    }

    private boolean isDue(Document entry) throws Exception {
        Vector<?> due = entry.getItemValueDateTimeArray("Due");
        // Sorted by Due: the rest waits too. Without one somebody edited it: send it now.
        return due == null || due.isEmpty()
            || !((DateTime) due.firstElement()).toJavaDate().after(new Date());
    }

    private void send(Document entry) throws Exception {
        String id = entry.getItemValueString("EventId");
        if ("deleted".equals(entry.getItemValueString("Kind"))
                && isThere(entry.getItemValueString("Unid"))) {
            look(entry);
            return;
        }
        int status = 0;
        String word;
        try {
            status = CausewayHttp.post(settings, id, CausewayItems.text(entry, "Body"));
            word = "HTTP " + status;
        } catch (IOException error) {
            word = error.toString();
        }
        if ((status >= 200 && status < 300) || status == 409) {
            failures = 0;
            log.sent++;
            finish(entry, word);
            return;
        }
        int attempts = entry.getItemValueInteger("Attempts") + 1;
        boolean refused = CausewayCore.refused(status);
        boolean dead = refused || attempts >= settings.maxAttempts;
        failures = refused ? 0 : failures + 1;
        log.refused += dead ? 1 : 0;
        log.retried += dead ? 0 : 1;
        log.say(id + ": " + word + (dead ? ", given up" : ""));
        long wait = CausewayCore.backoff(attempts) * 60000L + random.nextInt(20000);
        entry.replaceItemValue("Attempts", Integer.valueOf(attempts));
        entry.replaceItemValue("State", dead ? "dead" : "retry");
        entry.replaceItemValue("Answer", word);
        put(entry, "Due", new Date(System.currentTimeMillis() + wait));
        keep(entry, id);
    }

    /** Somebody was asked whether to delete and may not have answered yet. */
    private void look(Document entry) throws Exception {
        Vector<?> captured = entry.getItemValueDateTimeArray("Captured");
        Date latest = new Date(System.currentTimeMillis() - DECIDE_MS);
        if (captured == null || captured.isEmpty()
                || ((DateTime) captured.firstElement()).toJavaDate().before(latest)) {
            finish(entry, "not deleted");
            return;
        }
        put(entry, "Due", new Date(System.currentTimeMillis() + LOOK_AGAIN_S * 1000L));
        keep(entry, entry.getItemValueString("EventId"));
    }

    private boolean isThere(String unid) throws NotesException {
        try {
            Document document = database.getDocumentByUNID(unid);
            boolean there = document != null && document.isValid() && !document.isDeleted();
            if (document != null) {
                document.recycle();
            }
            return there;
        } catch (NotesException error) {
            if (error.id == NO_SUCH_UNID) {
                return false;
            }
            throw error;
        }
    }

    /** Keeps the entry without its body: the next capture compares with what was told. */
    private void finish(Document entry, String word) throws Exception {
        entry.replaceItemValue("State", "sent");
        entry.replaceItemValue("Answer", word);
        entry.replaceItemValue("Body", "");
        put(entry, "Finished", new Date());
        keep(entry, entry.getItemValueString("EventId"));
    }

    private void keep(Document entry, String id) throws Exception {
        if (!entry.save(true, false)) {
            // Sent again next time; Causeway tells it by its id.
            log.say(id + ": the outbox document could not be saved");
        }
    }

    private void put(Document entry, String name, Date moment) throws Exception {
        DateTime value = session.createDateTime(moment);
        entry.replaceItemValue(name, value);
        value.recycle();
    }

    /** Removes sent entries and logs older than `KeepDays`. */
    void clear(long end) throws Exception {
        View finished = database.getView("(CausewayFinished)");
        if (finished == null) {
            return;
        }
        finished.setAutoUpdate(false);
        finished.refresh();
        Date oldest = new Date(System.currentTimeMillis() - settings.keepDays * 86400000L);
        Document document = finished.getFirstDocument();
        for (int cleared = 0; document != null && cleared < MOST_CLEARED
                && System.currentTimeMillis() < end; cleared++) {
            Vector<?> when = document.getItemValueDateTimeArray("Finished");
            if (when == null || when.isEmpty()
                    || ((DateTime) when.firstElement()).toJavaDate().after(oldest)) {
                break;
            }
            Document next = finished.getNextDocument(document);
            document.remove(true);
            document.recycle();
            document = next;
        }
        finished.recycle();
    }
}
