"""The token classifier: drawn tables as its training data, the network, and its training."""
