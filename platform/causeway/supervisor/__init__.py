"""`causeway up`: start every process in order, keep them alive, stop them all."""
