import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Session;
import lotus.domino.View;

/**
 * Events on their way, one document each, kept in the database: what was captured is not forgotten
 * when the network or the agent manager ends a run.
 */
final class CausewayOutbox {
    /** What became of a document that somebody saved. */
    enum Found { EVENT, ECHO, TOLD, UNWATCHED, CONFLICT, OLD }

    static final String AGENT = "agent";
    static final String FORM = "form";
    static final String WEB = "web";

    private final Session session;
    private final Database database;
    private final CausewaySettings settings;
    private final String replica;
    private final View told;

    CausewayOutbox(Session session, Database database, CausewaySettings settings)
            throws Exception {
        this.session = session;
        this.database = database;
        this.settings = settings;
        this.replica = database.getReplicaID().replace(":", "");
        this.told = database.getView("(CausewayTold)");
        if (told == null) {
            throw new Exception("the view (CausewayTold) is not in this database: import again");
        }
        told.setAutoUpdate(false);
        told.refresh();
    }

    /** Writes an event unless nobody changed anything; throws when one could not be written. */
    Found saved(Document document, String path, Date now) throws Exception {
        String form = CausewayItems.text(document, "Form");
        String[] watched = settings.watched(form);
        if (watched == null) {
            return Found.UNWATCHED;
        }
        if (document.hasItem("$Conflict")) {
            return Found.CONFLICT;
        }
        if (path.equals(AGENT)
                && document.getLastModified().toJavaDate().before(settings.since)) {
            return Found.OLD;
        }
        String hash = CausewayItems.hash(document, watched[1]);
        if (hash.equals(document.getItemValueString("SyncHash"))) {
            return Found.ECHO;
        }
        if (isTold(document.getUniversalID(), hash)) {
            return Found.TOLD;
        }
        // A web form's document is not saved yet: its own time would be that of the last save.
        boolean unsaved = path.equals(WEB);
        Date modified = unsaved ? now : document.getLastModified().toJavaDate();
        boolean isNew = unsaved ? document.isNewNote() : !document.hasItem("$Revisions");
        String key = watched[0].length() == 0 ? "" : CausewayItems.text(document, watched[0]);
        Map<String, Object> event = event(document, isNew ? "created" : "updated", modified, hash);
        event.put("key", key);
        event.put("sync_rev", CausewayItems.text(document, "SyncRev"));
        event.put("path", path);
        long wait = unsaved ? settings.settleSeconds * 1000L : 0;
        keep(event, path, new Date(now.getTime() + wait), now);
        return Found.EVENT;
    }

    /** Notes that a document is about to be deleted. Whether it was is asked before sending. */
    Found going(Document document, Date now) throws Exception {
        String form = CausewayItems.text(document, "Form");
        String[] watched = settings.watched(form);
        if (watched == null) {
            return Found.UNWATCHED;
        }
        if (document.hasItem("$Conflict")) {
            return Found.CONFLICT;
        }
        String key = watched[0].length() == 0 ? "" : CausewayItems.text(document, watched[0]);
        Map<String, Object> event = event(document, "deleted", now, "deleted-----");
        event.put("hash", "");
        event.put("key", key);
        event.put("sync_rev", "");
        event.put("path", FORM);
        // Deleting is confirmed after the event of the form: the delivery looks whether it was.
        keep(event, FORM, new Date(now.getTime() + settings.settleSeconds * 1000L), now);
        return Found.EVENT;
    }

    private Map<String, Object> event(Document document, String kind, Date modified, String hash)
            throws Exception {
        String unid = document.getUniversalID();
        String moment = CausewayCore.utc("yyyyMMdd'T'HHmmss'Z'", modified);
        Map<String, Object> event = new LinkedHashMap<String, Object>();
        event.put("event_id", replica + "-" + unid + "-" + moment + "-" + hash.substring(0, 12));
        event.put("kind", kind);
        event.put("replica_id", replica);
        event.put("database", database.getFilePath().replace('\\', '/'));
        event.put("unid", unid);
        event.put("form", CausewayItems.text(document, "Form"));
        event.put("modified", CausewayCore.instant(modified));
        event.put("hash", hash);
        event.put("server", database.getServer());
        event.put("origin", "");
        return event;
    }

    private void keep(Map<String, Object> event, String path, Date due, Date now)
            throws Exception {
        Document entry = database.createDocument();
        entry.replaceItemValue("Form", "CausewayOutbox");
        entry.replaceItemValue("EventId", event.get("event_id"));
        entry.replaceItemValue("Unid", event.get("unid"));
        entry.replaceItemValue("Kind", event.get("kind"));
        entry.replaceItemValue("Hash", event.get("hash"));
        entry.replaceItemValue("Path", path);
        entry.replaceItemValue("State", "new");
        entry.replaceItemValue("Attempts", Integer.valueOf(0));
        entry.replaceItemValue("Body", CausewayJson.write(event));
        put(entry, "Due", due);
        put(entry, "Captured", now);
        boolean kept = entry.save(true, false);
        entry.recycle();
        if (!kept) {
            throw new Exception(
                "the outbox document of " + event.get("unid") + " could not be saved");
        }
    }

    private void put(Document entry, String name, Date moment) throws Exception {
        DateTime value = session.createDateTime(moment);
        entry.replaceItemValue(name, value);
        value.recycle();
    }

    /**
     * Whether the last event of this document said the same state: the form told it in seconds,
     * the agent comes by minutes later. What a web form told does not count, since its save may
     * have failed, and neither does what was refused.
     */
    private boolean isTold(String unid, String hash) throws Exception {
        Document last = told.getDocumentByKey(unid, true);
        if (last == null) {
            return false;
        }
        boolean same = hash.equals(last.getItemValueString("Hash"))
            && !WEB.equals(last.getItemValueString("Path"))
            && !"dead".equals(last.getItemValueString("State"));
        last.recycle();
        return same;
    }
}
