import java.text.ParseException;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.DocumentCollection;
import lotus.domino.NoteCollection;
import lotus.domino.NotesException;
import lotus.domino.Session;

/** What the endpoint reads of documents. */
final class CausewayLook {
    private final Session session;
    private final Database database;
    private final CausewayMeta about;
    private final CausewayPage page;

    CausewayLook(Session session, Database database, CausewayPage page) throws Exception {
        this.session = session;
        this.database = database;
        this.about = new CausewayMeta(session, database);
        this.page = page;
    }

    /** Throws `not_found` for what is deleted, never was, or is hidden from this user. */
    static Document document(Database database, String unid) throws Exception {
        Document document = null;
        try {
            document = database.getDocumentByUNID(unid);
        } catch (NotesException error) {
            if (error.id != CausewayDelivery.NO_SUCH_UNID) {
                throw error;
            }
        }
        if (document == null || !document.isValid() || document.isDeleted()) {
            throw new CausewayFault("not_found", "There is no document " + unid
                + ", or this user may not read it.");
        }
        return document;
    }

    Map<String, Object> get(CausewayRequest request) throws Exception {
        String unid = request.unid("unid");
        List<String> names = new ArrayList<String>();
        for (String name : request.texts("items")) {
            names.add(name.toUpperCase(Locale.ROOT));
        }
        boolean rich = request.flag("rich", true);
        boolean chosen = request.has("items");
        request.onlyKnown();
        if (chosen && names.isEmpty()) {
            names.add(""); // none at all
        }
        Document document = document(database, unid);
        Map<String, Object> found = CausewayPage.of("meta", about.meta(document));
        found.put("items", about.items(document, names, rich));
        document.recycle();
        return found;
    }

    Map<String, Object> changed(CausewayRequest request) throws Exception {
        Date since = instant(request, "since");
        String after = request.text("after", "");
        page.read(request);
        request.onlyKnown();
        if (!after.matches("[0-9A-Fa-f]{0,8}")) {
            throw CausewayRequest.bad("after", "must be a note id");
        }
        long least = after.length() == 0 ? -1 : Long.parseLong(after, 16);
        // Taken before the list: what is saved while it is made is in the next one too.
        Date until = new Date();
        NoteCollection changed = database.createNoteCollection(false);
        changed.setSelectDocuments(true);
        DateTime from = session.createDateTime(since);
        changed.setSinceTime(from);
        changed.buildCollection();
        List<Object> rows = new ArrayList<Object>();
        boolean more = false;
        // A note collection is a table of ids and gives them in rising order.
        for (String id = changed.getFirstNoteID(); id != null && id.length() > 0 && !more;
                id = changed.getNextNoteID(id)) {
            if (Long.parseLong(id, 16) > least) {
                more = !add(rows, id, since);
            }
        }
        from.recycle();
        changed.recycle();
        Map<String, Object> result = CausewayPage.result("documents", rows, more);
        result.put("until", CausewayCore.instant(until));
        return result;
    }

    private boolean add(List<Object> rows, String id, Date since) throws Exception {
        Document document = null;
        try {
            document = database.getDocumentByID(id);
        } catch (NotesException error) {
            page.spend(); // deleted meanwhile, or hidden from this user
        }
        if (document == null) {
            return true;
        }
        boolean wanted = document.isValid() && !document.isDeleted();
        boolean added = !wanted || page.add(rows, about.meta(document));
        document.recycle();
        return added;
    }

    Map<String, Object> search(CausewayRequest request) throws Exception {
        String query = request.text("query");
        Date since = request.has("since") ? instant(request, "since") : null;
        page.read(request);
        request.onlyKnown();
        if (!database.isFTIndexed()) {
            throw new CausewayFault("no_index", "Database is not full text indexed.");
        }
        DocumentCollection hits;
        try {
            hits = database.FTSearch(query, 0);
        } catch (NotesException error) {
            throw new CausewayFault("query", String.valueOf(error.text));
        }
        List<Object> rows = new ArrayList<Object>();
        boolean more = false;
        Document document = hits.getFirstDocument();
        while (document != null) {
            Date modified = document.getLastModified().toJavaDate();
            if (since == null || !modified.before(since)) {
                Map<String, Object> row = about.meta(document);
                row.put("score", Integer.valueOf(document.getFTSearchScore()));
                more = !page.add(rows, row);
            }
            Document next = more ? null : hits.getNextDocument(document);
            document.recycle();
            document = next;
        }
        return CausewayPage.result("documents", rows, more);
    }

    static Date instant(CausewayRequest request, String name) throws CausewayFault {
        String text = request.text(name);
        Date found = text.matches("\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}Z")
            ? parsed("yyyy-MM-dd'T'HH:mm:ss'Z'", text, TimeZone.getTimeZone("UTC")) : null;
        if (found == null) {
            throw CausewayRequest.bad(name, "must be a time such as 2026-11-23T10:21:30Z");
        }
        return found;
    }

    /** Null for what is no such time. */
    static Date parsed(String pattern, String text, TimeZone zone) {
        SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.ROOT);
        format.setTimeZone(zone);
        format.setLenient(false);
        try {
            return format.parse(text);
        } catch (ParseException error) {
            return null;
        }
    }

    static Map<String, Object> hello(Session session, Database database, boolean allowSecret,
            List<String> ops) throws Exception {
        String user = session.getEffectiveUserName();
        int rights = database.queryAccessPrivileges(user);
        Map<String, Object> agent = CausewayPage.of("name",
            session.getAgentContext().getCurrentAgent().getName());
        agent.put("version", CausewayEndpoint.VERSION);
        agent.put("language", "java");
        Map<String, Object> limits = new LinkedHashMap<String, Object>();
        limits.put("request_bytes", Integer.valueOf(CausewayPage.REQUEST_BYTES));
        limits.put("response_bytes", Integer.valueOf(CausewayPage.RESPONSE_BYTES));
        limits.put("page", Integer.valueOf(CausewayPage.ROWS));
        limits.put("batch", Integer.valueOf(CausewayPage.BATCH));
        limits.put("seconds", Integer.valueOf(CausewayPage.SECONDS));
        Map<String, Object> place = CausewayPage.of("title", database.getTitle());
        place.put("path", database.getFilePath().replace('\\', '/'));
        place.put("replica_id",
            database.getReplicaID().replace(":", "").toUpperCase(Locale.ROOT));
        Map<String, Object> access = new LinkedHashMap<String, Object>();
        access.put("level", Integer.valueOf(database.queryAccess(user)));
        access.put("create", Boolean.valueOf((rights & Database.DBACL_CREATE_DOCS) != 0));
        access.put("delete", Boolean.valueOf((rights & Database.DBACL_DELETE_DOCS) != 0));
        access.put("roles", database.queryAccessRoles(user));
        Map<String, Object> found = CausewayPage.of("agent", agent);
        found.put("proof", allowSecret ? "secret" : "signature");
        found.put("ops", ops);
        found.put("limits", limits);
        found.put("database", place);
        found.put("server", database.getServer());
        found.put("release", session.getNotesVersion());
        found.put("access", access);
        found.put("full_text", Boolean.valueOf(database.isFTIndexed()));
        return found;
    }
}
