"""The bodies behind the case studies, and introductions to them, which the hub makes."""
