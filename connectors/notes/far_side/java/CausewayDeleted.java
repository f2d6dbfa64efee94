import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.Document;

/**
 * "(Causeway Deleted)": called by Querydocumentdelete of the database script. The document is still
 * there; the delivery looks whether it went.
 */
public class CausewayDeleted extends CausewayFormEvent {
    String title() {
        return "(Causeway Deleted)";
    }

    Document document(AgentContext context, Database database) throws Exception {
        return parameter(context, database);
    }

    CausewayOutbox.Found capture(CausewayOutbox outbox, Document document) throws Exception {
        return outbox.going(document, now());
    }

    boolean isOver() {
        return false;
    }
}
