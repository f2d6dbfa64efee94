"""An imitation of a Domino server: Domino Data Service, its login and an agent manager.

Written from the documented contract alone. It shares no code with the connector, the sdk or
any other part of Causeway, so that a misunderstanding cannot hide on both sides.

Docstrings carry the evidence behind a rule: [S] read in the service's published source, [D]
vendor documentation, [O] observed in real answers, [I] inferred, [U] unconfirmed.
"""
