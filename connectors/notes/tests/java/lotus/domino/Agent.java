package lotus.domino;

public interface Agent extends Base { int runOnServer() throws NotesException; }
