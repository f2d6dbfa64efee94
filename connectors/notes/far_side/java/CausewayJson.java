import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON without a library: the JDK has none, and what Domino brings is not on every agent's class
 * path. Objects are Maps, arrays Lists; numbers are Doubles when read; all that is written is ASCII.
 */
public final class CausewayJson {
    /** The text is no JSON; the message says where. */
    public static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenException(String what, int at) {
            super(what + " at character " + (at + 1));
        }
    }

    private static final int DEEPEST = 64;
    /** A Print of a web agent may not be longer; see `lines`. */
    private static final int LINE = 30000;

    private final String text;
    private int at;
    private int depth;

    private CausewayJson(String text) {
        this.text = text;
    }

    // reading

    public static Object read(String text) throws BrokenException {
        CausewayJson reader = new CausewayJson(text);
        Object value = reader.value();
        reader.blanks();
        if (reader.at < text.length()) {
            throw new BrokenException("more text behind the value", reader.at);
        }
        return value;
    }

    private Object value() throws BrokenException {
        blanks();
        char first = peek();
        if (first == '{' || first == '[') {
            if (++depth > DEEPEST) {
                throw new BrokenException("more than " + DEEPEST + " levels", at);
            }
            Object value = first == '{' ? object() : array();
            depth--;
            return value;
        }
        if (first == '"') {
            return string();
        }
        if (first == '-' || (first >= '0' && first <= '9')) {
            return number();
        }
        if (word("true")) {
            return Boolean.TRUE;
        }
        if (word("false")) {
            return Boolean.FALSE;
        }
        if (word("null")) {
            return null;
        }
        throw new BrokenException("no value", at);
    }

    private Map<String, Object> object() throws BrokenException {
        Map<String, Object> members = new LinkedHashMap<String, Object>();
        at++;
        blanks();
        if (peek() == '}') {
            at++;
            return members;
        }
        while (true) {
            blanks();
            String name = string();
            blanks();
            expect(':');
            members.put(name, value());
            blanks();
            if (peek() == ',') {
                at++;
                continue;
            }
            expect('}');
            return members;
        }
    }

    private List<Object> array() throws BrokenException {
        List<Object> values = new ArrayList<Object>();
        at++;
        blanks();
        if (peek() == ']') {
            at++;
            return values;
        }
        while (true) {
            values.add(value());
            blanks();
            if (peek() == ',') {
                at++;
                continue;
            }
            expect(']');
            return values;
        }
    }

    private String string() throws BrokenException {
        expect('"');
        StringBuilder out = new StringBuilder();
        while (true) {
            char one = peek();
            at++;
            if (one == '"') {
                return out.toString();
            }
            if (one < ' ') {
                throw new BrokenException("a control character in a text", at - 1);
            }
            if (one == '\\') {
                escape(out);
            } else {
                out.append(one);
            }
        }
    }

    private void escape(StringBuilder out) throws BrokenException {
        char kind = peek();
        at++;
        int plain = "\"\\/".indexOf(kind);
        int short_ = "bfnrt".indexOf(kind);
        if (plain >= 0) {
            out.append(kind);
        } else if (short_ >= 0) {
            out.append("\b\f\n\r\t".charAt(short_));
        } else if (kind == 'u') {
            int code = 0;
            for (int digit = 0; digit < 4; digit++) {
                int value = Character.digit(peek(), 16);
                if (value < 0 || peek() > 'f') {
                    throw new BrokenException("no four hex digits", at);
                }
                code = code * 16 + value;
                at++;
            }
            out.append((char) code);
        } else {
            throw new BrokenException("an unknown escape", at - 1);
        }
    }

    private Double number() throws BrokenException {
        int start = at;
        if (peek() == '-') {
            at++;
        }
        if (peek() == '0') {
            at++;
        } else {
            digits();
        }
        if (at < text.length() && text.charAt(at) == '.') {
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            at++;
            if (peek() == '+' || peek() == '-') {
                at++;
            }
            digits();
        }
        double value = Double.parseDouble(text.substring(start, at));
        if (Double.isInfinite(value)) {
            throw new BrokenException("a number too large for Notes", start);
        }
        return Double.valueOf(value);
    }

    private void digits() throws BrokenException {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == start) {
            throw new BrokenException("a digit is missing", at);
        }
    }

    private boolean word(String expected) {
        if (!text.startsWith(expected, at)) {
            return false;
        }
        at += expected.length();
        return true;
    }

    private void blanks() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private char peek() throws BrokenException {
        if (at >= text.length()) {
            throw new BrokenException("the text ends too early", at);
        }
        return text.charAt(at);
    }

    private void expect(char one) throws BrokenException {
        if (peek() != one) {
            throw new BrokenException("'" + one + "' expected", at);
        }
        at++;
    }

    // writing

    public static String write(Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    private static void write(StringBuilder out, Object value) {
        if (value instanceof Map) {
            String before = "{";
            for (Map.Entry<?, ?> member : ((Map<?, ?>) value).entrySet()) {
                out.append(before);
                quote(out, String.valueOf(member.getKey()));
                out.append(':');
                write(out, member.getValue());
                before = ",";
            }
            out.append(before.equals("{") ? "{}" : "}");
        } else if (value instanceof Iterable) {
            String before = "[";
            for (Object one : (Iterable<?>) value) {
                out.append(before);
                write(out, one);
                before = ",";
            }
            out.append(before.equals("[") ? "[]" : "]");
        } else if (value instanceof Double || value instanceof Float) {
            out.append(CausewayCore.number(((Number) value).doubleValue()));
        } else if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else {
            quote(out, String.valueOf(value));
        }
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int at = 0; at < text.length(); at++) {
            char one = text.charAt(at);
            if (one == '"' || one == '\\') {
                out.append('\\').append(one);
            } else if (one < ' ' || one > '~') {
                out.append("\\u");
                for (int shift = 12; shift >= 0; shift -= 4) {
                    out.append(Character.forDigit((one >> shift) & 15, 16));
                }
            } else {
                out.append(one);
            }
        }
        out.append('"');
    }

    /**
     * Written JSON in lines of about 30 KB, broken between two tokens: a web agent's Print must not
     * be longer, and each ends with a line break. A single longer text stays in one line.
     */
    public static List<String> lines(String json) {
        List<String> lines = new ArrayList<String>();
        int start = 0;
        boolean quoted = false;
        for (int at = 0; at < json.length(); at++) {
            char one = json.charAt(at);
            if (quoted && one == '\\') {
                at++;
            } else if (one == '"') {
                quoted = !quoted;
            } else if (one == ',' && !quoted && at - start >= LINE) {
                lines.add(json.substring(start, at + 1));
                start = at + 1;
            }
        }
        lines.add(json.substring(start));
        return lines;
    }
}
