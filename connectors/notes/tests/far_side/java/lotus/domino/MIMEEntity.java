package lotus.domino;

public interface MIMEEntity extends Base {
    int ENC_NONE = 1725;
    int ENC_QUOTED_PRINTABLE = 1726;
    int ENC_BASE64 = 1727;
    int ENC_IDENTITY_BINARY = 1730;
    MIMEHeader createHeader(String name) throws NotesException;
    MIMEHeader getNthHeader(String name) throws NotesException;
    MIMEEntity createChildEntity() throws NotesException;
    MIMEEntity createParentEntity() throws NotesException;
    MIMEEntity getFirstChildEntity() throws NotesException;
    MIMEEntity getNextSibling() throws NotesException;
    String getContentType() throws NotesException;
    String getContentAsText() throws NotesException;
    int getEncoding() throws NotesException;
    void encodeContent(int encoding) throws NotesException;
    void setContentFromText(Stream stream, String type, int encoding) throws NotesException;
    void setContentFromBytes(Stream stream, String type, int encoding) throws NotesException;
}
