package memory;

import java.text.SimpleDateFormat;
import java.util.Date;
import lotus.domino.DateRange;
import lotus.domino.DateTime;

/** A time of Notes: an instant, a day, or a time of day. */
public class MemoryTime extends MemoryBase implements DateTime {
    private final Date moment;
    private boolean anyTime;
    private boolean anyDate;

    public MemoryTime(Date moment) {
        this.moment = moment;
    }

    /** `2026-11-23`, `10:21:30` in the zone of the machine, or a full instant ending in Z. */
    public static MemoryTime read(String text) throws Exception {
        boolean day = text.length() == 10;
        boolean clock = text.length() == 8;
        SimpleDateFormat format = new SimpleDateFormat(day ? "yyyy-MM-dd"
            : clock ? "HH:mm:ss" : "yyyy-MM-dd'T'HH:mm:ssX");
        MemoryTime found = new MemoryTime(format.parse(text));
        found.anyTime = day;
        found.anyDate = clock;
        return found;
    }

    public Date toJavaDate() {
        return moment;
    }

    public String getDateOnly() {
        return anyDate ? "" : new SimpleDateFormat("dd.MM.yyyy").format(moment);
    }

    public String getTimeOnly() {
        return anyTime ? "" : new SimpleDateFormat("HH:mm:ss").format(moment);
    }

    public void setAnyTime() {
        anyTime = true;
    }

    MemoryTime copy() {
        MemoryTime same = new MemoryTime(moment);
        same.anyTime = anyTime;
        same.anyDate = anyDate;
        return same;
    }

    /** From one time to another. */
    public static class Range extends MemoryBase implements DateRange {
        private final MemoryTime start;
        private final MemoryTime end;

        public Range(MemoryTime start, MemoryTime end) {
            this.start = start;
            this.end = end;
        }

        public DateTime getStartDateTime() {
            return start;
        }

        public DateTime getEndDateTime() {
            return end;
        }
    }
}
