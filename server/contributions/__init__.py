"""Practices that cities send in: written, sent, talked over with the hub, and taken in."""
