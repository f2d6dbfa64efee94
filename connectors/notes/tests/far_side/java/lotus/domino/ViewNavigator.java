package lotus.domino;

public interface ViewNavigator extends Base {
    ViewEntry getFirst() throws NotesException;
    ViewEntry getNext(ViewEntry entry) throws NotesException;
}
