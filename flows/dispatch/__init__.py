"""Between the rim and the engine: news becomes runs, due runs are carried.

`flows.dispatch.accepting.accept` takes news in, `flows.dispatch.drain` carries what is due.
"""
