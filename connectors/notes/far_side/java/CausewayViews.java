import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Form;
import lotus.domino.View;
import lotus.domino.ViewColumn;
import lotus.domino.ViewEntry;
import lotus.domino.ViewEntryCollection;
import lotus.domino.ViewNavigator;

/** What the endpoint says of views, folders and forms. */
final class CausewayViews {
    /** A larger view is not brought up to date before a look-up: that could take minutes. */
    private static final int REFRESHED = 50000;
    /** ViewColumn.getColumnValuesIndex of a column that entries do not carry (a constant). */
    private static final int NO_VALUE = 65535;

    private final Database database;
    private final CausewayPage page;
    private View view;
    private Vector<?> columns;

    CausewayViews(Database database, CausewayPage page) {
        this.database = database;
        this.page = page;
    }

    private void open(String name) throws Exception {
        view = database.getView(name);
        if (view == null) {
            throw new CausewayFault("view_missing", "There is no view or folder " + name + ".");
        }
        view.setAutoUpdate(false);
        columns = view.getColumns();
    }

    Map<String, Object> find(CausewayRequest request) throws Exception {
        String name = request.text("view");
        Vector<String> keys = new Vector<String>(request.textOrTexts("key"));
        boolean exact = request.flag("exact", true);
        int start = request.count("start", 0, 0);
        page.read(request);
        request.onlyKnown();
        open(name);
        if (view.getEntryCount() <= REFRESHED) {
            view.refresh();
        }
        return entries(view.getAllEntriesByKey(keys, exact), start);
    }

    Map<String, Object> list(CausewayRequest request) throws Exception {
        String name = request.text("view");
        String category = request.text("category", null);
        String from = request.text("from_key", null);
        String parent = request.has("parent") ? request.unid("parent") : null;
        String search = request.text("search", null);
        int start = request.count("start", 0, 0);
        page.read(request);
        request.onlyKnown();
        open(name);
        if (search != null) {
            if (!database.isFTIndexed()) {
                throw new CausewayFault("no_index", "Database is not full text indexed.");
            }
            view.FTSearch(search, 0);
            return entries(view.getAllEntries(), start);
        }
        if (category != null) {
            return walk(view.createViewNavFromCategory(category), null, start, -1);
        }
        if (parent != null) {
            Document document = CausewayLook.document(database, parent);
            return walk(view.createViewNavFromChildren(document), null, start, -1);
        }
        return walk(view.createViewNav(), from, start, from == null ? view.getEntryCount() : -1);
    }

    private Map<String, Object> entries(ViewEntryCollection found, int start) throws Exception {
        List<Object> rows = new ArrayList<Object>();
        boolean more = false;
        ViewEntry entry = found.getFirstEntry();
        for (int at = 0; entry != null; at++) {
            ViewEntry next = found.getNextEntry(entry);
            if (at >= start) {
                more = !page.add(rows, row(entry));
            }
            entry.recycle();
            entry = more ? null : next;
        }
        return CausewayPage.result("entries", rows, more);
    }

    private Map<String, Object> walk(ViewNavigator navigator, String from, int start, int total)
            throws Exception {
        List<Object> rows = new ArrayList<Object>();
        boolean more = false;
        boolean begun = from == null;
        int at = 0;
        ViewEntry entry = navigator.getFirst();
        while (entry != null) {
            begun = begun || isFrom(entry, from);
            if (begun && at++ >= start) {
                more = !page.add(rows, row(entry));
            } else {
                page.spend();
            }
            ViewEntry next = more ? null : navigator.getNext(entry);
            entry.recycle();
            entry = next;
        }
        Map<String, Object> result = CausewayPage.result("entries", rows, more);
        if (total >= 0) {
            result.put("total", Integer.valueOf(total));
        }
        return result;
    }

    /** Whether the first sorted column has come to the key. Views sort without regard to case. */
    private boolean isFrom(ViewEntry entry, String key) throws Exception {
        Vector<?> values = entry.getColumnValues();
        for (Object one : columns) {
            ViewColumn column = (ViewColumn) one;
            int at = column.getColumnValuesIndex();
            if (column.isSorted() && at < values.size()) {
                Object value = values.elementAt(at);
                Object first = value instanceof Vector
                    ? (((Vector<?>) value).isEmpty() ? "" : ((Vector<?>) value).firstElement())
                    : value;
                return String.valueOf(first).toLowerCase(Locale.ROOT)
                    .compareTo(key.toLowerCase(Locale.ROOT)) >= 0;
            }
        }
        return true;
    }

    private Map<String, Object> row(ViewEntry entry) throws Exception {
        Map<String, Object> row = new LinkedHashMap<String, Object>();
        boolean isDocument = entry.isDocument();
        row.put("unid", isDocument ? entry.getUniversalID().toUpperCase(Locale.ROOT) : "");
        row.put("noteid", isDocument ? entry.getNoteID().toUpperCase(Locale.ROOT) : "");
        row.put("form", isDocument ? form(entry) : "");
        row.put("position", entry.getPosition('.'));
        Map<String, Object> cells = new LinkedHashMap<String, Object>();
        Vector<?> values = entry.getColumnValues();
        for (Object one : columns) {
            ViewColumn column = (ViewColumn) one;
            int at = column.getColumnValuesIndex();
            if (at != NO_VALUE && at < values.size()) {
                Object cell = cell(values.elementAt(at));
                if (cell != null) {
                    cells.put(column.getItemName(), cell);
                }
            }
        }
        row.put("columns", cells);
        if (!isDocument) {
            row.put("category", Boolean.TRUE);
        }
        return row;
    }

    private static String form(ViewEntry entry) throws Exception {
        Document document = entry.getDocument();
        String form = document == null ? "" : document.getItemValueString("Form");
        if (document != null) {
            document.recycle();
        }
        return form == null ? "" : form;
    }

    private static Object cell(Object value) throws Exception {
        if (value instanceof Vector) {
            List<Object> values = new ArrayList<Object>();
            for (Object one : (Vector<?>) value) {
                Object cell = cell(one);
                if (cell != null) {
                    values.add(cell);
                }
            }
            return values;
        }
        if (value instanceof DateTime) {
            return CausewayCore.instant(((DateTime) value).toJavaDate());
        }
        return value instanceof Number || value instanceof String ? value
            : value == null ? null : String.valueOf(value);
    }

    Map<String, Object> views() throws Exception {
        List<Object> found = new ArrayList<Object>();
        for (Object one : database.getViews()) {
            View each = (View) one;
            Map<String, Object> about = new LinkedHashMap<String, Object>();
            about.put("name", each.getName());
            about.put("aliases", each.getAliases());
            about.put("unid", each.getUniversalID().toUpperCase(Locale.ROOT));
            about.put("folder", Boolean.valueOf(each.isFolder()));
            found.add(about);
            each.recycle();
        }
        return CausewayPage.of("views", found);
    }

    Map<String, Object> design(String name) throws Exception {
        open(name);
        List<Object> found = new ArrayList<Object>();
        for (Object one : columns) {
            ViewColumn column = (ViewColumn) one;
            Map<String, Object> about = new LinkedHashMap<String, Object>();
            about.put("name", column.getItemName());
            about.put("title", column.getTitle());
            about.put("category", Boolean.valueOf(column.isCategory()));
            about.put("sorted", Boolean.valueOf(column.isSorted()));
            about.put("hidden", Boolean.valueOf(column.isHidden()));
            found.add(about);
        }
        return CausewayPage.of("columns", found);
    }

    Map<String, Object> forms() throws Exception {
        List<Object> found = new ArrayList<Object>();
        for (Object one : database.getForms()) {
            Form form = (Form) one;
            Map<String, Object> about = new LinkedHashMap<String, Object>();
            about.put("name", form.getName());
            about.put("aliases", form.getAliases());
            about.put("fields", form.getFields());
            found.add(about);
            form.recycle();
        }
        return CausewayPage.of("forms", found);
    }
}
