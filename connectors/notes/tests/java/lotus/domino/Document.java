package lotus.domino;

public interface Document extends Base {
    String getItemValueString(String name) throws NotesException;
    int getItemValueInteger(String name) throws NotesException;
    java.util.Vector getItemValue(String name) throws NotesException;
    java.util.Vector getItemValueDateTimeArray(String name) throws NotesException;
    java.util.Vector getItems() throws NotesException;
    boolean hasItem(String name) throws NotesException;
    Item replaceItemValue(String name, Object value) throws NotesException;
    DateTime getLastModified() throws NotesException;
    String getUniversalID() throws NotesException;
    boolean save(boolean force, boolean response) throws NotesException;
    boolean remove(boolean force) throws NotesException;
}
