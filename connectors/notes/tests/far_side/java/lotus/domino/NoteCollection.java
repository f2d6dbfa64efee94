package lotus.domino;

public interface NoteCollection extends Base {
    void setSelectDocuments(boolean on) throws NotesException;
    void setSinceTime(DateTime since) throws NotesException;
    void buildCollection() throws NotesException;
    String getFirstNoteID() throws NotesException;
    String getNextNoteID(String id) throws NotesException;
}
