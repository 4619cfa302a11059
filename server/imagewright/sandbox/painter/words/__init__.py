"""What a prompt asks for: colours, things, places, times, styles."""
