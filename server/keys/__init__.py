"""Keys of programs that ask, what they may do, and how often anybody may ask."""
