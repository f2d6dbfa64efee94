import java.io.PrintWriter;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lotus.domino.AgentBase;
import lotus.domino.Database;
import lotus.domino.Document;
import lotus.domino.NotesException;
import lotus.domino.Session;

/**
 * "causeway": serves agent-endpoint.md, so that Causeway reads and writes this database where
 * neither Domino Data Service nor the REST API may be enabled. A web agent that runs as web user.
 */
public class CausewayEndpoint extends AgentBase {
    static final String VERSION = "1";
    private static final long CLOCK_S = 300;
    private static final List<String> OPS = Arrays.asList("hello", "get", "find", "list", "changed",
        "search", "views", "design", "forms", "create", "update", "delete", "folder", "run",
        "attach", "file", "batch");

    private Session session;
    private Database database;
    private boolean allowSecret;
    private long end;

    public void NotesMain() {
        end = System.currentTimeMillis() + CausewayPage.SECONDS * 1000L;
        Map<String, Object> answer = new LinkedHashMap<String, Object>();
        answer.put("ok", Boolean.FALSE);
        answer.put("protocol", Integer.valueOf(1));
        answer.put("id", "");
        answer.put("server_time", CausewayCore.instant(new Date()));
        answer.put("user", "");
        PrintWriter out = getAgentOutput();
        try {
            session = getSession();
            answer.put("user", session.getEffectiveUserName());
            database = session.getAgentContext().getCurrentDatabase();
            session.setConvertMIME(false);
            Document call = session.getAgentContext().getDocumentContext();
            Map<String, String> address = address(call);
            String id = address.containsKey("id") ? address.get("id") : "";
            answer.put("id", id.matches("[A-Za-z0-9_.-]{1,64}") ? id : "");
            Map<String, Object> result = handle(address, body(call));
            answer.put("result", result);
            answer.put("ok", Boolean.TRUE);
        } catch (Throwable error) {
            fail(answer, error);
        }
        print(out, answer);
    }

    private static void fail(Map<String, Object> answer, Throwable error) {
        CausewayFault fault = fault(error);
        Map<String, Object> told = CausewayPage.of("code", fault.code);
        told.put("message", fault.getMessage());
        if (fault.detail != null) {
            told.put("detail", fault.detail);
        }
        answer.remove("result");
        answer.put("ok", Boolean.FALSE);
        answer.put("error", told);
    }

    /** Any error as one of the contract. */
    static CausewayFault fault(Throwable error) {
        if (error instanceof CausewayFault) {
            return (CausewayFault) error;
        }
        if (error instanceof NotesException) {
            String text = String.valueOf(((NotesException) error).text);
            // Domino has no error number of its own for this; an English server says so.
            boolean refused = text.toLowerCase(Locale.ROOT).contains("not authorized");
            return new CausewayFault(refused ? "not_authorised" : "failed", text);
        }
        return new CausewayFault("failed", error instanceof OutOfMemoryError
            ? "The server's Java has too little memory for this." : String.valueOf(error));
    }

    private static void print(PrintWriter out, Map<String, Object> answer) {
        String json = CausewayJson.write(answer);
        if (json.length() > CausewayPage.RESPONSE_BYTES) {
            fail(answer, CausewayPage.tooLarge("The answer is longer than it may be."));
            json = CausewayJson.write(answer);
        }
        out.println("Content-Type: application/json");
        for (String line : CausewayJson.lines(json)) {
            out.println(line);
        }
        out.flush();
    }

    // the call

    private static Map<String, String> address(Document call) throws Exception {
        Map<String, String> found = new HashMap<String, String>();
        for (String pair : CausewayItems.text(call, "Query_String").split("&")) {
            int at = pair.indexOf('=');
            if (at > 0) {
                found.put(pair.substring(0, at).toLowerCase(Locale.ROOT), decoded(pair, at));
            }
        }
        return found;
    }

    private static String decoded(String pair, int at) throws Exception {
        try {
            return URLDecoder.decode(pair.substring(at + 1), "UTF-8");
        } catch (IllegalArgumentException error) {
            return ""; // no such escape: no such value
        }
    }

    /** The body as it came: in one item up to 64 KB, else split over numbered ones. */
    private static String body(Document call) throws Exception {
        StringBuilder body = new StringBuilder(CausewayItems.text(call, "Request_Content"));
        if (!call.hasItem("Request_Content")) {
            for (int at = 0; at < 1000; at++) {
                String name = String.format("Request_Content_%03d", Integer.valueOf(at));
                if (!call.hasItem(name)) {
                    break;
                }
                body.append(CausewayItems.text(call, name));
                if (body.length() > CausewayPage.REQUEST_BYTES) {
                    break;
                }
            }
        }
        if (body.length() > CausewayPage.REQUEST_BYTES) {
            throw new CausewayFault("too_large", "The request is longer than it may be.",
                CausewayPage.of("limit", Integer.valueOf(CausewayPage.REQUEST_BYTES)));
        }
        return body.toString();
    }

    private Map<String, Object> handle(Map<String, String> address, String body)
            throws Exception {
        String user = session.getEffectiveUserName();
        if (user == null || user.length() == 0 || user.equalsIgnoreCase("Anonymous")) {
            throw new CausewayFault("anonymous", "Nobody is logged in.");
        }
        CausewaySettings settings = CausewaySettings.read(database);
        if (settings == null || settings.secret.length() == 0) {
            throw new CausewayFault("not_configured", "There is no configuration document with a "
                + "secret that " + user + " may read.");
        }
        allowSecret = settings.allowSecret;
        Object read = null;
        String broken = "";
        try {
            read = CausewayJson.read(body);
        } catch (CausewayJson.BrokenException error) {
            broken = error.getMessage();
        }
        prove(settings, address, body, read);
        if (broken.length() > 0) {
            throw new CausewayFault("bad_request", "The body is no JSON: " + broken + ".");
        }
        return answer(read, true);
    }

    private void prove(CausewaySettings settings, Map<String, String> address, String body,
            Object read) throws Exception {
        String id = address.get("id");
        if (address.get("signature") == null) {
            Object bare = read instanceof Map ? ((Map<?, ?>) read).get("secret") : null;
            if (!allowSecret || !(bare instanceof String)) {
                throw new CausewayFault("proof_missing", "The call is not signed.");
            }
            if (!CausewayCore.same((String) bare, settings.secret)) {
                throw new CausewayFault("proof_wrong", "The secret is not the database's.");
            }
            return;
        }
        String at = address.get("at");
        if (id == null || !id.matches("[A-Za-z0-9_.-]{1,64}") || at == null
                || !at.matches("[0-9]{1,12}")) {
            throw new CausewayFault("proof_missing", "The signature lacks its id or its time.");
        }
        byte[] expected;
        try {
            expected = CausewayCore.mac(settings.secret, id + "." + at + "." + body);
        } catch (IllegalArgumentException error) {
            throw new CausewayFault("not_configured", "The secret of the configuration document "
                + "is no base64 behind whsec_.");
        }
        if (!CausewayCore.same(address.get("signature"), CausewayCore.hex(expected))) {
            throw new CausewayFault("proof_wrong", "The signature is not that of this body.");
        }
        if (Math.abs(System.currentTimeMillis() / 1000 - Long.parseLong(at)) > CLOCK_S) {
            throw new CausewayFault("clock", "The call was signed at another time than now.");
        }
    }

    // operations

    private Map<String, Object> answer(Object body, boolean whole) throws Exception {
        CausewayRequest request = new CausewayRequest(body);
        String op = request.text("op");
        if (!OPS.contains(op)) {
            throw new CausewayFault("unknown_op", "There is no operation " + op + ".");
        }
        CausewayPage page = new CausewayPage(end);
        if (op.equals("batch")) {
            if (!whole) {
                throw CausewayRequest.bad("requests", "holds a batch");
            }
            return batch(request);
        }
        if (op.equals("hello")) {
            request.onlyKnown();
            return CausewayLook.hello(session, database, allowSecret, OPS);
        }
        if (Arrays.asList("get", "changed", "search").contains(op)) {
            CausewayLook look = new CausewayLook(session, database, page);
            return op.equals("get") ? look.get(request)
                : op.equals("changed") ? look.changed(request) : look.search(request);
        }
        if (Arrays.asList("attach", "file").contains(op)) {
            CausewayFiles files = new CausewayFiles(session, database);
            return op.equals("file") ? files.file(request) : files.attach(request);
        }
        if (Arrays.asList("find", "list", "views", "design", "forms").contains(op)) {
            return looked(op, request, new CausewayViews(database, page));
        }
        CausewayWrite write = new CausewayWrite(session, database);
        return op.equals("create") ? write.create(request)
            : op.equals("update") ? write.update(request)
            : op.equals("delete") ? write.delete(request)
            : op.equals("folder") ? write.folder(request) : write.run(request);
    }

    private static Map<String, Object> looked(String op, CausewayRequest request,
            CausewayViews views) throws Exception {
        if (op.equals("find")) {
            return views.find(request);
        }
        if (op.equals("list")) {
            return views.list(request);
        }
        String name = op.equals("design") ? request.text("view") : "";
        request.onlyKnown();
        return op.equals("design") ? views.design(name)
            : op.equals("forms") ? views.forms() : views.views();
    }

    /** In order, each by itself. What does not fit in the time or the answer is left to the caller. */
    private Map<String, Object> batch(CausewayRequest request) throws Exception {
        List<?> requests = request.list("requests");
        request.onlyKnown();
        if (requests.size() > CausewayPage.BATCH) {
            throw CausewayRequest.bad("requests", "holds more than " + CausewayPage.BATCH);
        }
        List<Object> results = new ArrayList<Object>();
        int bytes = 0;
        for (Object one : requests) {
            if (System.currentTimeMillis() > end || bytes > CausewayPage.RESPONSE_BYTES / 2) {
                break;
            }
            Map<String, Object> result = new LinkedHashMap<String, Object>();
            result.put("ok", Boolean.TRUE);
            try {
                if (one instanceof Map && ((Map<?, ?>) one).containsKey("secret")) {
                    throw CausewayRequest.bad("secret", "stands outside of the requests");
                }
                result.put("result", answer(one, false));
            } catch (Throwable error) {
                fail(result, error);
            }
            int size = CausewayJson.write(result).length() + 1;
            if (bytes + size > CausewayPage.RESPONSE_BYTES - CausewayPage.ENVELOPE) {
                // Only a read is that long, and may be asked for again.
                if (!results.isEmpty()) {
                    break;
                }
                fail(result, CausewayPage.tooLarge("The answer is longer than it may be."));
            }
            bytes += size;
            results.add(result);
        }
        Map<String, Object> found = CausewayPage.of("results", results);
        found.put("done", Integer.valueOf(results.size()));
        return found;
    }
}
