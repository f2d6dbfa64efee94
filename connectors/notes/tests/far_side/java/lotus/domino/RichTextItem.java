package lotus.domino;

public interface RichTextItem extends Item {
    EmbeddedObject embedObject(int type, String of, String source, String name)
        throws NotesException;
}
