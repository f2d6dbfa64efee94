package lotus.domino;

public interface Base { void recycle() throws NotesException; }
