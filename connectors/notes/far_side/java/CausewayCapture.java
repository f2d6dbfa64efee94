import java.util.Date;
import lotus.domino.AgentBase;
import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.Document;
import lotus.domino.DocumentCollection;
import lotus.domino.Session;

/**
 * "Causeway Capture": after documents are created or modified, writes one outbox document for each
 * that a person (or another agent) changed, then delivers. Causeway's own writes are told by their
 * hash.
 */
public class CausewayCapture extends AgentBase {
    public void NotesMain() {
        CausewayLog log = new CausewayLog("Causeway Capture");
        Session session = getSession();
        Database database = null;
        try {
            AgentContext context = session.getAgentContext();
            database = context.getCurrentDatabase();
            CausewaySettings settings = CausewaySettings.read(database);
            if (settings == null) {
                throw new Exception("there is no configuration document that the signer may read");
            }
            long end = System.currentTimeMillis() + settings.runSeconds * 1000L;
            capture(session, context, new CausewayOutbox(session, database, settings), log, end);
            if (log.captured > 0) {
                new CausewayDelivery(session, database, settings, log).run(end);
            }
        } catch (Exception error) {
            log.fail(error);
        }
        if (database != null) {
            log.write(session, database);
        }
    }

    private void capture(Session session, AgentContext context, CausewayOutbox outbox,
            CausewayLog log, long end) throws Exception {
        DocumentCollection changed = context.getUnprocessedDocuments();
        Document document = changed.getFirstDocument();
        while (document != null && System.currentTimeMillis() < end) {
            Document next = changed.getNextDocument(document);
            log.add(outbox.saved(document, CausewayOutbox.AGENT, new Date()));
            // Marked only when the outbox has it: otherwise the next run sees it again.
            context.updateProcessedDoc(document);
            document.recycle();
            document = next;
        }
        if (document != null) {
            log.say("The time was over: the next run goes on");
        }
    }
}
