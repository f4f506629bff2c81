"""What is learned or loaded, and nothing that knows what the form means."""
