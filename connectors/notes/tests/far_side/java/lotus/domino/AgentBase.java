package lotus.domino;

import java.io.PrintWriter;

/** Of the real class, what the agents call; the bench sets both before it runs one. */
public abstract class AgentBase {
    public static Session session;
    public static PrintWriter output;

    public Session getSession() {
        return session;
    }

    public PrintWriter getAgentOutput() {
        return output;
    }

    public abstract void NotesMain();
}
