package lotus.domino;

public interface MIMEHeader extends Base {
    String getHeaderValAndParams() throws NotesException;
    String getParamVal(String name) throws NotesException;
    boolean setHeaderVal(String value) throws NotesException;
    boolean setHeaderValAndParams(String value) throws NotesException;
}
