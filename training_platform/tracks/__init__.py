"""What each certification asks, as versioned data that every feature above may read."""
