import lotus.domino.AgentContext;
import lotus.domino.Database;
import lotus.domino.Document;

/** "(Causeway Saved)": called by PostSave of a form in the Notes client, runs on the server. */
public class CausewaySaved extends CausewayFormEvent {
    String title() {
        return "(Causeway Saved)";
    }

    Document document(AgentContext context, Database database) throws Exception {
        return parameter(context, database);
    }

    CausewayOutbox.Found capture(CausewayOutbox outbox, Document document) throws Exception {
        return outbox.saved(document, CausewayOutbox.FORM, now());
    }

    boolean isOver() {
        return true;
    }
}
