package lotus.domino;

public interface ViewColumn extends Base {
    String getItemName() throws NotesException;
    String getTitle() throws NotesException;
    int getColumnValuesIndex() throws NotesException;
    boolean isCategory() throws NotesException;
    boolean isHidden() throws NotesException;
    boolean isSorted() throws NotesException;
}
