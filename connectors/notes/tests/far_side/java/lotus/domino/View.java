package lotus.domino;

import java.util.Vector;

public interface View extends Base {
    String getName() throws NotesException;
    Vector getAliases() throws NotesException;
    Vector getColumns() throws NotesException;
    String getUniversalID() throws NotesException;
    int getEntryCount() throws NotesException;
    boolean isFolder() throws NotesException;
    void setAutoUpdate(boolean on) throws NotesException;
    void refresh() throws NotesException;
    int FTSearch(String query, int most) throws NotesException;
    Document getFirstDocument() throws NotesException;
    Document getLastDocument() throws NotesException;
    Document getNextDocument(Document document) throws NotesException;
    Document getDocumentByKey(Object key, boolean exact) throws NotesException;
    ViewEntryCollection getAllEntries() throws NotesException;
    ViewEntryCollection getAllEntriesByKey(Vector keys, boolean exact) throws NotesException;
    ViewNavigator createViewNav() throws NotesException;
    ViewNavigator createViewNavFromCategory(String category) throws NotesException;
    ViewNavigator createViewNavFromChildren(Object document) throws NotesException;
}
