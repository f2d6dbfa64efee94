import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.Vector;
import lotus.domino.Agent;
import lotus.domino.AgentBase;
import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.DocumentCollection;
import lotus.domino.Item;
import lotus.domino.Session;
import lotus.domino.View;

/**
 * "Causeway Capture": after documents are created or modified, writes one outbox document for each
 * that a person (or another agent) changed. Causeway's own writes are told by their hash.
 */
public class CausewayCapture extends AgentBase {
    private static final long STOP_AFTER_MS = 180000;

    /** Watched forms by lower-case name: {key item, synced items or empty}. */
    private final Map<String, String[]> forms = new LinkedHashMap<String, String[]>();
    private String server = "";

    public void NotesMain() {
        try {
            Session session = getSession();
            AgentContext context = session.getAgentContext();
            Database database = context.getCurrentDatabase();
            server = database.getServer();
            if (!readConfiguration(database)) {
                System.out.println("Causeway Capture: no configuration document");
                return;
            }
            long end = System.currentTimeMillis() + STOP_AFTER_MS;
            DocumentCollection changed = context.getUnprocessedDocuments();
            Document document = changed.getFirstDocument();
            int captured = 0;
            while (document != null && System.currentTimeMillis() < end) {
                Document next = changed.getNextDocument(document);
                // Marked only when the outbox has it: otherwise the next run sees it again.
                if (capture(session, database, document)) {
                    captured++;
                }
                context.updateProcessedDoc(document);
                document.recycle();
                document = next;
            }
            if (captured > 0) {
                Agent deliver = database.getAgent("Causeway Deliver");
                if (deliver != null) {
                    deliver.runOnServer();
                }
            }
        } catch (Exception error) {
            error.printStackTrace();
        }
    }

    private boolean readConfiguration(Database database) throws Exception {
        View view = database.getView("(CausewayConfiguration)");
        Document configuration = view == null ? null : view.getFirstDocument();
        if (configuration == null) {
            return false;
        }
        for (Object line : configuration.getItemValue("WatchedForms")) {
            String[] parts = (line + "| | ").split("\\|");
            forms.put(parts[0].trim().toLowerCase(Locale.ROOT),
                new String[] {parts[1].trim(), parts[2].trim()});
        }
        return true;
    }

    /** True when an event was written; throws when it could not be. */
    private boolean capture(Session session, Database database, Document document)
            throws Exception {
        String form = document.getItemValueString("Form");
        String[] watched = forms.get(form == null ? "" : form.toLowerCase(Locale.ROOT));
        if (watched == null || document.hasItem("$Conflict")) {
            return false;
        }
        String hash = CausewayCore.hash(CausewayCore.canonical(items(document, watched[1])));
        if (hash.equals(document.getItemValueString("SyncHash"))) {
            return false;
        }
        Date saved = document.getLastModified().toJavaDate();
        String replica = database.getReplicaID().replace(":", "");
        String unid = document.getUniversalID();
        String modified = utc("yyyy-MM-dd'T'HH:mm:ss'Z'", saved);
        Map<String, String> event = new LinkedHashMap<String, String>();
        event.put("event_id", replica + "-" + unid + "-" + utc("yyyyMMdd'T'HHmmss'Z'", saved) + "-"
            + hash.substring(0, 12));
        event.put("kind", document.hasItem("$Revisions") ? "updated" : "created");
        event.put("replica_id", replica);
        event.put("database", database.getFilePath().replace('\\', '/'));
        event.put("unid", unid);
        event.put("form", form);
        event.put("modified", modified);
        event.put("hash", hash);
        event.put("key", watched[0].length() == 0 ? "" : document.getItemValueString(watched[0]));
        event.put("server", server);
        event.put("origin", "");
        event.put("sync_rev", document.getItemValueString("SyncRev"));
        Document entry = database.createDocument();
        entry.replaceItemValue("Form", "CausewayOutbox");
        entry.replaceItemValue("EventId", event.get("event_id"));
        entry.replaceItemValue("State", "new");
        entry.replaceItemValue("Attempts", Integer.valueOf(0));
        DateTime due = session.createDateTime(new Date());
        entry.replaceItemValue("Due", due);
        entry.replaceItemValue("Body", CausewayCore.json(event));
        boolean kept = entry.save(true, false);
        due.recycle();
        entry.recycle();
        if (!kept) {
            throw new Exception("the outbox document of " + unid + " could not be saved");
        }
        return true;
    }

    /** The items that count, as trimmed texts. The last of several items of one name wins. */
    private SortedMap<String, List<String>> items(Document document, String chosen)
            throws Exception {
        Set<String> wanted = new HashSet<String>();
        if (chosen.length() > 0) {
            wanted.addAll(Arrays.asList(chosen.toUpperCase(Locale.ROOT).split("\\s*,\\s*")));
        }
        SortedMap<String, List<String>> found = new TreeMap<String, List<String>>();
        for (Object one : document.getItems()) {
            Item item = (Item) one;
            String name = item.getName().toUpperCase(Locale.ROOT);
            int type = item.getType();
            boolean plain = type == Item.TEXT || type == Item.NUMBERS || type == Item.DATETIMES
                || type == Item.NAMES || type == Item.AUTHORS || type == Item.READERS;
            if (plain && CausewayCore.counts(name) && (wanted.isEmpty() || wanted.contains(name))) {
                found.put(name, texts(item.getValues()));
            }
            item.recycle();
        }
        return found;
    }

    private List<String> texts(Vector<?> values) throws Exception {
        List<String> texts = new ArrayList<String>();
        if (values == null) {
            return texts;
        }
        for (Object value : values) {
            if (value instanceof Number) {
                texts.add(CausewayCore.number(((Number) value).doubleValue()));
            } else if (value instanceof DateTime) {
                texts.add(time((DateTime) value));
            } else if (value instanceof String) {
                texts.add(CausewayCore.text((String) value));
            } else {
                texts.add("???"); // a range: the data service shows it so
            }
        }
        return texts;
    }

    private String time(DateTime value) throws Exception {
        Date moment = value.toJavaDate();
        if (value.getTimeOnly().length() == 0) {
            return new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT).format(moment);
        }
        if (value.getDateOnly().length() == 0) {
            return new SimpleDateFormat("HH:mm:ss", Locale.ROOT).format(moment);
        }
        return utc("yyyy-MM-dd'T'HH:mm:ss'Z'", moment);
    }

    private String utc(String pattern, Date moment) {
        SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.ROOT);
        format.setTimeZone(TimeZone.getTimeZone("UTC"));
        return format.format(moment);
    }
}
