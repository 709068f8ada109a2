"""Readers: a file as it comes -> what it says, in paragraphs under headings."""
