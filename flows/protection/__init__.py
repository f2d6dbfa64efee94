"""Protection of far sides and of ourselves: circuit, concurrency and rate of each connection.

`policy`, `circuit`, `concurrency`, `bucket` and `record` are pure: the time is passed in.
`guard` is what one worker process knows, `shared` how processes agree through Redis, `reading`
what the pages are told.
"""
