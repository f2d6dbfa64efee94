package lotus.domino;

public interface Agent extends Base {
    String getName() throws NotesException;
    String getParameterDocID() throws NotesException;
    void run() throws NotesException;
    void runWithDocumentContext(Document document) throws NotesException;
}
