package lotus.domino;

public interface Database extends Base {
    String getServer() throws NotesException;
    String getReplicaID() throws NotesException;
    String getFilePath() throws NotesException;
    Agent getAgent(String name) throws NotesException;
    View getView(String name) throws NotesException;
    Document createDocument() throws NotesException;
}
