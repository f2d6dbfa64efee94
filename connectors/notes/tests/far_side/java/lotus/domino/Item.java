package lotus.domino;

import java.util.Vector;

public interface Item extends Base {
    int RICHTEXT = 1;
    int MIME_PART = 25;
    int NUMBERS = 768;
    int DATETIMES = 1024;
    int NAMES = 1074;
    int READERS = 1075;
    int AUTHORS = 1076;
    int TEXT = 1280;
    String getName() throws NotesException;
    int getType() throws NotesException;
    String getText() throws NotesException;
    int getValueLength() throws NotesException;
    Vector getValues() throws NotesException;
    boolean isAuthors() throws NotesException;
    boolean isNames() throws NotesException;
    boolean isReaders() throws NotesException;
    boolean isSummary() throws NotesException;
    void setAuthors(boolean on) throws NotesException;
    void setNames(boolean on) throws NotesException;
    void setReaders(boolean on) throws NotesException;
    void setSummary(boolean on) throws NotesException;
    void setValues(Vector values) throws NotesException;
}
