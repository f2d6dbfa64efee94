package memory;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lotus.domino.MIMEEntity;
import lotus.domino.MIMEHeader;
import lotus.domino.NotesException;
import lotus.domino.Stream;

/** A MIME entity: headers, content as it is encoded, children. */
public class MemoryEntity extends MemoryBase implements MIMEEntity {
    public final Map<String, String> headers = new LinkedHashMap<String, String>();
    public String content = "";
    final List<MemoryEntity> children = new ArrayList<MemoryEntity>();
    MemoryEntity parent;
    private byte[] bytes;
    /** Where the document holds its root, so that a new parent can take its place. */
    MemoryItem owner;

    public MemoryEntity child() {
        MemoryEntity child = new MemoryEntity();
        child.parent = this;
        children.add(child);
        return child;
    }

    MemoryEntity copy() {
        MemoryEntity same = new MemoryEntity();
        same.headers.putAll(headers);
        same.content = content;
        for (MemoryEntity child : children) {
            MemoryEntity copied = child.copy();
            copied.parent = same;
            same.children.add(copied);
        }
        return same;
    }

    public MIMEHeader createHeader(String name) {
        return new Header(name);
    }

    public MIMEHeader getNthHeader(String name) {
        return headers.containsKey(name) ? new Header(name) : null;
    }

    public MIMEEntity createChildEntity() {
        String type = headers.get("Content-Type");
        if (type != null && type.startsWith("multipart/") && !type.contains("boundary=")) {
            headers.put("Content-Type", type + "; boundary=\"=_memory\"");
        }
        return child();
    }

    public MIMEEntity createParentEntity() throws NotesException {
        if (parent != null) {
            throw new NotesException(4000, "the bench makes parents of roots only");
        }
        MemoryEntity above = new MemoryEntity();
        above.owner = owner;
        owner.root = above;
        parent = above;
        above.children.add(this);
        return above;
    }

    public MIMEEntity getFirstChildEntity() {
        return children.isEmpty() ? null : children.get(0);
    }

    public MIMEEntity getNextSibling() {
        int next = parent == null ? -1 : parent.children.indexOf(this) + 1;
        return next > 0 && next < parent.children.size() ? parent.children.get(next) : null;
    }

    public String getContentType() {
        String type = headers.get("Content-Type");
        return type == null ? "text" : type.replaceAll("[/;].*", "");
    }

    public String getContentAsText() {
        return content;
    }

    public int getEncoding() {
        String encoding = headers.get("Content-Transfer-Encoding");
        return "base64".equals(encoding) ? ENC_BASE64
            : "quoted-printable".equals(encoding) ? ENC_QUOTED_PRINTABLE
            : "binary".equals(encoding) ? ENC_IDENTITY_BINARY : ENC_NONE;
    }

    public void encodeContent(int encoding) throws NotesException {
        byte[] raw = bytes == null ? bytes(content) : bytes;
        content = encoding == ENC_BASE64 ? Base64.getMimeEncoder().encodeToString(raw)
            : printable(raw);
        headers.put("Content-Transfer-Encoding",
            encoding == ENC_BASE64 ? "base64" : "quoted-printable");
    }

    private static byte[] bytes(String text) throws NotesException {
        try {
            return text.getBytes("UTF-8");
        } catch (java.io.UnsupportedEncodingException error) {
            throw new NotesException(4000, error.getMessage());
        }
    }

    private static String printable(byte[] raw) {
        StringBuilder out = new StringBuilder();
        for (byte one : raw) {
            if ((one >= 33 && one <= 126 && one != '=') || one == ' ') {
                out.append((char) one);
            } else {
                out.append(String.format("=%02X", Integer.valueOf(one & 0xff)));
            }
        }
        return out.toString().replaceAll("(.{70})(?=[^=]{3})", "$1=\r\n");
    }

    public void setContentFromText(Stream stream, String type, int encoding) {
        content = ((Memory) stream).text();
        headers.put("Content-Type", type);
    }

    public void setContentFromBytes(Stream stream, String type, int encoding) {
        bytes = ((Memory) stream).bytes.toByteArray();
        headers.put("Content-Type", type);
        headers.put("Content-Transfer-Encoding", "binary");
    }

    private class Header extends MemoryBase implements MIMEHeader {
        private final String name;

        Header(String name) {
            this.name = name;
        }

        public String getHeaderValAndParams() {
            return headers.get(name);
        }

        public String getParamVal(String wanted) {
            for (String part : headers.get(name).split(";")) {
                String[] pair = part.trim().split("=", 2);
                if (pair.length == 2 && pair[0].equalsIgnoreCase(wanted)) {
                    return pair[1];
                }
            }
            return "";
        }

        public boolean setHeaderVal(String value) {
            headers.put(name, value);
            return true;
        }

        public boolean setHeaderValAndParams(String value) {
            headers.put(name, value);
            return true;
        }
    }

    /** A stream in memory. */
    static class Memory extends MemoryBase implements Stream {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        public int write(byte[] more) {
            bytes.write(more, 0, more.length);
            return more.length;
        }

        public int writeText(String more) throws NotesException {
            return write(MemoryEntity.bytes(more));
        }

        public void close() {
            // nothing
        }

        String text() {
            try {
                return bytes.toString("UTF-8");
            } catch (java.io.UnsupportedEncodingException error) {
                throw new IllegalStateException(error);
            }
        }
    }
}
