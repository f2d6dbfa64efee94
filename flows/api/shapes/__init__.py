"""The shapes of requests and answers: they check what comes in and describe what goes out."""
