"""The print of a page, read: what is text by PP-OCR, what can be a number by the numeric reader as well."""
