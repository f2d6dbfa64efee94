package lotus.domino;

public class NotesException extends Exception { private static final long serialVersionUID = 1L; }
