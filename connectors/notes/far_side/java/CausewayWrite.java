import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.Vector;
import lotus.domino.Agent;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Item;
import lotus.domino.NotesException;
import lotus.domino.Session;
import lotus.domino.View;

/** What the endpoint changes. Each operation checks everything before it changes anything. */
final class CausewayWrite {
    private static final int AUTHOR = 3;
    private static final int DEPOSITOR = 1;

    private final Session session;
    private final Database database;
    private final CausewayMeta about;

    CausewayWrite(Session session, Database database) throws Exception {
        this.session = session;
        this.database = database;
        this.about = new CausewayMeta(session, database);
    }

    Map<String, Object> create(CausewayRequest request) throws Exception {
        String form = request.text("form");
        Map<?, ?> items = checked(request.object("items"));
        boolean compute = request.flag("compute", false);
        String parent = request.has("parent") ? request.unid("parent") : null;
        request.onlyKnown();
        may(DEPOSITOR, Database.DBACL_CREATE_DOCS, "create documents");
        Document document = database.createDocument();
        try {
            document.replaceItemValue("Form", form);
            write(document, items);
            if (parent != null) {
                document.makeResponse(CausewayLook.document(database, parent));
            }
            compute(document, compute);
            if (!document.save(false, false)) {
                throw new CausewayFault("failed", "The new document was not saved.");
            }
            return CausewayPage.of("meta", about.meta(document));
        } finally {
            document.recycle();
        }
    }

    Map<String, Object> update(CausewayRequest request) throws Exception {
        String unid = request.unid("unid");
        String revision = request.text("if_revision");
        Map<?, ?> items = checked(request.object("items"));
        String form = request.text("form", "");
        boolean compute = request.flag("compute", false);
        request.onlyKnown();
        Document document = unchanged(unid, revision);
        try {
            may(AUTHOR, 0, "change documents");
            if (form.length() > 0) {
                document.replaceItemValue("Form", form);
            }
            write(document, items);
            compute(document, compute);
            save(document, unid);
            return CausewayPage.of("meta", about.meta(document));
        } finally {
            document.recycle();
        }
    }

    /** Saves unless somebody else did since the document was opened. */
    private void save(Document document, String unid) throws Exception {
        if (!document.save(false, false)) {
            throw conflict(unid);
        }
    }

    /** The document, if it still is what the caller saw. */
    Document unchanged(String unid, String revision) throws Exception {
        Document document = CausewayLook.document(database, unid);
        if (!CausewayMeta.revision(document).equals(revision)) {
            Map<String, Object> detail = CausewayPage.of("meta", about.meta(document));
            document.recycle();
            throw new CausewayFault("conflict", "The document was saved since.", detail);
        }
        return document;
    }

    private CausewayFault conflict(String unid) throws Exception {
        Document present = CausewayLook.document(database, unid);
        Map<String, Object> detail = CausewayPage.of("meta", about.meta(present));
        present.recycle();
        return new CausewayFault("conflict", "The document was saved meanwhile.", detail);
    }

    Map<String, Object> delete(CausewayRequest request) throws Exception {
        String unid = request.unid("unid");
        String revision = request.text("if_revision");
        boolean permanently = request.flag("permanently", false);
        request.onlyKnown();
        Document document = unchanged(unid, revision);
        try {
            may(AUTHOR, Database.DBACL_DELETE_DOCS, "delete documents");
            boolean gone = permanently ? document.removePermanently(false)
                : document.remove(false);
            if (!gone) {
                throw conflict(unid);
            }
        } finally {
            document.recycle();
        }
        return CausewayPage.of("unid", unid);
    }

    Map<String, Object> folder(CausewayRequest request) throws Exception {
        String name = request.text("folder");
        List<String> add = request.unids("add");
        List<String> remove = request.unids("remove");
        request.onlyKnown();
        View folder = database.getView(name);
        if (folder == null) {
            throw new CausewayFault("view_missing", "There is no folder " + name + ".");
        }
        if (!folder.isFolder()) {
            throw new CausewayFault("not_a_folder", name + " is a view, not a folder.");
        }
        List<Object> failed = new ArrayList<Object>();
        Map<String, Object> result = CausewayPage.of("added", move(name, add, true, failed));
        result.put("removed", move(name, remove, false, failed));
        result.put("failed", failed);
        return result;
    }

    private List<Object> move(String folder, List<String> unids, boolean into,
            List<Object> failed) {
        List<Object> moved = new ArrayList<Object>();
        for (String unid : unids) {
            try {
                Document document = CausewayLook.document(database, unid);
                if (into) {
                    document.putInFolder(folder, false);
                } else {
                    document.removeFromFolder(folder);
                }
                document.recycle();
                moved.add(unid);
            } catch (Exception error) {
                Map<String, Object> about = CausewayPage.of("unid", unid);
                about.put("code", CausewayEndpoint.fault(error).code);
                failed.add(about);
            }
        }
        return moved;
    }

    Map<String, Object> run(CausewayRequest request) throws Exception {
        String name = request.text("agent");
        String unid = request.has("unid") ? request.unid("unid") : null;
        request.onlyKnown();
        Agent agent = database.getAgent(name);
        if (agent == null) {
            throw new CausewayFault("agent_missing", "There is no agent " + name + ".");
        }
        Document document = unid == null ? null : CausewayLook.document(database, unid);
        try {
            if (document == null) {
                agent.run();
            } else {
                agent.runWithDocumentContext(document);
            }
        } catch (NotesException error) {
            throw new CausewayFault("agent_failed", String.valueOf(error.text));
        }
        return CausewayPage.of("ran", Boolean.TRUE);
    }

    /** ACL level and right that an operation needs; an Authors item is looked at by the save. */
    private void may(int least, int right, String what) throws Exception {
        String user = session.getEffectiveUserName();
        int level = database.queryAccess(user);
        boolean fits = level >= least && !(right == 0 && level < AUTHOR);
        if (!fits || (right != 0 && (database.queryAccessPrivileges(user) & right) == 0)) {
            throw new CausewayFault("not_authorised", "The ACL does not let this user " + what
                + ".");
        }
    }

    private static void compute(Document document, boolean wanted) throws Exception {
        if (!wanted) {
            return;
        }
        try {
            document.computeWithForm(false, true);
        } catch (NotesException error) {
            throw new CausewayFault("validation", String.valueOf(error.text));
        }
    }

    // items

    private static Map<?, ?> checked(Map<?, ?> items) throws CausewayFault {
        for (Map.Entry<?, ?> one : items.entrySet()) {
            String name = String.valueOf(one.getKey());
            if (name.length() == 0 || name.length() > 32 || name.startsWith("$")
                    || name.startsWith("@") || name.equalsIgnoreCase("Form")) {
                throw CausewayRequest.bad("items." + name, "is no name that may be written");
            }
            if (!(one.getValue() instanceof Map)) {
                throw CausewayRequest.bad("items." + name, "must be an object");
            }
            Map<?, ?> item = (Map<?, ?>) one.getValue();
            if ("html".equals(item.get("type"))) {
                if (!(item.get("html") instanceof String) || !(item.get("text") instanceof String)) {
                    throw CausewayRequest.bad("items." + name, "needs html and text");
                }
            } else {
                values(name, item);
            }
        }
        return items;
    }

    /** The values as Notes takes them: Strings, Doubles, or Dates beside the pattern they had. */
    private static List<Object> values(String name, Map<?, ?> item) throws CausewayFault {
        Object type = item.get("type");
        if (!(item.get("values") instanceof List)) {
            throw CausewayRequest.bad("items." + name, "needs a list of values");
        }
        List<Object> found = new ArrayList<Object>();
        for (Object one : (List<?>) item.get("values")) {
            boolean fits = "number".equals(type) ? one instanceof Double
                : ("text".equals(type) || "datetime".equals(type)) && one instanceof String;
            if (!fits || ("datetime".equals(type) && moment((String) one) == null)) {
                throw CausewayRequest.bad("items." + name,
                    "has a value that is no " + type + ", or a type that cannot be written");
            }
            found.add(one);
        }
        if (!("text".equals(type) || "number".equals(type) || "datetime".equals(type))) {
            throw CausewayRequest.bad("items." + name, "has a type that cannot be written");
        }
        return found;
    }

    private static java.util.Date moment(String text) {
        if (text.matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z")) {
            return CausewayLook.parsed("yyyy-MM-dd'T'HH:mm:ss'Z'", text,
                TimeZone.getTimeZone("UTC"));
        }
        return text.matches("\\d{4}-\\d{2}-\\d{2}")
            ? CausewayLook.parsed("yyyy-MM-dd", text, TimeZone.getDefault()) : null;
    }

    private void write(Document document, Map<?, ?> items) throws Exception {
        for (Map.Entry<?, ?> one : items.entrySet()) {
            String name = (String) one.getKey();
            Map<?, ?> item = (Map<?, ?>) one.getValue();
            if ("html".equals(item.get("type"))) {
                new CausewayRich(session).write(document, name, (String) item.get("html"),
                    (String) item.get("text"));
            } else {
                put(document, name, "datetime".equals(item.get("type")), values(name, item));
            }
        }
    }

    private void put(Document document, String name, boolean times, List<Object> values)
            throws Exception {
        if (values.isEmpty()) {
            document.removeItem(name);
            return;
        }
        Vector<Object> stored = new Vector<Object>();
        for (Object value : values) {
            stored.add(times ? time((String) value) : value);
        }
        Item item = document.getFirstItem(name);
        if (item == null || CausewayMeta.isRich(item.getType())) {
            document.removeItem(name);
            document.replaceItemValue(name, stored);
        } else {
            // Set, not replaced: a replaced item loses its flags, and readers see too much.
            boolean names = item.isNames();
            boolean authors = item.isAuthors();
            boolean readers = item.isReaders();
            boolean summary = item.isSummary();
            item.setValues(stored);
            item.setSummary(summary);
            item.setNames(names);
            item.setAuthors(authors);
            item.setReaders(readers);
        }
        for (Object value : stored) {
            if (value instanceof DateTime) {
                ((DateTime) value).recycle();
            }
        }
    }

    private DateTime time(String text) throws Exception {
        DateTime value = session.createDateTime(moment(text));
        if (text.length() == 10) {
            value.setAnyTime();
        }
        return value;
    }

    static String safe(String name) throws CausewayFault {
        String lower = name.toLowerCase(Locale.ROOT);
        if (name.length() > 200 || lower.matches(".*[\\\\/:*?\"<>|\\x00-\\x1f].*")
                || name.startsWith(".")) {
            throw CausewayRequest.bad("name", "is no name of a file");
        }
        return name;
    }
}
