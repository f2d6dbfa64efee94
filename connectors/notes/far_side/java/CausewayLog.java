import java.util.Date;
import java.util.Vector;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Session;

/** What one run did, as a document in the view Causeway\Log. Runs with nothing to say write none. */
final class CausewayLog {
    private static final int MOST_LINES = 50;
    private static final int LONGEST = 300;

    int captured;
    int echoes;
    int told;
    int sent;
    int retried;
    int refused;
    private final String agent;
    private final Date started = new Date();
    private final Vector<String> lines = new Vector<String>();

    CausewayLog(String agent) {
        this.agent = agent;
    }

    void add(CausewayOutbox.Found found) {
        captured += found == CausewayOutbox.Found.EVENT ? 1 : 0;
        echoes += found == CausewayOutbox.Found.ECHO ? 1 : 0;
        told += found == CausewayOutbox.Found.TOLD ? 1 : 0;
    }

    void say(String line) {
        if (lines.size() < MOST_LINES) {
            lines.add(line.length() > LONGEST ? line.substring(0, LONGEST) : line);
        }
    }

    /** An error that ended the run: to the server's console too, which people look at first. */
    void fail(Exception error) {
        System.out.println(agent + ": " + error);
        say("Ended by " + error);
    }

    void write(Session session, Database database) {
        if (captured + sent + retried + refused == 0 && lines.isEmpty()) {
            return;
        }
        try {
            Document document = database.createDocument();
            document.replaceItemValue("Form", "CausewayLog");
            document.replaceItemValue("Agent", agent);
            document.replaceItemValue("Server", database.getServer());
            document.replaceItemValue("Seconds",
                Double.valueOf((System.currentTimeMillis() - started.getTime()) / 1000.0));
            document.replaceItemValue("Taken", Integer.valueOf(captured));
            document.replaceItemValue("Echoes", Integer.valueOf(echoes));
            document.replaceItemValue("Told", Integer.valueOf(told));
            document.replaceItemValue("Sent", Integer.valueOf(sent));
            document.replaceItemValue("Retried", Integer.valueOf(retried));
            document.replaceItemValue("Refused", Integer.valueOf(refused));
            document.replaceItemValue("Lines", lines);
            DateTime when = session.createDateTime(started);
            document.replaceItemValue("Started", when);
            document.replaceItemValue("Finished", when);
            document.save(true, false);
            when.recycle();
            document.recycle();
        } catch (Exception error) {
            System.out.println(agent + ": the log document could not be written: " + error);
        }
    }
}
