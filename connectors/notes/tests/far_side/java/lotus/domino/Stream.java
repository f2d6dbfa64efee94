package lotus.domino;

public interface Stream extends Base {
    int write(byte[] bytes) throws NotesException;
    int writeText(String text) throws NotesException;
    void close() throws NotesException;
}
