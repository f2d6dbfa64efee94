import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import lotus.domino.AgentBase;
import lotus.domino.Document;
import lotus.domino.Item;
import memory.MemoryDatabase;
import memory.MemoryDocument;
import memory.MemoryEntity;
import memory.MemoryItem;
import memory.MemorySession;
import memory.MemoryTime;

/** Runs the agents on a database in memory: a command a line in, an answer a line out (JSON). */
public class Bench {
    private MemoryDatabase database = new MemoryDatabase();
    private final Map<String, Map<String, Integer>> marks =
        new HashMap<String, Map<String, Integer>>();

    public static void main(String[] arguments) throws Exception {
        PrintStream answers = System.out;
        Bench bench = new Bench();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "US-ASCII"));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, Object> answer = new LinkedHashMap<String, Object>();
            java.io.ByteArrayOutputStream said = new java.io.ByteArrayOutputStream();
            System.setOut(new PrintStream(said, true, "UTF-8"));
            try {
                answer.put("value", bench.run((Map<?, ?>) CausewayJson.read(line)));
            } catch (Throwable error) {
                error.printStackTrace(System.err);
                answer.put("error", String.valueOf(error));
            }
            answer.put("console", said.toString("UTF-8"));
            answers.println(CausewayJson.write(answer));
            answers.flush();
        }
    }

    private Object run(Map<?, ?> command) throws Exception {
        String what = (String) command.get("do");
        if (what.equals("reset")) {
            database = new MemoryDatabase();
            marks.clear();
            return null;
        }
        if (what.equals("view")) {
            List<Map<?, ?>> columns = new ArrayList<Map<?, ?>>();
            for (Object one : (List<?>) command.get("columns")) {
                columns.add((Map<?, ?>) one);
            }
            database.view((String) command.get("name"), command.get("selection"), columns);
            return null;
        }
        if (what.equals("document")) {
            return document(command);
        }
        if (what.equals("agent")) {
            return agent(command);
        }
        if (what.equals("call")) {
            return call(command);
        }
        if (what.equals("dump")) {
            return dump((String) command.get("form"));
        }
        if (what.equals("remove")) {
            return Boolean.valueOf(open(command).remove(true));
        }
        if (what.equals("database")) {
            return database(command);
        }
        if (what.equals("ran")) {
            return database.ran;
        }
        throw new IllegalArgumentException("no command " + what);
    }

    private Object database(Map<?, ?> command) {
        for (Map.Entry<?, ?> one : command.entrySet()) {
            Object value = one.getValue();
            if (one.getKey().equals("user")) {
                database.user = (String) value;
            } else if (one.getKey().equals("level")) {
                database.level = ((Double) value).intValue();
            } else if (one.getKey().equals("rights")) {
                database.rights = ((Double) value).intValue();
            } else if (one.getKey().equals("indexed")) {
                database.indexed = ((Boolean) value).booleanValue();
            } else if (one.getKey().equals("refusing")) {
                database.refuse(((Boolean) value).booleanValue());
            } else if (one.getKey().equals("failing")) {
                database.failing = ((Double) value).intValue();
            }
        }
        return null;
    }

    private MemoryDocument open(Map<?, ?> command) throws Exception {
        return (MemoryDocument) database.getDocumentByUNID((String) command.get("unid"));
    }

    /** Makes or changes a document; `at` is the time of the save, `unsaved` leaves it in memory. */
    private Object document(Map<?, ?> command) throws Exception {
        MemoryDocument document = command.containsKey("unid") ? open(command)
            : (MemoryDocument) database.createDocument();
        for (Map.Entry<?, ?> one : ((Map<?, ?>) command.get("items")).entrySet()) {
            put(document, (String) one.getKey(), one.getValue());
        }
        String at = (String) command.get("at");
        Date when = at == null ? new Date(System.currentTimeMillis() / 1000 * 1000)
            : new SimpleDateFormat("yyyy-MM-dd'T'HH:mm:ssX").parse(at);
        document.store(when);
        Map<String, Object> found = new LinkedHashMap<String, Object>();
        found.put("unid", document.getUniversalID());
        found.put("noteid", document.getNoteID());
        return found;
    }

    /** A value, a list, or {type, values | dxl, text | parts}. */
    private static void put(MemoryDocument document, String name, Object value) throws Exception {
        document.removeItem(name);
        Map<?, ?> about = value instanceof Map ? (Map<?, ?>) value : null;
        String type = about == null ? "" : (String) about.get("type");
        if (type.equals("mime")) {
            MemoryEntity root = (MemoryEntity) document.createMIMEEntity(name);
            fill(root, (Map<?, ?>) about.get("root"));
            return;
        }
        if (type.equals("dxl")) {
            MemoryItem item = (MemoryItem) document.createRichTextItem(name);
            item.dxl = (String) about.get("dxl");
            item.values.add(about.get("text"));
            return;
        }
        Object values = about == null ? value : about.get("values");
        Vector<Object> stored = new Vector<Object>();
        for (Object one : values instanceof List ? (List<?>) values : single(values)) {
            stored.add(type.equals("datetime") ? MemoryTime.read((String) one)
                : type.equals("range") ? range((String) one) : one);
        }
        MemoryItem item = (MemoryItem) document.replaceItemValue(name, stored);
        item.type = type.equals("names") ? Item.NAMES : type.equals("authors") ? Item.AUTHORS
            : type.equals("readers") ? Item.READERS : type.equals("range") ? Item.DATETIMES
            : item.type;
    }

    private static List<Object> single(Object value) {
        List<Object> one = new ArrayList<Object>();
        one.add(value);
        return one;
    }

    private static MemoryTime.Range range(String text) throws Exception {
        String[] both = text.split("/");
        return new MemoryTime.Range(MemoryTime.read(both[0]), MemoryTime.read(both[1]));
    }

    private static void fill(MemoryEntity entity, Map<?, ?> part) {
        for (Map.Entry<?, ?> one : ((Map<?, ?>) part.get("headers")).entrySet()) {
            entity.headers.put((String) one.getKey(), (String) one.getValue());
        }
        entity.content = part.get("content") == null ? "" : (String) part.get("content");
        if (part.get("children") != null) {
            for (Object child : (List<?>) part.get("children")) {
                fill(entity.child(), (Map<?, ?>) child);
            }
        }
    }

    private Object agent(Map<?, ?> command) throws Exception {
        String name = (String) command.get("class");
        if (!marks.containsKey(name)) {
            marks.put(name, new HashMap<String, Integer>());
        }
        MemoryDocument context = null;
        if (command.get("context") != null) {
            Object unid = command.get("unid");
            context = unid == null ? (MemoryDocument) database.createDocument()
                : (MemoryDocument) database.getDocumentByUNID((String) unid);
            for (Map.Entry<?, ?> one : ((Map<?, ?>) command.get("context")).entrySet()) {
                put(context, (String) one.getKey(), one.getValue());
            }
        }
        String parameter = command.get("parameter") == null ? ""
            : (String) command.get("parameter");
        AgentBase.session = new MemorySession(database, name, parameter, context,
            marks.get(name));
        ((AgentBase) Class.forName(name).newInstance()).NotesMain();
        return context == null ? null : context.getUniversalID();
    }

    private Object call(Map<?, ?> command) throws Exception {
        Document call = database.createDocument();
        call.replaceItemValue("Query_String", command.get("query"));
        for (Map.Entry<?, ?> one : ((Map<?, ?>) command.get("content")).entrySet()) {
            call.replaceItemValue((String) one.getKey(), one.getValue());
        }
        StringWriter out = new StringWriter();
        AgentBase.output = new PrintWriter(out);
        MemorySession session = new MemorySession(database, "causeway", "", call, null);
        AgentBase.session = session;
        new CausewayEndpoint().NotesMain();
        return out.toString();
    }

    private Object dump(String form) throws Exception {
        List<Object> found = new ArrayList<Object>();
        for (Object one : documents(form)) {
            MemoryDocument document = (MemoryDocument) one;
            Map<String, Object> about = new LinkedHashMap<String, Object>();
            about.put("@unid", document.getUniversalID());
            for (MemoryItem item : document.items) {
                List<Object> values = new ArrayList<Object>();
                for (Object value : item.values) {
                    values.add(value instanceof MemoryTime
                        ? CausewayCore.instant(((MemoryTime) value).toJavaDate()) : value);
                }
                about.put(item.getName(), values);
            }
            found.add(about);
        }
        return found;
    }

    private List<Object> documents(String form) throws Exception {
        List<Object> found = new ArrayList<Object>();
        lotus.domino.NoteCollection ids = database.createNoteCollection(true);
        ids.setSinceTime(new MemoryTime(new Date(0)));
        ids.buildCollection();
        for (String id = ids.getFirstNoteID(); id.length() > 0; id = ids.getNextNoteID(id)) {
            Document one;
            try {
                one = database.getDocumentByID(id);
            } catch (lotus.domino.NotesException error) {
                continue;
            }
            if (!one.isDeleted() && one.getItemValueString("Form").equals(form)) {
                found.add(one);
            }
        }
        return found;
    }
}
