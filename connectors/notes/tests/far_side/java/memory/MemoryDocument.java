package memory;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.Set;
import java.util.Vector;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.EmbeddedObject;
import lotus.domino.Item;
import lotus.domino.MIMEEntity;
import lotus.domino.NotesException;
import lotus.domino.RichTextItem;

/**
 * A document as one program holds it: changes stay here until it is saved, and a save without force
 * is refused when somebody else saved meanwhile.
 */
public class MemoryDocument extends MemoryBase implements Document {
    /** What the file holds of it; shared by all who opened it. */
    static class Note {
        String unid;
        int id;
        int sequence;
        boolean deleted;
        boolean permanently;
        Date created = new Date();
        Date modified = new Date();
        final List<MemoryItem> items = new ArrayList<MemoryItem>();
        Map<String, byte[]> files = new LinkedHashMap<String, byte[]>();
        final Set<String> folders = new TreeSet<String>();
    }

    final MemoryDatabase database;
    final Note note;
    private final int opened;
    public final List<MemoryItem> items = new ArrayList<MemoryItem>();
    private final Map<String, byte[]> files;
    String parent = "";

    MemoryDocument(MemoryDatabase database, Note note) {
        this.database = database;
        this.note = note;
        this.opened = note.sequence;
        this.files = new LinkedHashMap<String, byte[]>(note.files);
        for (MemoryItem one : note.items) {
            items.add(one.copy(this));
        }
    }

    MemoryItem item(String name) {
        for (MemoryItem one : items) {
            if (one.name.equalsIgnoreCase(name)) {
                return one;
            }
        }
        return null;
    }

    public Item getFirstItem(String name) {
        return item(name);
    }

    public Vector<Object> getItems() {
        return new Vector<Object>(items);
    }

    public boolean hasItem(String name) {
        return item(name) != null;
    }

    public String getItemValueString(String name) {
        Vector<Object> values = getItemValue(name);
        return values.isEmpty() || !(values.get(0) instanceof String) ? "" : (String) values.get(0);
    }

    public int getItemValueInteger(String name) {
        Vector<Object> values = getItemValue(name);
        return values.isEmpty() || !(values.get(0) instanceof Number) ? 0
            : ((Number) values.get(0)).intValue();
    }

    public Vector<Object> getItemValue(String name) {
        MemoryItem item = item(name);
        return item == null ? new Vector<Object>() : item.getValues();
    }

    public Vector<Object> getItemValueDateTimeArray(String name) {
        return getItemValue(name);
    }

    public Item replaceItemValue(String name, Object value) {
        removeItem(name);
        MemoryItem item = new MemoryItem(name);
        item.document = this;
        Vector<Object> values = new Vector<Object>();
        if (value instanceof Vector) {
            values.addAll((Vector<?>) value);
        } else {
            values.add(value);
        }
        item.setValues(values);
        items.add(item);
        return item;
    }

    public void removeItem(String name) {
        for (MemoryItem one = item(name); one != null; one = item(name)) {
            items.remove(one);
        }
    }

    public RichTextItem createRichTextItem(String name) {
        MemoryItem item = new MemoryItem(name);
        item.type = Item.RICHTEXT;
        item.document = this;
        items.add(item);
        return item;
    }

    public MIMEEntity createMIMEEntity(String name) {
        MemoryItem item = (MemoryItem) createRichTextItem(name);
        item.type = Item.MIME_PART;
        item.root = new MemoryEntity();
        item.root.owner = item;
        return item.root;
    }

    public MIMEEntity getMIMEEntity(String name) {
        return item(name) == null ? null : item(name).root;
    }

    public boolean closeMIMEEntities(boolean save, String name) {
        return true;
    }

    public EmbeddedObject getAttachment(String name) {
        return files.containsKey(name) ? new File(name) : null;
    }

    EmbeddedObject embed(String source, String title) {
        try {
            files.put(title, Files.readAllBytes(Paths.get(source)));
        } catch (java.io.IOException error) {
            throw new IllegalStateException(error);
        }
        return new File(title);
    }

    public DateTime getCreated() {
        return new MemoryTime(note.created);
    }

    public DateTime getLastModified() {
        return new MemoryTime(note.modified);
    }

    public String getNoteID() {
        return Integer.toHexString(note.id).toUpperCase(Locale.ROOT);
    }

    public String getUniversalID() {
        return note.unid;
    }

    public String getParentDocumentUNID() {
        return getItemValueString("$REF");
    }

    public int getFTSearchScore() {
        return 100 - note.id % 7;
    }

    public boolean isDeleted() {
        return note.deleted;
    }

    public boolean isNewNote() {
        return note.sequence == 0;
    }

    public boolean isResponse() {
        return hasItem("$REF");
    }

    public boolean isValid() {
        return !note.permanently;
    }

    public boolean computeWithForm(boolean types, boolean raise) throws NotesException {
        String complaint = getItemValueString("Complaint"); // stands for a validation formula
        if (raise && complaint.length() > 0) {
            throw new NotesException(4000, complaint);
        }
        replaceItemValue("Computed", "by the form");
        return true;
    }

    public void makeResponse(Document above) throws NotesException {
        replaceItemValue("$REF", above.getUniversalID());
    }

    public void putInFolder(String name, boolean create) {
        note.folders.add(name.toLowerCase(Locale.ROOT));
    }

    public void removeFromFolder(String name) {
        note.folders.remove(name.toLowerCase(Locale.ROOT));
    }

    public boolean save(boolean force, boolean response) throws NotesException {
        if (database.refusing) {
            throw new NotesException(4000, "You are not authorized to perform that operation");
        }
        if (database.failing > 0) {
            database.failing--;
            return false;
        }
        if (!force && note.sequence != opened && !isMine) {
            return false;
        }
        return store(new Date(System.currentTimeMillis() / 1000 * 1000));
    }

    private boolean isMine;

    /** Into the file, at a time of one's choosing. */
    public boolean store(Date when) {
        if (note.sequence > 0) {
            replaceItemValue("$Revisions", new MemoryTime(note.modified));
        }
        note.items.clear();
        for (MemoryItem one : items) {
            note.items.add(one.copy(null));
        }
        note.files = new LinkedHashMap<String, byte[]>(files);
        note.sequence++;
        note.modified = when;
        isMine = true;
        database.keep(note);
        return true;
    }

    public boolean remove(boolean force) {
        if (!force && note.sequence != opened) {
            return false;
        }
        note.deleted = true;
        return true;
    }

    public boolean removePermanently(boolean force) {
        note.permanently = true;
        return remove(force);
    }

    private class File extends MemoryBase implements EmbeddedObject {
        private final String title;

        File(String title) {
            this.title = title;
        }

        public int getFileSize() {
            return files.get(title).length;
        }

        public InputStream getInputStream() {
            return new ByteArrayInputStream(files.get(title));
        }

        public void remove() {
            files.remove(title);
        }
    }
}
