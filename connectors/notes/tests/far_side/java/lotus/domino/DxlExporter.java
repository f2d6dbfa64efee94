package lotus.domino;

import java.util.Vector;

public interface DxlExporter extends Base {
    void setOutputDOCTYPE(boolean on) throws NotesException;
    void setConvertNotesBitmapsToGIF(boolean on) throws NotesException;
    void setRestrictToItemNames(Vector names) throws NotesException;
    String exportDxl(Document document) throws NotesException;
}
