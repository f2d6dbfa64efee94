package lotus.domino;

public abstract class AgentBase {
    public Session getSession() { return null; }
    public abstract void NotesMain();
}
