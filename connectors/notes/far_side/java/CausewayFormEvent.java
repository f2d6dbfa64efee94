import java.util.Date;
import lotus.domino.AgentBase;
import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.Document;
import lotus.domino.Session;

/**
 * What the agents behind form events share: one document, captured and, where its save is over,
 * sent at once. A person waits for it, so nothing is sent while the far end seems to be away, and
 * no error ever reaches the form: the agent "Causeway Capture" sees the document again.
 */
abstract class CausewayFormEvent extends AgentBase {
    private static final int WAIT_SECONDS = 3;

    abstract String title();

    /** The document in question, or null. */
    abstract Document document(AgentContext context, Database database) throws Exception;

    abstract CausewayOutbox.Found capture(CausewayOutbox outbox, Document document)
        throws Exception;

    /** Whether the event may be sent before the agent ends. */
    abstract boolean isOver();

    public void NotesMain() {
        CausewayLog log = new CausewayLog(title());
        Session session = getSession();
        Database database = null;
        try {
            AgentContext context = session.getAgentContext();
            database = context.getCurrentDatabase();
            CausewaySettings settings = CausewaySettings.read(database);
            Document document = settings == null ? null : document(context, database);
            if (document != null) {
                log.add(capture(new CausewayOutbox(session, database, settings), document));
                if (log.captured > 0 && isOver()) {
                    send(session, database, settings, log);
                }
            }
        } catch (Exception error) {
            log.fail(error);
        }
        if (database != null) {
            log.write(session, database);
        }
    }

    private void send(Session session, Database database, CausewaySettings settings,
            CausewayLog log) throws Exception {
        CausewayDelivery delivery = new CausewayDelivery(session, database, settings, log);
        if (!delivery.isBehind()) {
            settings.timeoutSeconds = Math.min(settings.timeoutSeconds, WAIT_SECONDS);
            delivery.run(System.currentTimeMillis() + WAIT_SECONDS * 1000L);
        }
    }

    /** The document that RunOnServer was called with. */
    static Document parameter(AgentContext context, Database database) throws Exception {
        String id = context.getCurrentAgent().getParameterDocID();
        return id == null || id.length() == 0 ? null : database.getDocumentByID(id);
    }

    static Date now() {
        return new Date();
    }
}
