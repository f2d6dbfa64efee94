package lotus.domino;

public interface DocumentCollection extends Base {
    Document getFirstDocument() throws NotesException;
    Document getNextDocument(Document document) throws NotesException;
}
