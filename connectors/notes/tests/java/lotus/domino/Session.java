package lotus.domino;

public interface Session extends Base {
    AgentContext getAgentContext() throws NotesException;
    DateTime createDateTime(java.util.Date moment) throws NotesException;
}
