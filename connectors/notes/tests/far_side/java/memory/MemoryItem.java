package memory;

import java.util.Vector;
import lotus.domino.DateTime;
import lotus.domino.EmbeddedObject;
import lotus.domino.Item;
import lotus.domino.RichTextItem;

/** An item: its values, or rich text as plain text and DXL, or a MIME tree. */
public class MemoryItem extends MemoryBase implements RichTextItem {
    final String name;
    public int type = TEXT;
    public Vector<Object> values = new Vector<Object>();
    public MemoryEntity root;
    public String dxl = "";
    boolean summary = true;
    MemoryDocument document;

    public MemoryItem(String name) {
        this.name = name;
    }

    MemoryItem copy(MemoryDocument into) {
        MemoryItem same = new MemoryItem(name);
        same.type = type;
        same.values.addAll(values);
        same.dxl = dxl;
        same.summary = summary;
        same.root = root == null ? null : root.copy();
        if (same.root != null) {
            same.root.owner = same;
        }
        same.document = into;
        return same;
    }

    public String getName() {
        return name;
    }

    public int getType() {
        return type;
    }

    public String getText() {
        return root == null ? values.toString() : text(root);
    }

    private static String text(MemoryEntity entity) {
        StringBuilder all = new StringBuilder(entity.content);
        for (MemoryEntity child : entity.children) {
            all.append(text(child));
        }
        return all.toString();
    }

    public int getValueLength() {
        return getText().length() + dxl.length();
    }

    public Vector<Object> getValues() {
        return new Vector<Object>(values);
    }

    public boolean isAuthors() {
        return type == AUTHORS;
    }

    public boolean isReaders() {
        return type == READERS;
    }

    public boolean isNames() {
        return type == NAMES || type == AUTHORS || type == READERS;
    }

    public boolean isSummary() {
        return summary;
    }

    public void setAuthors(boolean on) {
        type = on ? AUTHORS : type == AUTHORS ? TEXT : type;
    }

    public void setReaders(boolean on) {
        type = on ? READERS : type == READERS ? TEXT : type;
    }

    public void setNames(boolean on) {
        type = on && !isNames() ? NAMES : type;
    }

    public void setSummary(boolean on) {
        summary = on;
    }

    /** As Notes does it: the type follows the values, and the flags are gone. */
    @SuppressWarnings("unchecked")
    public void setValues(Vector given) {
        values = new Vector<Object>();
        type = TEXT;
        for (Object one : (Vector<Object>) given) {
            type = one instanceof Number ? NUMBERS : one instanceof DateTime ? DATETIMES : TEXT;
            values.add(one instanceof MemoryTime ? ((MemoryTime) one).copy()
                : one instanceof Number ? (Object) Double.valueOf(((Number) one).doubleValue())
                : one);
        }
    }

    public EmbeddedObject embedObject(int kind, String of, String source, String title) {
        return document.embed(source, title);
    }
}
