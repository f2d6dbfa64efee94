import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Reads cases from standard input, writes one result a line; see test_far_side.py. */
public class Vectors {
    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "US-ASCII"));
        TreeMap<String, List<String>> items = new TreeMap<String, List<String>>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split(" ", -1);
            if (parts[0].equals("item")) {
                List<String> values = new ArrayList<String>();
                for (int at = 2; at < parts.length; at++) {
                    boolean number = parts[at].startsWith("#");
                    values.add(number
                        ? CausewayCore.number(Double.parseDouble(parts[at].substring(1)))
                        : CausewayCore.text(decode(parts[at].substring(1))));
                }
                if (CausewayCore.counts(parts[1])) {
                    items.put(parts[1], values);
                }
            } else if (parts[0].equals("hash")) {
                System.out.println(CausewayCore.hash(CausewayCore.canonical(items)));
                items.clear();
            } else if (parts[0].equals("sign")) {
                System.out.println(CausewayCore.signature(decode(parts[1]), decode(parts[2]),
                    parts[3], decode(parts[4])));
            } else if (parts[0].equals("json")) {
                TreeMap<String, Object> members = new TreeMap<String, Object>();
                members.put("a", decode(parts[1]));
                members.put("b", "");
                System.out.println(CausewayJson.write(members));
            } else if (parts[0].equals("read")) {
                System.out.println(CausewayJson.write(CausewayJson.read(line.substring(5))));
            } else if (parts[0].equals("lines")) {
                String json = CausewayJson.write(CausewayJson.read(line.substring(6)));
                for (String each : CausewayJson.lines(json)) {
                    System.out.println(each);
                }
            } else if (parts[0].equals("broken")) {
                try {
                    System.out.println("read: " + CausewayJson.read(decode(parts[1])));
                } catch (CausewayJson.BrokenException error) {
                    System.out.println(error.getMessage());
                }
            }
        }
    }

    private static String decode(String hex) throws Exception {
        byte[] bytes = new byte[hex.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(hex.substring(at * 2, at * 2 + 2), 16);
        }
        return new String(bytes, "UTF-8");
    }
}
