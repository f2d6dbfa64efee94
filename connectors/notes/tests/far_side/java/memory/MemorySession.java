package memory;

import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Agent;
import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.DocumentCollection;
import lotus.domino.DxlExporter;
import lotus.domino.NotesException;
import lotus.domino.Session;
import lotus.domino.Stream;

/** The session of one run of an agent. Marks of processed documents outlive it. */
public class MemorySession extends MemoryBase implements Session, AgentContext {
    private final MemoryDatabase database;
    private final String agent;
    private final String parameter;
    private final Document context;
    private final Map<String, Integer> marks;
    public boolean converts = true;

    public MemorySession(MemoryDatabase database, String agent, String parameter,
            Document context, Map<String, Integer> marks) {
        this.database = database;
        this.agent = agent;
        this.parameter = parameter;
        this.context = context;
        this.marks = marks == null ? new HashMap<String, Integer>() : marks;
    }

    public AgentContext getAgentContext() {
        return this;
    }

    public String getEffectiveUserName() {
        return database.user;
    }

    public String getNotesVersion() {
        return "Release 12.0.2";
    }

    public void setConvertMIME(boolean on) {
        converts = on;
    }

    public DateTime createDateTime(Date moment) {
        return new MemoryTime(moment);
    }

    public DxlExporter createDxlExporter() {
        return new Exporter();
    }

    public Stream createStream() {
        return new MemoryEntity.Memory();
    }

    public Agent getCurrentAgent() {
        return new Named(database, agent, parameter);
    }

    public Database getCurrentDatabase() {
        return database;
    }

    public Document getDocumentContext() {
        return context;
    }

    public DocumentCollection getUnprocessedDocuments() {
        List<MemoryDocument> found = new ArrayList<MemoryDocument>();
        for (MemoryDocument one : database.readable()) {
            Integer mark = marks.get(one.note.unid);
            if (mark == null || mark.intValue() != one.note.sequence) {
                found.add(one);
            }
        }
        return new MemoryDatabase.Collection(found);
    }

    public void updateProcessedDoc(Document document) {
        MemoryDocument.Note note = ((MemoryDocument) document).note;
        marks.put(note.unid, Integer.valueOf(note.sequence));
    }

    static class Named extends MemoryBase implements Agent {
        private final MemoryDatabase database;
        private final String name;
        private final String parameter;

        Named(MemoryDatabase database, String name, String parameter) {
            this.database = database;
            this.name = name;
            this.parameter = parameter;
        }

        public String getName() {
            return name;
        }

        public String getParameterDocID() {
            return parameter;
        }

        public void run() throws NotesException {
            runWithDocumentContext(null);
        }

        public void runWithDocumentContext(Document document) throws NotesException {
            if (name.equalsIgnoreCase("Broken")) {
                throw new NotesException(4000, "Object variable not set");
            }
            database.ran.add(name + (document == null ? "" : " " + document.getUniversalID()));
        }
    }

    private static class Exporter extends MemoryBase implements DxlExporter {
        private String only = "";

        public void setOutputDOCTYPE(boolean on) {
            // never written here
        }

        public void setConvertNotesBitmapsToGIF(boolean on) {
            // no bitmaps here
        }

        public void setRestrictToItemNames(Vector names) {
            only = (String) names.get(0);
        }

        public String exportDxl(Document document) {
            StringBuilder out = new StringBuilder("<document xmlns='http://www.lotus.com/dxl'>");
            for (MemoryItem item : ((MemoryDocument) document).items) {
                if (item.name.equals(only) || item.name.startsWith("$")) {
                    out.append(item.dxl);
                }
            }
            return out.append("</document>").toString();
        }
    }
}
