import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.Charset;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What needs no Domino: canonical hash, signature, JSON. Compiles for Java 8. */
public final class CausewayCore {
    private static final Charset UTF8 = Charset.forName("UTF-8");
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
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(canonical.getBytes(UTF8));
        StringBuilder hex = new StringBuilder();
        for (int at = 0; at < digest.length; at++) {
            hex.append(String.format("%02x", digest[at] & 0xff));
        }
        return hex.toString();
    }

    /** Standard Webhooks: `v1,` and the base64 HMAC-SHA256 over id.timestamp.body. */
    public static String signature(String secret, String id, String timestamp, String body)
            throws Exception {
        byte[] key = secret.startsWith("whsec_")
            ? Base64.getDecoder().decode(secret.substring(6)) : secret.getBytes(UTF8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        byte[] signed = mac.doFinal((id + "." + timestamp + "." + body).getBytes(UTF8));
        return "v1," + Base64.getEncoder().encodeToString(signed);
    }

    /** A flat JSON object of texts, in ASCII. */
    public static String json(Map<String, String> members) {
        StringBuilder out = new StringBuilder("{");
        for (Map.Entry<String, String> member : members.entrySet()) {
            out.append(out.length() > 1 ? "," : "");
            quote(out, member.getKey());
            out.append(':');
            quote(out, member.getValue());
        }
        return out.append('}').toString();
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            char one = text.charAt(at);
            if (one == '"' || one == '\\') {
                out.append('\\').append(one);
            } else if (one < ' ' || one > '~') {
                out.append(String.format("\\u%04x", (int) one));
            } else {
                out.append(one);
            }
        }
        out.append('"');
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
}
