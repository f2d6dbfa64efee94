package lotus.domino;

import java.util.Vector;

public interface Document extends Base {
    String getItemValueString(String name) throws NotesException;
    int getItemValueInteger(String name) throws NotesException;
    Vector getItemValue(String name) throws NotesException;
    Vector getItemValueDateTimeArray(String name) throws NotesException;
    Vector getItems() throws NotesException;
    Item getFirstItem(String name) throws NotesException;
    boolean hasItem(String name) throws NotesException;
    Item replaceItemValue(String name, Object value) throws NotesException;
    void removeItem(String name) throws NotesException;
    RichTextItem createRichTextItem(String name) throws NotesException;
    MIMEEntity createMIMEEntity(String name) throws NotesException;
    MIMEEntity getMIMEEntity(String name) throws NotesException;
    boolean closeMIMEEntities(boolean save, String name) throws NotesException;
    EmbeddedObject getAttachment(String name) throws NotesException;
    DateTime getCreated() throws NotesException;
    DateTime getLastModified() throws NotesException;
    String getNoteID() throws NotesException;
    String getUniversalID() throws NotesException;
    String getParentDocumentUNID() throws NotesException;
    int getFTSearchScore() throws NotesException;
    boolean isDeleted() throws NotesException;
    boolean isNewNote() throws NotesException;
    boolean isResponse() throws NotesException;
    boolean isValid() throws NotesException;
    boolean computeWithForm(boolean types, boolean raise) throws NotesException;
    void makeResponse(Document parent) throws NotesException;
    void putInFolder(String name, boolean create) throws NotesException;
    void removeFromFolder(String name) throws NotesException;
    boolean save(boolean force, boolean response) throws NotesException;
    boolean remove(boolean force) throws NotesException;
    boolean removePermanently(boolean force) throws NotesException;
}
