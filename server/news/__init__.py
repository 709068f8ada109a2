"""What is new in the library, as a page and as a feed."""
