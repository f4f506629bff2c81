"""The product: from the bytes of a file to a checked result, and the ways in and out."""
