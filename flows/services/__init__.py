"""One verb, one function: check the actor, act, record. Views, tasks and commands call these."""
