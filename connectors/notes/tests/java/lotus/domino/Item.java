package lotus.domino;

public interface Item extends Base {
    int TEXT = 1280;
    int NUMBERS = 768;
    int DATETIMES = 1024;
    int NAMES = 1074;
    int READERS = 1075;
    int AUTHORS = 1076;
    String getName() throws NotesException;
    int getType() throws NotesException;
    java.util.Vector getValues() throws NotesException;
}
