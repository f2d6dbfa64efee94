import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Vector;
import lotus.domino.Database;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.View;

/** The configuration document: where to send, what to watch, how much at a time. */
final class CausewaySettings {
    String address = "";
    String secret = "";
    boolean allowSecret;
    /** Deliveries of one run, 1 to 1000. */
    int batch = 100;
    /** Seconds of one run; the agent manager ends it after the server's limit. */
    int runSeconds = 180;
    /** Seconds that a delivery run stays for what comes meanwhile; 0: it does not. */
    int lingerSeconds = 0;
    int keepDays = 7;
    int maxAttempts = 20;
    int timeoutSeconds = 10;
    /** Seconds until an event of a web form may be sent: its document is saved only then. */
    int settleSeconds = 5;
    /** What was saved before is no news: the first run of an agent sees every document. */
    Date since = new Date(0);
    /** Watched forms by lower-case name: {key item, synced items or empty}. */
    private final Map<String, String[]> forms = new LinkedHashMap<String, String[]>();

    private CausewaySettings() {}

    /** Null when there is no configuration document that this user may read. */
    static CausewaySettings read(Database database) throws Exception {
        View view = database.getView("(CausewayConfiguration)");
        Document document = view == null ? null : view.getFirstDocument();
        if (document == null) {
            return null;
        }
        CausewaySettings found = new CausewaySettings();
        found.address = CausewayItems.text(document, "Address").trim();
        found.secret = CausewayItems.text(document, "Secret").trim();
        found.allowSecret = CausewayItems.text(document, "AllowSecret").equals("1");
        found.batch = number(document, "BatchSize", found.batch, 1, 1000);
        found.runSeconds = number(document, "RunSeconds", found.runSeconds, 10, 3600);
        found.lingerSeconds = number(document, "LingerSeconds", found.lingerSeconds, 0, 3600);
        found.keepDays = number(document, "KeepDays", found.keepDays, 1, 365);
        found.maxAttempts = number(document, "MaxAttempts", found.maxAttempts, 1, 100);
        found.timeoutSeconds = number(document, "TimeoutSeconds", found.timeoutSeconds, 1, 120);
        found.settleSeconds = number(document, "SettleSeconds", found.settleSeconds, 0, 600);
        Vector<?> since = document.getItemValueDateTimeArray("Since");
        if (since != null && !since.isEmpty() && since.firstElement() instanceof DateTime) {
            found.since = ((DateTime) since.firstElement()).toJavaDate();
        }
        for (Object line : document.getItemValue("WatchedForms")) {
            String[] parts = (line + "| | ").split("\\|");
            found.watch(parts[0], parts[1], parts[2]);
        }
        document.recycle();
        view.recycle();
        return found;
    }

    private void watch(String form, String key, String synced) {
        if (form.trim().length() > 0) {
            forms.put(form.trim().toLowerCase(Locale.ROOT),
                new String[] {key.trim(), synced.trim()});
        }
    }

    /** Nothing, or what is no number: the default. Out of bounds: the bound. */
    private static int number(Document document, String name, int usual, int least, int most)
            throws Exception {
        if (!document.hasItem(name) || document.getItemValue(name).isEmpty()
                || !(document.getItemValue(name).firstElement() instanceof Number)) {
            return usual;
        }
        return Math.min(Math.max(document.getItemValueInteger(name), least), most);
    }

    /** {key item, synced items} of a watched form, else null. */
    String[] watched(String form) {
        return form == null ? null : forms.get(form.toLowerCase(Locale.ROOT));
    }
}
