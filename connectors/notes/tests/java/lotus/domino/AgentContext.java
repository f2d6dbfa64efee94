package lotus.domino;

public interface AgentContext extends Base {
    Database getCurrentDatabase() throws NotesException;
    DocumentCollection getUnprocessedDocuments() throws NotesException;
    void updateProcessedDoc(Document document) throws NotesException;
}
