package lotus.domino;

public interface Session extends Base {
    AgentContext getAgentContext() throws NotesException;
    String getEffectiveUserName() throws NotesException;
    String getNotesVersion() throws NotesException;
    void setConvertMIME(boolean on) throws NotesException;
    DateTime createDateTime(java.util.Date moment) throws NotesException;
    DxlExporter createDxlExporter() throws NotesException;
    Stream createStream() throws NotesException;
}
