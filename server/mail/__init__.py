"""Letters by e-mail: queued with whatever causes them, sent once, and wiped when they are."""
