import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How much one answer may hold: rows, bytes and seconds. */
final class CausewayPage {
    static final int REQUEST_BYTES = 4194304;
    static final int RESPONSE_BYTES = 8388608;
    static final int ROWS = 500;
    static final int BATCH = 100;
    static final int SECONDS = 20;
    /** What stands around the rows. */
    static final int ENVELOPE = 4096;

    private final long end;
    private int most = ROWS;
    private int bytes = ENVELOPE;

    CausewayPage(long end) {
        this.end = end;
    }

    void read(CausewayRequest request) throws CausewayFault {
        most = Math.min(request.count("count", ROWS, 1), ROWS);
    }

    boolean isOver() {
        return System.currentTimeMillis() > end;
    }

    /** For rows that are only passed: without one in the answer, going on is impossible. */
    void spend() throws CausewayFault {
        if (isOver()) {
            throw tooLarge("No row was reached in " + SECONDS + " seconds.");
        }
    }

    /** False when the row has to wait for the next page. The first is always taken. */
    boolean add(List<Object> rows, Map<String, Object> row) throws CausewayFault {
        int size = CausewayJson.write(row).length() + 1;
        if (rows.isEmpty() && bytes + size > RESPONSE_BYTES) {
            throw tooLarge("One row alone is longer than an answer may be.");
        }
        if (rows.size() >= most || bytes + size > RESPONSE_BYTES || (!rows.isEmpty() && isOver())) {
            return false;
        }
        bytes += size;
        rows.add(row);
        return true;
    }

    static CausewayFault tooLarge(String message) {
        return new CausewayFault("too_large", message,
            of("limit", Integer.valueOf(RESPONSE_BYTES)));
    }

    static Map<String, Object> of(String name, Object value) {
        Map<String, Object> found = new LinkedHashMap<String, Object>();
        found.put(name, value);
        return found;
    }

    static Map<String, Object> result(String name, List<Object> rows, boolean more) {
        Map<String, Object> found = of(name, rows);
        found.put("more", Boolean.valueOf(more));
        return found;
    }
}
