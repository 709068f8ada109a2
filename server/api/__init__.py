"""The HTTP interface: each module parses, calls and renders for one subject."""
