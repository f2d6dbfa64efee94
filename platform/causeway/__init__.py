"""The Django project of Causeway: configuration, processes, the command line."""
