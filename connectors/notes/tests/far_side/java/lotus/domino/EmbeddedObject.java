package lotus.domino;

import java.io.InputStream;

public interface EmbeddedObject extends Base {
    int EMBED_ATTACHMENT = 1454;
    int getFileSize() throws NotesException;
    InputStream getInputStream() throws NotesException;
    void remove() throws NotesException;
}
