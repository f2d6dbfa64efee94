package memory;

import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.Vector;
import lotus.domino.Agent;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.DocumentCollection;
import lotus.domino.Form;
import lotus.domino.NoteCollection;
import lotus.domino.NotesException;
import lotus.domino.View;

/** One database file, the rights of the user who looks at it, and its design. */
public class MemoryDatabase extends MemoryBase implements Database {
    private final Map<Integer, MemoryDocument.Note> notes =
        new TreeMap<Integer, MemoryDocument.Note>();
    private final Map<String, List<MemoryView.Column>> columns =
        new LinkedHashMap<String, List<MemoryView.Column>>();
    private final Map<String, Object> selections = new LinkedHashMap<String, Object>();
    public final List<String> ran = new ArrayList<String>();
    public String user = "CN=Causeway Service/O=Acme";
    public int level = 4;
    public int rights = DBACL_CREATE_DOCS | DBACL_DELETE_DOCS;
    public boolean indexed = true;
    boolean refusing;
    /** So many saves come to nothing. */
    public int failing;
    private int last = 0x8F2;

    public void view(String name, Object selection, List<Map<?, ?>> design) {
        List<MemoryView.Column> found = new ArrayList<MemoryView.Column>();
        int index = 0;
        for (Map<?, ?> one : design) {
            MemoryView.Column column = new MemoryView.Column();
            column.item = (String) one.get("item");
            column.title = String.valueOf(one.get("title"));
            column.sorted = one.get("sort") != null;
            column.descending = "descending".equals(one.get("sort"));
            column.category = Boolean.TRUE.equals(one.get("category"));
            column.constant = Boolean.TRUE.equals(one.get("constant"));
            column.index = column.constant ? -1 : index++;
            found.add(column);
        }
        columns.put(name, found);
        selections.put(name, selection);
    }

    void keep(MemoryDocument.Note note) {
        notes.put(Integer.valueOf(note.id), note);
    }

    public void refuse(boolean on) {
        refusing = on;
    }

    /** All documents that this user may read and that are not deleted, by note id. */
    List<MemoryDocument> readable() {
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument.Note note : notes.values()) {
            if (!note.deleted && mayRead(note)) {
                found.add(new MemoryDocument(this, note));
            }
        }
        return found;
    }

    private boolean mayRead(MemoryDocument.Note note) {
        boolean limited = false;
        for (MemoryItem item : note.items) {
            if (item.isReaders() && !item.values.isEmpty()) {
                limited = true;
                if (item.values.contains(user)) {
                    return true;
                }
            }
        }
        return !limited;
    }

    public Document createDocument() {
        MemoryDocument.Note note = new MemoryDocument.Note();
        note.id = last += 4;
        note.unid = String.format("%032X", Long.valueOf(0xA1B2C3D400000000L + note.id));
        note.created = new Date(System.currentTimeMillis() / 1000 * 1000);
        return new MemoryDocument(this, note);
    }

    public Document getDocumentByID(String id) throws NotesException {
        MemoryDocument.Note note = notes.get(Integer.valueOf(id, 16));
        if (note == null || note.permanently || !mayRead(note)) {
            throw new NotesException(4092, "Invalid document id");
        }
        return new MemoryDocument(this, note);
    }

    public Document getDocumentByUNID(String unid) throws NotesException {
        for (MemoryDocument.Note note : notes.values()) {
            if (note.unid.equalsIgnoreCase(unid) && !note.permanently && mayRead(note)) {
                return new MemoryDocument(this, note);
            }
        }
        throw new NotesException(4091, "Invalid universal id");
    }

    List<MemoryDocument> hits(String query) throws NotesException {
        if (query.contains("(") && !query.contains(")")) {
            throw new NotesException(4000, "Query is not understandable");
        }
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : readable()) {
            for (MemoryItem item : one.items) {
                if (item.getText().toLowerCase(Locale.ROOT).contains(
                        query.toLowerCase(Locale.ROOT))) {
                    found.add(one);
                    break;
                }
            }
        }
        return found;
    }

    public DocumentCollection FTSearch(String query, int most) throws NotesException {
        return new Collection(hits(query));
    }

    public NoteCollection createNoteCollection(boolean all) {
        return new Ids();
    }

    public View getView(String name) {
        for (String one : columns.keySet()) {
            if (one.equalsIgnoreCase(name)) {
                Object selection = selections.get(one);
                return new MemoryView(this, one, selection == null, selection, columns.get(one));
            }
        }
        return null;
    }

    public Vector<Object> getViews() {
        Vector<Object> found = new Vector<Object>();
        for (String one : columns.keySet()) {
            found.add(getView(one));
        }
        return found;
    }

    public Vector<Object> getForms() {
        Vector<Object> found = new Vector<Object>();
        found.add(new Order());
        return found;
    }

    public Agent getAgent(String name) {
        return name.equalsIgnoreCase("Number Orders") || name.equalsIgnoreCase("Broken")
            ? new MemorySession.Named(this, name, "") : null;
    }

    public String getServer() {
        return "CN=Mail1/O=Acme";
    }

    public String getReplicaID() {
        return "802579AB:00112233";
    }

    public String getFilePath() {
        return "sales\\fulfil.nsf";
    }

    public String getTitle() {
        return "Order Desk";
    }

    public boolean isFTIndexed() {
        return indexed;
    }

    public int queryAccess(String name) {
        return level;
    }

    public int queryAccessPrivileges(String name) {
        return rights;
    }

    public Vector<Object> queryAccessRoles(String name) {
        Vector<Object> roles = new Vector<Object>();
        roles.add("[Orders]");
        return roles;
    }

    /** Documents in the order they were found. */
    static class Collection extends MemoryBase implements DocumentCollection {
        private final List<MemoryDocument> documents;

        Collection(List<MemoryDocument> documents) {
            this.documents = documents;
        }

        public Document getFirstDocument() {
            return documents.isEmpty() ? null : documents.get(0);
        }

        public Document getNextDocument(Document document) {
            int next = documents.indexOf(document) + 1;
            return next < documents.size() ? documents.get(next) : null;
        }
    }

    private class Ids extends MemoryBase implements NoteCollection {
        private Date since = new Date(0);
        private final List<String> ids = new ArrayList<String>();

        public void setSelectDocuments(boolean on) {
            // the bench has nothing else
        }

        public void setSinceTime(DateTime from) throws NotesException {
            since = from.toJavaDate();
        }

        public void buildCollection() {
            for (MemoryDocument.Note note : notes.values()) {
                if (!note.modified.before(since) && !note.permanently) {
                    ids.add(Integer.toHexString(note.id).toUpperCase(Locale.ROOT));
                }
            }
        }

        public String getFirstNoteID() {
            return ids.isEmpty() ? "" : ids.get(0);
        }

        public String getNextNoteID(String id) {
            int next = ids.indexOf(id) + 1;
            return next < ids.size() ? ids.get(next) : "";
        }
    }

    private static class Order extends MemoryBase implements Form {
        public String getName() {
            return "Order Record";
        }

        public Vector<Object> getAliases() {
            return new Vector<Object>();
        }

        public Vector<Object> getFields() {
            Vector<Object> fields = new Vector<Object>();
            fields.add("OrderNo");
            fields.add("Status");
            return fields;
        }
    }
}
