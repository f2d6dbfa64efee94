package lotus.domino;

public interface DateRange extends Base {
    DateTime getStartDateTime() throws NotesException;
    DateTime getEndDateTime() throws NotesException;
}
