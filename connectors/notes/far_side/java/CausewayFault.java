import java.util.Map;

/** What the endpoint answers with `ok: false`: a code of the contract and a sentence for people. */
final class CausewayFault extends Exception {
    private static final long serialVersionUID = 1L;

    final String code;
    final transient Map<String, Object> detail;

    CausewayFault(String code, String message) {
        this(code, message, null);
    }

    CausewayFault(String code, String message, Map<String, Object> detail) {
        super(message);
        this.code = code;
        this.detail = detail;
    }
}
