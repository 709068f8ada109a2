"""What all errors have in common that are said to staff as they are."""


class DiwanError(Exception):
    """Something cannot be done; the message is a sentence that says why and what to do."""
