"""What can go wrong in a pipeline, by whose fault it is: command.py turns each into its exit code."""


class RequestError(Exception):
    """The user asked for something wrong (exit code 2)."""


class InputError(Exception):
    """A file is at fault (exit code 3)."""


class Diverged(Exception):
    """Training cannot go on; the message says why (exit code 1). The last checkpoint stays as it was."""
