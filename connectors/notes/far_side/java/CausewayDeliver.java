import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.Date;
import java.util.Random;
import lotus.domino.AgentBase;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Session;
import lotus.domino.View;

/** "Causeway Deliver": every five minutes, and after each capture, sends what the outbox holds. */
public class CausewayDeliver extends AgentBase {
    private static final int MOST = 100;
    private static final int MAX_ATTEMPTS = 20;
    private static final long STOP_AFTER_MS = 180000;
    private static final int TIMEOUT_MS = 10000;

    public void NotesMain() {
        try {
            Session session = getSession();
            Database database = session.getAgentContext().getCurrentDatabase();
            View settings = database.getView("(CausewayConfiguration)");
            Document configuration = settings == null ? null : settings.getFirstDocument();
            View outbox = database.getView("(CausewayOutbox)");
            if (configuration == null || outbox == null) {
                System.out.println("Causeway Deliver: no configuration document or no outbox view");
                return;
            }
            String address = configuration.getItemValueString("Address");
            String secret = configuration.getItemValueString("Secret");
            outbox.setAutoUpdate(false);
            long end = System.currentTimeMillis() + STOP_AFTER_MS;
            Document entry = outbox.getFirstDocument();
            for (int sent = 0; entry != null && sent < MOST; sent++) {
                Document next = outbox.getNextDocument(entry);
                if (System.currentTimeMillis() > end || !due(entry)) {
                    break; // sorted by Due: the rest waits too
                }
                deliver(session, entry, address, secret);
                entry.recycle();
                entry = next;
            }
        } catch (Exception error) {
            error.printStackTrace();
        }
    }

    private boolean due(Document entry) throws Exception {
        Object first = entry.getItemValueDateTimeArray("Due").firstElement();
        return !((DateTime) first).toJavaDate().after(new Date());
    }

    private void deliver(Session session, Document entry, String address, String secret)
            throws Exception {
        int status = 0;
        String word;
        try {
            status = post(address, secret, entry.getItemValueString("EventId"),
                entry.getItemValueString("Body"));
            word = "HTTP " + status;
        } catch (java.io.IOException error) {
            word = error.toString();
        }
        if ((status >= 200 && status < 300) || status == 409) {
            entry.remove(true);
            return;
        }
        int attempts = entry.getItemValueInteger("Attempts") + 1;
        boolean dead = CausewayCore.refused(status) || attempts >= MAX_ATTEMPTS;
        long wait = CausewayCore.backoff(attempts) * 60000L + new Random().nextInt(20000);
        DateTime due = session.createDateTime(new Date(System.currentTimeMillis() + wait));
        entry.replaceItemValue("Attempts", Integer.valueOf(attempts));
        entry.replaceItemValue("State", dead ? "dead" : "retry");
        entry.replaceItemValue("Answer", word);
        entry.replaceItemValue("Due", due);
        entry.save(true, false);
        due.recycle();
    }

    private int post(String address, String secret, String id, String body) throws Exception {
        String timestamp = String.valueOf(System.currentTimeMillis() / 1000);
        HttpURLConnection connection = (HttpURLConnection) new URL(address).openConnection();
        try {
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty("webhook-id", id);
            connection.setRequestProperty("webhook-timestamp", timestamp);
            connection.setRequestProperty("webhook-signature",
                CausewayCore.signature(secret, id, timestamp, body));
            OutputStream out = connection.getOutputStream();
            out.write(body.getBytes("US-ASCII"));
            out.close();
            int status = connection.getResponseCode();
            InputStream rest = status < 400 ? connection.getInputStream()
                : connection.getErrorStream();
            if (rest != null) {
                rest.close();
            }
            return status;
        } finally {
            connection.disconnect();
        }
    }
}
