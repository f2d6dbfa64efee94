package lotus.domino;

import java.util.Vector;

public interface Database extends Base {
    int DBACL_CREATE_DOCS = 1;
    int DBACL_DELETE_DOCS = 2;
    String getServer() throws NotesException;
    String getReplicaID() throws NotesException;
    String getFilePath() throws NotesException;
    String getTitle() throws NotesException;
    boolean isFTIndexed() throws NotesException;
    int queryAccess(String user) throws NotesException;
    int queryAccessPrivileges(String user) throws NotesException;
    Vector queryAccessRoles(String user) throws NotesException;
    Agent getAgent(String name) throws NotesException;
    View getView(String name) throws NotesException;
    Vector getViews() throws NotesException;
    Vector getForms() throws NotesException;
    Document createDocument() throws NotesException;
    Document getDocumentByID(String id) throws NotesException;
    Document getDocumentByUNID(String unid) throws NotesException;
    DocumentCollection FTSearch(String query, int most) throws NotesException;
    NoteCollection createNoteCollection(boolean all) throws NotesException;
}
