import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.Charset;
import java.security.MessageDigest;
import java.text.SimpleDateFormat;
import java.util.Base64;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TimeZone;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What needs no Domino: canonical hash, signatures, times, backoff. Compiles for Java 8. */
public final class CausewayCore {
    static final Charset UTF8 = Charset.forName("UTF-8");
    private static final MathContext DOUBLE = new MathContext(15, RoundingMode.HALF_EVEN);

    private CausewayCore() {}

    /** A Notes number: plain, `.`, at most 15 significant digits, no trailing zeros. */
    public static String number(double value) {
        BigDecimal rounded = new BigDecimal(value).round(DOUBLE);
        if (rounded.signum() == 0) {
            return "0";
        }
        return rounded.stripTrailingZeros().toPlainString();
    }

    /** Without blanks and control characters at both ends: exactly what String.trim takes off. */
    public static String text(String value) {
        return value.trim();
    }

    /** False for stamps, system items and Form, which do not count. `name` is upper-case. */
    public static boolean counts(String name) {
        return !(name.startsWith("$") || name.equals("FORM") || name.equals("SYNCSOURCE")
            || name.equals("SYNCREV") || name.equals("SYNCHASH"));
    }

    /** `NAME=values` an item, values joined by U+001F, items ended by U+001E, empty ones left out. */
    public static String canonical(SortedMap<String, List<String>> items) {
        StringBuilder out = new StringBuilder();
        for (Map.Entry<String, List<String>> item : items.entrySet()) {
            StringBuilder line = new StringBuilder();
            boolean filled = false;
            for (Iterator<String> values = item.getValue().iterator(); values.hasNext();) {
                String value = values.next();
                filled = filled || value.length() > 0;
                line.append(value);
                if (values.hasNext()) {
                    line.append('\u001f');
                }
            }
            if (filled) {
                out.append(item.getKey()).append('=').append(line).append('\u001e');
            }
        }
        return out.toString();
    }

    public static String hash(String canonical) throws Exception {
        return hex(MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(UTF8)));
    }

    static String hex(byte[] bytes) {
        StringBuilder hex = new StringBuilder();
        for (int at = 0; at < bytes.length; at++) {
            hex.append(Character.forDigit((bytes[at] >> 4) & 15, 16));
            hex.append(Character.forDigit(bytes[at] & 15, 16));
        }
        return hex.toString();
    }

    /** HMAC-SHA256; the key is the secret, base64-decoded behind the prefix `whsec_`. */
    public static byte[] mac(String secret, String signed) throws Exception {
        byte[] key = secret.startsWith("whsec_")
            ? Base64.getDecoder().decode(secret.substring(6)) : secret.getBytes(UTF8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(signed.getBytes(UTF8));
    }

    /** Standard Webhooks: `v1,` and the base64 HMAC-SHA256 over id.timestamp.body. */
    public static String signature(String secret, String id, String timestamp, String body)
            throws Exception {
        byte[] signed = mac(secret, id + "." + timestamp + "." + body);
        return "v1," + Base64.getEncoder().encodeToString(signed);
    }

    /** Whether two texts are the same, in a time that does not tell where they differ. */
    public static boolean same(String given, String expected) {
        return MessageDigest.isEqual(given.getBytes(UTF8), expected.getBytes(UTF8));
    }

    /** True when the receiver will never take this delivery: an administrator has to look. */
    public static boolean refused(int status) {
        return status >= 400 && status < 500 && status != 408 && status != 409 && status != 425
            && status != 429;
    }

    /** Minutes until attempt `attempts` + 1. */
    public static int backoff(int attempts) {
        int[] minutes = {1, 5, 15, 60, 240};
        return minutes[Math.min(Math.max(attempts, 1), minutes.length) - 1];
    }

    /** A moment in UTC by a pattern of SimpleDateFormat. */
    public static String utc(String pattern, Date moment) {
        SimpleDateFormat format = new SimpleDateFormat(pattern, Locale.ROOT);
        format.setTimeZone(TimeZone.getTimeZone("UTC"));
        return format.format(moment);
    }

    /** `2026-11-23T10:21:30Z`. */
    public static String instant(Date moment) {
        return utc("yyyy-MM-dd'T'HH:mm:ss'Z'", moment);
    }
}
