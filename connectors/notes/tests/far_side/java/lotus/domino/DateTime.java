package lotus.domino;

public interface DateTime extends Base {
    java.util.Date toJavaDate() throws NotesException;
    String getDateOnly() throws NotesException;
    String getTimeOnly() throws NotesException;
    void setAnyTime() throws NotesException;
}
