"""The library for programs: all of it in one file, and signposts for those that find their way."""
