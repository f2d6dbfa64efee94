package lotus.domino;

import java.util.Vector;

public interface Form extends Base {
    String getName() throws NotesException;
    Vector getAliases() throws NotesException;
    Vector getFields() throws NotesException;
}
