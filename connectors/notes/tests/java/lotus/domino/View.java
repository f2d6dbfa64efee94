package lotus.domino;

public interface View extends Base {
    void setAutoUpdate(boolean on) throws NotesException;
    Document getFirstDocument() throws NotesException;
    Document getNextDocument(Document document) throws NotesException;
}
