package lotus.domino;

import java.util.Vector;

public interface ViewEntry extends Base {
    Vector getColumnValues() throws NotesException;
    Document getDocument() throws NotesException;
    String getNoteID() throws NotesException;
    String getPosition(char separator) throws NotesException;
    String getUniversalID() throws NotesException;
    boolean isDocument() throws NotesException;
}
