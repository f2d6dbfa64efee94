package memory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Document;
import lotus.domino.NotesException;
import lotus.domino.View;
import lotus.domino.ViewColumn;
import lotus.domino.ViewEntry;
import lotus.domino.ViewEntryCollection;
import lotus.domino.ViewNavigator;

/** A view or folder: an index that is as old as the last opening or refresh. */
public class MemoryView extends MemoryBase implements View {
    /** One column as design.json names it. */
    static class Column extends MemoryBase implements ViewColumn {
        String item = "";
        String title = "";
        boolean sorted;
        boolean descending;
        boolean category;
        boolean constant;
        int index;

        public String getItemName() {
            return item;
        }

        public String getTitle() {
            return title;
        }

        public int getColumnValuesIndex() {
            return constant ? 65535 : index;
        }

        public boolean isCategory() {
            return category;
        }

        public boolean isHidden() {
            return false;
        }

        public boolean isSorted() {
            return sorted;
        }
    }

    private final MemoryDatabase database;
    final String name;
    final boolean folder;
    private final Object selection;
    final List<Column> columns;
    private List<MemoryDocument> index = new ArrayList<MemoryDocument>();

    MemoryView(MemoryDatabase database, String name, boolean folder, Object selection,
            List<Column> columns) {
        this.database = database;
        this.name = name;
        this.folder = folder;
        this.selection = selection;
        this.columns = columns;
        refresh();
    }

    public final void refresh() {
        index = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : database.readable()) {
            boolean in = folder ? one.note.folders.contains(name.toLowerCase(Locale.ROOT))
                : selects(selection, one);
            if (in) {
                index.add(one);
            }
        }
        Collections.sort(index, new Comparator<MemoryDocument>() {
            public int compare(MemoryDocument a, MemoryDocument b) {
                for (Column column : columns) {
                    int order = column.sorted ? order(value(a, column), value(b, column)) : 0;
                    if (order != 0) {
                        return column.descending ? -order : order;
                    }
                }
                return a.note.id - b.note.id;
            }
        });
    }

    /** {"and"|"or": [..]}, {"item", "is"|"not"}, {"has"}, {"hasnot"}: a formula read by the test. */
    private static boolean selects(Object rule, MemoryDocument one) {
        Map<?, ?> map = (Map<?, ?>) rule;
        for (String both : new String[] {"and", "or"}) {
            if (map.containsKey(both)) {
                boolean and = both.equals("and");
                boolean all = and;
                for (Object part : (List<?>) map.get(both)) {
                    all = and ? all && selects(part, one) : all || selects(part, one);
                }
                return all;
            }
        }
        if (map.containsKey("has")) {
            return one.hasItem((String) map.get("has"));
        }
        if (map.containsKey("hasnot")) {
            return !one.hasItem((String) map.get("hasnot"));
        }
        if (map.containsKey("all")) {
            return true;
        }
        boolean same = one.getItemValueString((String) map.get("item")).equals(
            map.containsKey("is") ? map.get("is") : map.get("not"));
        return map.containsKey("is") == same;
    }

    private static Object value(MemoryDocument document, Column column) {
        Vector<Object> values = document.getItemValue(column.item);
        return values.isEmpty() ? null : values.get(0);
    }

    private static int order(Object a, Object b) {
        return key(a).compareTo(key(b));
    }

    private static String key(Object value) {
        if (value instanceof Number) {
            return String.format(Locale.ROOT, "%030.6f", Double.valueOf(((Number) value).doubleValue()));
        }
        if (value instanceof MemoryTime) {
            return String.format("%020d", Long.valueOf(((MemoryTime) value).toJavaDate().getTime()));
        }
        return value == null ? "" : String.valueOf(value).toLowerCase(Locale.ROOT);
    }

    // rows

    private List<Row> rows(List<MemoryDocument> documents, boolean categories) {
        List<Row> rows = new ArrayList<Row>();
        String last = null;
        int top = 0;
        int under = 0;
        boolean categorised = categories && !columns.isEmpty() && columns.get(0).category;
        for (MemoryDocument one : documents) {
            if (categorised) {
                String category = String.valueOf(value(one, columns.get(0)));
                if (!category.equals(last)) {
                    last = category;
                    under = 0;
                    rows.add(new Row(null, category, String.valueOf(++top)));
                }
                rows.add(new Row(one, null, top + "." + ++under));
            } else {
                rows.add(new Row(one, null, String.valueOf(++top)));
            }
        }
        return rows;
    }

    private class Row extends MemoryBase implements ViewEntry {
        private final MemoryDocument document;
        private final String category;
        private final String position;

        Row(MemoryDocument document, String category, String position) {
            this.document = document;
            this.category = category;
            this.position = position;
        }

        public Vector<Object> getColumnValues() {
            Vector<Object> cells = new Vector<Object>();
            for (Column column : columns) {
                if (column.constant) {
                    continue;
                }
                if (document == null) {
                    cells.add(column.category ? category : "");
                    continue;
                }
                Vector<Object> values = document.getItemValue(column.item);
                cells.add(values.isEmpty() ? "" : values.size() == 1 ? values.get(0) : values);
            }
            return cells;
        }

        public Document getDocument() {
            return document;
        }

        public String getNoteID() {
            return document.getNoteID();
        }

        public String getPosition(char separator) {
            return position;
        }

        public String getUniversalID() {
            return document.getUniversalID();
        }

        public boolean isDocument() {
            return document != null;
        }
    }

    private static class Rows extends MemoryBase implements ViewEntryCollection, ViewNavigator {
        private final List<Row> rows;

        Rows(List<Row> rows) {
            this.rows = rows;
        }

        private ViewEntry at(int place) {
            return place < rows.size() ? rows.get(place) : null;
        }

        public ViewEntry getFirstEntry() {
            return at(0);
        }

        public ViewEntry getNextEntry(ViewEntry entry) {
            return at(rows.indexOf(entry) + 1);
        }

        public ViewEntry getFirst() {
            return at(0);
        }

        public ViewEntry getNext(ViewEntry entry) {
            return at(rows.indexOf(entry) + 1);
        }
    }

    public ViewEntryCollection getAllEntries() {
        return new Rows(rows(index, false));
    }

    public ViewEntryCollection getAllEntriesByKey(Vector keys, boolean exact) {
        return new Rows(rows(matching(keys, exact), false));
    }

    private List<MemoryDocument> matching(Vector<?> keys, boolean exact) {
        List<Column> sorted = new ArrayList<Column>();
        for (Column column : columns) {
            if (column.sorted) {
                sorted.add(column);
            }
        }
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : index) {
            boolean fits = keys.size() <= sorted.size();
            for (int at = 0; fits && at < keys.size(); at++) {
                String cell = key(value(one, sorted.get(at)));
                String wanted = key(keys.get(at));
                fits = exact ? cell.equals(wanted) : cell.startsWith(wanted);
            }
            if (fits) {
                found.add(one);
            }
        }
        return found;
    }

    public ViewNavigator createViewNav() {
        return new Rows(rows(index, true));
    }

    public ViewNavigator createViewNavFromCategory(String category) {
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : index) {
            if (category.equalsIgnoreCase(String.valueOf(value(one, columns.get(0))))) {
                found.add(one);
            }
        }
        return new Rows(rows(found, false));
    }

    public ViewNavigator createViewNavFromChildren(Object parent) {
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : index) {
            if (one.getParentDocumentUNID().equals(((MemoryDocument) parent).note.unid)) {
                found.add(one);
            }
        }
        return new Rows(rows(found, false));
    }

    public int FTSearch(String query, int most) throws NotesException {
        index.retainAll(database.hits(query));
        List<MemoryDocument> kept = new ArrayList<MemoryDocument>();
        List<String> wanted = new ArrayList<String>();
        for (MemoryDocument hit : database.hits(query)) {
            wanted.add(hit.note.unid);
        }
        refresh();
        for (MemoryDocument one : index) {
            if (wanted.contains(one.note.unid)) {
                kept.add(one);
            }
        }
        index = kept;
        return kept.size();
    }

    public Document getFirstDocument() {
        return index.isEmpty() ? null : index.get(0);
    }

    public Document getLastDocument() {
        return index.isEmpty() ? null : index.get(index.size() - 1);
    }

    public Document getNextDocument(Document document) {
        int next = index.indexOf(document) + 1;
        return next > 0 && next < index.size() ? index.get(next) : null;
    }

    public Document getDocumentByKey(Object key, boolean exact) {
        Vector<Object> keys = new Vector<Object>();
        keys.add(key);
        List<MemoryDocument> found = matching(keys, exact);
        return found.isEmpty() ? null : found.get(0);
    }

    public String getName() {
        return name;
    }

    public Vector<Object> getAliases() {
        return new Vector<Object>();
    }

    public Vector<Object> getColumns() {
        return new Vector<Object>(columns);
    }

    public String getUniversalID() {
        return String.format("%032X", Integer.valueOf(name.hashCode() & 0x7fffffff));
    }

    public int getEntryCount() {
        return index.size();
    }

    public boolean isFolder() {
        return folder;
    }

    public void setAutoUpdate(boolean on) {
        // the index never moves by itself
    }
}
