"""Speed, memory and start-up: whole pages and files, beside PaddleOCR, and the parts that have a bar to stay under."""
