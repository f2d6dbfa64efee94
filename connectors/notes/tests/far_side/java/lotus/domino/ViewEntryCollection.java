package lotus.domino;

public interface ViewEntryCollection extends Base {
    ViewEntry getFirstEntry() throws NotesException;
    ViewEntry getNextEntry(ViewEntry entry) throws NotesException;
}
