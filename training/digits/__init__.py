"""The numeric reader's training: crops of drawn cells as serving will cut them, the network, its fit and its scores."""
