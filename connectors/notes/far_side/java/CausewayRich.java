import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Document;
import lotus.domino.DxlExporter;
import lotus.domino.Item;
import lotus.domino.MIMEEntity;
import lotus.domino.MIMEHeader;
import lotus.domino.NotesException;
import lotus.domino.Session;
import lotus.domino.Stream;

/** Rich text: MIME as its parts, composite data as DXL, and HTML written as MIME. */
final class CausewayRich {
    /** Longer DXL is pictures for the most part: the text alone then. */
    private static final int LONGEST_DXL = 2000000;

    private final Session session;

    CausewayRich(Session session) {
        this.session = session;
    }

    Map<String, Object> read(Document document, Item item) throws Exception {
        Map<String, Object> found = new LinkedHashMap<String, Object>();
        if (item.getType() == Item.MIME_PART) {
            MIMEEntity root = document.getMIMEEntity(item.getName());
            if (root != null) {
                List<Object> parts = new ArrayList<Object>();
                collect(root, null, parts);
                document.closeMIMEEntities(false, item.getName());
                found.put("type", "mime");
                found.put("parts", parts);
                return found;
            }
        }
        String dxl = dxl(document, item.getName());
        found.put("type", dxl == null ? "richtext" : "dxl");
        found.put(dxl == null ? "text" : "dxl", dxl == null ? item.getText() : dxl);
        return found;
    }

    private static void collect(MIMEEntity entity, String boundary, List<Object> parts)
            throws Exception {
        if (entity.getEncoding() == MIMEEntity.ENC_IDENTITY_BINARY) {
            entity.encodeContent(MIMEEntity.ENC_BASE64); // in memory: the document is not saved
        }
        Map<String, Object> part = new LinkedHashMap<String, Object>();
        header(entity, "Content-Type", "contentType", part);
        header(entity, "Content-ID", "contentID", part);
        header(entity, "Content-Disposition", "contentDisposition", part);
        header(entity, "Content-Transfer-Encoding", "contentTransferEncoding", part);
        String data = entity.getContentAsText();
        if (data != null && data.length() > 0) {
            part.put("data", data);
        }
        if (boundary != null) {
            part.put("boundary", "--" + boundary);
        }
        parts.add(part);
        String own = boundary(entity);
        for (MIMEEntity child = entity.getFirstChildEntity(); child != null;
                child = child.getNextSibling()) {
            collect(child, own, parts);
        }
    }

    private static void header(MIMEEntity entity, String name, String member,
            Map<String, Object> part) throws Exception {
        MIMEHeader header = entity.getNthHeader(name);
        if (header != null) {
            part.put(member, header.getHeaderValAndParams());
            header.recycle();
        }
    }

    private static String boundary(MIMEEntity entity) throws Exception {
        MIMEHeader header = entity.getNthHeader("Content-Type");
        String found = header == null ? "" : header.getParamVal("boundary");
        return found == null ? "" : found.replace("\"", "");
    }

    /** The item's own elements, or null when they are too long or the exporter refuses. */
    private String dxl(Document document, String name) throws Exception {
        try {
            DxlExporter exporter = session.createDxlExporter();
            exporter.setOutputDOCTYPE(false);
            exporter.setConvertNotesBitmapsToGIF(true);
            Vector<String> only = new Vector<String>();
            only.add(name);
            exporter.setRestrictToItemNames(only);
            String all = exporter.exportDxl(document);
            exporter.recycle();
            return all.length() > LONGEST_DXL ? null : elements(all, name);
        } catch (NotesException error) {
            return null;
        }
    }

    /** All `<item>` elements of one name: Notes splits long ones. Items do not nest. */
    static String elements(String dxl, String name) {
        StringBuilder found = new StringBuilder();
        int at = dxl.indexOf("<item ");
        while (at >= 0) {
            int head = dxl.indexOf('>', at);
            int end = dxl.indexOf("</item>", at);
            if (head < 0 || end < 0) {
                break;
            }
            String tag = dxl.substring(at, head);
            if (tag.contains("name='" + name + "'") || tag.contains("name=\"" + name + "\"")) {
                found.append(dxl, at, end + 7);
            }
            at = dxl.indexOf("<item ", end);
        }
        return found.length() == 0 ? null : found.toString();
    }

    /** Stores both alternatives in ASCII; what the item held is gone. */
    void write(Document document, String name, String html, String text) throws Exception {
        document.removeItem(name);
        MIMEEntity root = document.createMIMEEntity(name);
        MIMEHeader header = root.createHeader("Content-Type");
        header.setHeaderVal("multipart/alternative");
        header.recycle();
        part(root, text, "text/plain; charset=UTF-8");
        part(root, html, "text/html; charset=UTF-8");
        document.closeMIMEEntities(true, name);
    }

    private void part(MIMEEntity root, String text, String type) throws Exception {
        Stream stream = session.createStream();
        stream.writeText(text);
        MIMEEntity part = root.createChildEntity();
        part.setContentFromText(stream, type, MIMEEntity.ENC_NONE);
        part.encodeContent(MIMEEntity.ENC_QUOTED_PRINTABLE);
        stream.close();
        stream.recycle();
    }
}
