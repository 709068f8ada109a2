"""Case studies: what one is, how one is read and checked, and the shelf they stand on."""
