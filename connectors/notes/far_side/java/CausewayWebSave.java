import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.Document;

/**
 * "(Causeway Web Save)": called by WebQuerySave. The document is in memory, complete and not saved;
 * saving it here would save it twice. Its event waits until the save is over.
 */
public class CausewayWebSave extends CausewayFormEvent {
    String title() {
        return "(Causeway Web Save)";
    }

    Document document(AgentContext context, Database database) throws Exception {
        return context.getDocumentContext();
    }

    CausewayOutbox.Found capture(CausewayOutbox outbox, Document document) throws Exception {
        return outbox.saved(document, CausewayOutbox.WEB, now());
    }

    boolean isOver() {
        return false;
    }
}
