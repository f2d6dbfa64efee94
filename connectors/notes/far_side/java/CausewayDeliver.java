import lotus.domino.AgentBase;
import lotus.domino.Database;
import lotus.domino.Session;

/** "Causeway Deliver": every five minutes sends what the outbox holds, and clears old entries. */
public class CausewayDeliver extends AgentBase {
    public void NotesMain() {
        CausewayLog log = new CausewayLog("Causeway Deliver");
        Session session = getSession();
        Database database = null;
        try {
            database = session.getAgentContext().getCurrentDatabase();
            CausewaySettings settings = CausewaySettings.read(database);
            if (settings == null) {
                throw new Exception("there is no configuration document that the signer may read");
            }
            long now = System.currentTimeMillis();
            long end = now + Math.max(settings.runSeconds, settings.lingerSeconds) * 1000L;
            CausewayDelivery delivery = new CausewayDelivery(session, database, settings, log);
            delivery.linger(end, now + settings.lingerSeconds * 1000L);
            delivery.clear(end);
        } catch (Exception error) {
            log.fail(error);
        }
        if (database != null) {
            log.write(session, database);
        }
    }
}
