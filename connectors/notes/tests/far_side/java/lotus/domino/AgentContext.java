package lotus.domino;

public interface AgentContext extends Base {
    Agent getCurrentAgent() throws NotesException;
    Database getCurrentDatabase() throws NotesException;
    Document getDocumentContext() throws NotesException;
    DocumentCollection getUnprocessedDocuments() throws NotesException;
    void updateProcessedDoc(Document document) throws NotesException;
}
