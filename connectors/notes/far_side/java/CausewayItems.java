import java.text.SimpleDateFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.Vector;
import lotus.domino.DateTime;
import lotus.domino.Document;
import lotus.domino.Item;

/** The items of a document as the canonical hash sees them. */
final class CausewayItems {
    private CausewayItems() {}

    /** SyncHash of a document; `chosen` names the items that count, parted by commas, or is "". */
    static String hash(Document document, String chosen) throws Exception {
        return CausewayCore.hash(CausewayCore.canonical(canonical(document, chosen)));
    }

    /** The items that count, as trimmed texts. The last of several items of one name wins. */
    static SortedMap<String, List<String>> canonical(Document document, String chosen)
            throws Exception {
        Set<String> wanted = new HashSet<String>();
        if (chosen.trim().length() > 0) {
            wanted.addAll(Arrays.asList(chosen.trim().toUpperCase(Locale.ROOT).split("\\s*,\\s*")));
        }
        SortedMap<String, List<String>> found = new TreeMap<String, List<String>>();
        for (Object one : document.getItems()) {
            Item item = (Item) one;
            String name = item.getName().toUpperCase(Locale.ROOT);
            if (isPlain(item.getType()) && CausewayCore.counts(name)
                    && (wanted.isEmpty() || wanted.contains(name))) {
                found.put(name, texts(item.getValues()));
            }
            item.recycle();
        }
        return found;
    }

    /** The first text of an item, "" for an item that is missing or holds something else. */
    static String text(Document document, String name) throws Exception {
        String found = document.getItemValueString(name);
        return found == null ? "" : found;
    }

    /** Texts, numbers, times and names: what has values that can be listed. */
    static boolean isPlain(int type) {
        return type == Item.TEXT || type == Item.NUMBERS || type == Item.DATETIMES
            || type == Item.NAMES || type == Item.AUTHORS || type == Item.READERS;
    }

    private static List<String> texts(Vector<?> values) throws Exception {
        List<String> texts = new ArrayList<String>();
        if (values == null) {
            return texts;
        }
        for (Object value : values) {
            if (value instanceof Number) {
                texts.add(CausewayCore.number(((Number) value).doubleValue()));
            } else if (value instanceof DateTime) {
                texts.add(time((DateTime) value));
            } else if (value instanceof String) {
                texts.add(CausewayCore.text((String) value));
            } else {
                texts.add("???"); // a range: the data service shows it so
            }
        }
        return texts;
    }

    /** A day, a time of day, or an instant in UTC. */
    static String time(DateTime value) throws Exception {
        Date moment = value.toJavaDate();
        if (value.getTimeOnly().length() == 0) {
            return new SimpleDateFormat("yyyy-MM-dd", Locale.ROOT).format(moment);
        }
        if (value.getDateOnly().length() == 0) {
            return new SimpleDateFormat("HH:mm:ss", Locale.ROOT).format(moment);
        }
        return CausewayCore.instant(moment);
    }
}
