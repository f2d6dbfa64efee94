import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Database;
import lotus.domino.DateRange;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Item;
import lotus.domino.Session;

/** A document as the contract of the endpoint shows it: meta, revision and items. */
final class CausewayMeta {
    private static final int EDITOR = 4;
    private static final int AUTHOR = 3;

    private final Session session;
    private final int level;

    CausewayMeta(Session session, Database database) throws Exception {
        this.session = session;
        this.level = database.queryAccess(session.getEffectiveUserName());
    }

    Map<String, Object> meta(Document document) throws Exception {
        Map<String, Object> meta = new LinkedHashMap<String, Object>();
        meta.put("unid", document.getUniversalID().toUpperCase(Locale.ROOT));
        meta.put("noteid", document.getNoteID().toUpperCase(Locale.ROOT));
        meta.put("form", CausewayItems.text(document, "Form"));
        meta.put("created", CausewayCore.instant(date(document.getCreated())));
        meta.put("modified", CausewayCore.instant(date(document.getLastModified())));
        meta.put("revision", revision(document));
        if (document.isResponse()) {
            meta.put("parent", document.getParentDocumentUNID());
        }
        if (document.hasItem("$Conflict")) {
            meta.put("conflict", Boolean.TRUE);
        }
        // An author may save what an Authors item allows: only the save itself tells.
        if (level != AUTHOR) {
            meta.put("editable", Boolean.valueOf(level >= EDITOR));
        }
        if (hasReaders(document)) {
            meta.put("readers", Boolean.TRUE);
        }
        return meta;
    }

    private static Date date(DateTime value) throws Exception {
        Date found = value == null ? new Date(0) : value.toJavaDate();
        if (value != null) {
            value.recycle();
        }
        return found;
    }

    /**
     * The time of the last save and a hash over all items. The time has whole seconds, so the hash
     * tells two saves within one apart; rich text counts by its length and its plain text.
     */
    static String revision(Document document) throws Exception {
        StringBuilder all = new StringBuilder();
        all.append(CausewayCore.canonical(CausewayItems.canonical(document, "")));
        for (Object one : document.getItems()) {
            Item item = (Item) one;
            String name = item.getName().toUpperCase(Locale.ROOT);
            if (isRich(item.getType()) && CausewayCore.counts(name)) {
                all.append(name).append('=').append(item.getValueLength()).append('\u001f')
                    .append(item.getText()).append('\u001e');
            } else if (name.equals("SYNCREV")) {
                all.append(name).append('=').append(item.getText()).append('\u001e');
            }
            item.recycle();
        }
        Date modified = date(document.getLastModified());
        long hundredths = modified.getTime() % 1000 / 10;
        return CausewayCore.utc("yyyyMMdd'T'HHmmss", modified)
            + (hundredths == 0 ? "" : "," + hundredths / 10 + hundredths % 10)
            + "-" + CausewayCore.hash(all.toString()).substring(0, 16);
    }

    private static boolean hasReaders(Document document) throws Exception {
        boolean found = false;
        for (Object one : document.getItems()) {
            Item item = (Item) one;
            Vector<?> names = item.isReaders() ? item.getValues() : null;
            found = found || (names != null && !names.isEmpty());
            item.recycle();
        }
        return found;
    }

    static boolean isRich(int type) {
        return type == Item.RICHTEXT || type == Item.MIME_PART;
    }

    /** `names` in upper case, all of them where it is empty. */
    Map<String, Object> items(Document document, List<String> names, boolean rich)
            throws Exception {
        Map<String, Object> found = new LinkedHashMap<String, Object>();
        List<String> seen = new ArrayList<String>();
        for (Object one : document.getItems()) {
            Item item = (Item) one;
            String name = item.getName();
            String upper = name.toUpperCase(Locale.ROOT);
            int type = item.getType();
            if (!upper.startsWith("$") && !upper.equals("FORM") && !seen.contains(upper)
                    && (names.isEmpty() || names.contains(upper))) {
                seen.add(upper);
                if (CausewayItems.isPlain(type)) {
                    found.put(name, plain(item));
                } else if (isRich(type) && rich) {
                    found.put(name, new CausewayRich(session).read(document, item));
                }
            }
            item.recycle();
        }
        return found;
    }

    private static Map<String, Object> plain(Item item) throws Exception {
        List<Object> values = new ArrayList<Object>();
        boolean ranges = false;
        Vector<?> stored = item.getValues();
        for (Object value : stored == null ? new Vector<Object>() : stored) {
            if (value instanceof DateRange) {
                ranges = true;
                values.add(CausewayItems.time(((DateRange) value).getStartDateTime()) + "/"
                    + CausewayItems.time(((DateRange) value).getEndDateTime()));
            } else if (value instanceof DateTime) {
                values.add(CausewayItems.time((DateTime) value));
            } else {
                values.add(value);
            }
        }
        Map<String, Object> found = new LinkedHashMap<String, Object>();
        found.put("type", ranges ? "range" : type(item));
        found.put("values", values);
        return found;
    }

    private static String type(Item item) throws Exception {
        if (item.isAuthors()) {
            return "authors";
        }
        if (item.isReaders()) {
            return "readers";
        }
        if (item.isNames()) {
            return "names";
        }
        int type = item.getType();
        return type == Item.NUMBERS ? "number" : type == Item.DATETIMES ? "datetime" : "text";
    }
}
