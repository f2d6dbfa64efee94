import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.util.Base64;
import java.util.Map;
import lotus.domino.Database;
import lotus.domino.Document;
import lotus.domino.EmbeddedObject;
import lotus.domino.Item;
import lotus.domino.MIMEEntity;
import lotus.domino.MIMEHeader;
import lotus.domino.RichTextItem;
import lotus.domino.Session;
import lotus.domino.Stream;

/** Attachments of the endpoint. Needs run-time security level 2: Notes reads and writes files. */
final class CausewayFiles {
    private final Session session;
    private final Database database;
    private final CausewayMeta about;

    CausewayFiles(Session session, Database database) throws Exception {
        this.session = session;
        this.database = database;
        this.about = new CausewayMeta(session, database);
    }

    Map<String, Object> file(CausewayRequest request) throws Exception {
        String unid = request.unid("unid");
        String name = request.text("name");
        request.text("item", "");
        request.onlyKnown();
        Document document = CausewayLook.document(database, unid);
        EmbeddedObject file = document.getAttachment(name);
        if (file == null) {
            document.recycle();
            throw new CausewayFault("file_missing", "There is no file " + name + ".");
        }
        // Base64 takes four bytes for three.
        if (file.getFileSize() / 3.0 * 4 + 4096 > CausewayPage.RESPONSE_BYTES) {
            throw CausewayPage.tooLarge("The file is larger than an answer may be.");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        InputStream in = file.getInputStream();
        byte[] buffer = new byte[65536];
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
            bytes.write(buffer, 0, got);
        }
        in.close();
        file.recycle();
        document.recycle();
        Map<String, Object> found = CausewayPage.of("name", name);
        found.put("size", Integer.valueOf(bytes.size()));
        found.put("content", Base64.getEncoder().encodeToString(bytes.toByteArray()));
        return found;
    }

    Map<String, Object> attach(CausewayRequest request) throws Exception {
        String unid = request.unid("unid");
        String item = request.text("item");
        String name = CausewayWrite.safe(request.text("name"));
        boolean replace = request.flag("replace", false);
        String type = request.text("content_type", "application/octet-stream");
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(request.text("content", ""));
        } catch (IllegalArgumentException error) {
            throw CausewayRequest.bad("content", "is no base64");
        }
        if (!request.has("content")) {
            throw CausewayRequest.bad("content", "must be a text");
        }
        request.onlyKnown();
        Document document = CausewayLook.document(database, unid);
        EmbeddedObject there = document.getAttachment(name);
        if (there != null && replace) {
            there.remove();
        } else if (there != null) {
            document.recycle();
            throw new CausewayFault("failed", "There is a file " + name + " already.");
        }
        Item stored = document.getFirstItem(item);
        if (stored != null && stored.getType() == Item.MIME_PART) {
            part(document, item, name, type, bytes);
        } else if (stored == null || stored.getType() == Item.RICHTEXT) {
            embed(document, stored, item, name, bytes);
        } else {
            document.recycle();
            throw CausewayRequest.bad("item", "is no rich text");
        }
        if (!document.save(false, false)) {
            document.recycle();
            throw new CausewayFault("conflict", "The document was saved meanwhile.");
        }
        Map<String, Object> found = CausewayPage.of("meta", about.meta(document));
        found.put("size", Integer.valueOf(bytes.length));
        document.recycle();
        return found;
    }

    private void part(Document document, String item, String name, String type, byte[] bytes)
            throws Exception {
        MIMEEntity root = document.getMIMEEntity(item);
        // A single part becomes the first child of a new multipart/mixed.
        if (!"multipart".equalsIgnoreCase(root.getContentType())) {
            root = root.createParentEntity();
            MIMEHeader kind = root.createHeader("Content-Type");
            kind.setHeaderVal("multipart/mixed");
        }
        MIMEEntity part = root.createChildEntity();
        MIMEHeader header = part.createHeader("Content-Disposition");
        header.setHeaderValAndParams("attachment; filename=\"" + name + "\"");
        Stream stream = session.createStream();
        stream.write(bytes);
        part.setContentFromBytes(stream, type + "; name=\"" + name + "\"", MIMEEntity.ENC_NONE);
        part.encodeContent(MIMEEntity.ENC_BASE64);
        stream.close();
        stream.recycle();
        document.closeMIMEEntities(true, item);
    }

    private void embed(Document document, Item stored, String item, String name, byte[] bytes)
            throws Exception {
        RichTextItem rich = stored instanceof RichTextItem ? (RichTextItem) stored
            : document.createRichTextItem(item);
        // The attachment gets the file's name, so the folder is what is unique.
        File folder = File.createTempFile("causeway", "");
        File file = new File(folder, name);
        try {
            if (!folder.delete() || !folder.mkdir()) {
                throw new CausewayFault("failed", "No folder for a temporary file can be made.");
            }
            FileOutputStream out = new FileOutputStream(file);
            out.write(bytes);
            out.close();
            rich.embedObject(EmbeddedObject.EMBED_ATTACHMENT, "", file.getPath(), name);
        } finally {
            file.delete();
            folder.delete();
        }
    }
}
