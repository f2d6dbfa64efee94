import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URL;

/** One signed POST to Causeway (Standard Webhooks). */
final class CausewayHttp {
    private CausewayHttp() {}

    /** The status of the answer; throws IOException when there is none. */
    static int post(CausewaySettings settings, String id, String body) throws Exception {
        String timestamp = String.valueOf(System.currentTimeMillis() / 1000);
        URL url = new URL(settings.address);
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        try {
            connection.setConnectTimeout(settings.timeoutSeconds * 1000);
            connection.setReadTimeout(settings.timeoutSeconds * 1000);
            // A redirect would carry the body to an address nobody configured.
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("POST");
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setRequestProperty("webhook-id", id);
            connection.setRequestProperty("webhook-timestamp", timestamp);
            connection.setRequestProperty("webhook-signature",
                CausewayCore.signature(settings.secret, id, timestamp, body));
            byte[] bytes = body.getBytes(CausewayCore.UTF8);
            connection.setFixedLengthStreamingMode(bytes.length);
            OutputStream out = connection.getOutputStream();
            out.write(bytes);
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
