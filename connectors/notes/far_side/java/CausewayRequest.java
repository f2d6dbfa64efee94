import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** The members of one request, each of the type that the contract says. */
final class CausewayRequest {
    private final Map<?, ?> members;
    private final Set<String> known = new HashSet<String>(Arrays.asList("protocol", "op", "secret"));

    CausewayRequest(Object body) throws CausewayFault {
        if (!(body instanceof Map)) {
            throw new CausewayFault("bad_request", "The body is no JSON object.");
        }
        members = (Map<?, ?>) body;
        Object protocol = members.get("protocol");
        if (!Double.valueOf(1).equals(protocol)) {
            throw new CausewayFault(protocol instanceof Double ? "protocol" : "bad_request",
                "This agent speaks protocol 1.");
        }
    }

    /** Refuses members that the operation does not have: a typing error would go unseen. */
    void onlyKnown() throws CausewayFault {
        for (Object name : members.keySet()) {
            if (!known.contains(name)) {
                throw bad(String.valueOf(name), "is unknown to this operation");
            }
        }
    }

    private Object member(String name) {
        known.add(name);
        return members.get(name);
    }

    boolean has(String name) {
        return member(name) != null;
    }

    /** A text that must be there and not empty. */
    String text(String name) throws CausewayFault {
        Object value = member(name);
        if (!(value instanceof String) || ((String) value).length() == 0) {
            throw bad(name, "must be a text");
        }
        return (String) value;
    }

    /** A text that may be empty, or `usual` where it is left out. */
    String text(String name, String usual) throws CausewayFault {
        Object value = member(name);
        if (value == null && !members.containsKey(name)) {
            return usual;
        }
        if (!(value instanceof String)) {
            throw bad(name, "must be a text");
        }
        return (String) value;
    }

    String unid(String name) throws CausewayFault {
        return unid(name, text(name));
    }

    private static String unid(String name, Object value) throws CausewayFault {
        if (!(value instanceof String) || !((String) value).matches("[0-9A-Fa-f]{32}")) {
            throw bad(name, "must be 32 hexadecimal digits");
        }
        return ((String) value).toUpperCase(Locale.ROOT);
    }

    boolean flag(String name, boolean usual) throws CausewayFault {
        Object value = member(name);
        if (value == null && !members.containsKey(name)) {
            return usual;
        }
        if (!(value instanceof Boolean)) {
            throw bad(name, "must be true or false");
        }
        return ((Boolean) value).booleanValue();
    }

    int count(String name, int usual, int least) throws CausewayFault {
        Object value = member(name);
        if (value == null && !members.containsKey(name)) {
            return usual;
        }
        double number = value instanceof Double ? ((Double) value).doubleValue() : -1;
        if (number < least || number != Math.floor(number)) {
            throw bad(name, "must be a whole number of at least " + least);
        }
        return (int) Math.min(number, Integer.MAX_VALUE);
    }

    /** A list of texts, or an empty one where it is left out. */
    List<String> texts(String name) throws CausewayFault {
        Object value = member(name);
        List<String> found = new ArrayList<String>();
        if (value == null && !members.containsKey(name)) {
            return found;
        }
        if (!(value instanceof List)) {
            throw bad(name, "must be a list of texts");
        }
        for (Object one : (List<?>) value) {
            if (!(one instanceof String)) {
                throw bad(name, "must be a list of texts");
            }
            found.add((String) one);
        }
        return found;
    }

    List<String> unids(String name) throws CausewayFault {
        List<String> found = new ArrayList<String>();
        for (String one : texts(name)) {
            found.add(unid(name, one));
        }
        return found;
    }

    /** One text or a list of at least one. */
    List<String> textOrTexts(String name) throws CausewayFault {
        if (member(name) instanceof String) {
            return new ArrayList<String>(Arrays.asList((String) member(name)));
        }
        List<String> found = texts(name);
        if (found.isEmpty()) {
            throw bad(name, "must be a text or a list of texts");
        }
        return found;
    }

    Map<?, ?> object(String name) throws CausewayFault {
        Object value = member(name);
        if (!(value instanceof Map)) {
            throw bad(name, "must be an object");
        }
        return (Map<?, ?>) value;
    }

    List<?> list(String name) throws CausewayFault {
        Object value = member(name);
        if (!(value instanceof List) || ((List<?>) value).isEmpty()) {
            throw bad(name, "must be a list of at least one");
        }
        return (List<?>) value;
    }

    static CausewayFault bad(String name, String what) {
        return new CausewayFault("bad_request", "The member " + name + " " + what + ".");
    }
}
