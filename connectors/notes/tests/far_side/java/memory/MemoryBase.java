package memory;

import lotus.domino.Base;

/** What every handle of Domino has. The bench holds no C memory, so there is nothing to give back. */
class MemoryBase implements Base {
    public void recycle() {
        // nothing
    }
}
