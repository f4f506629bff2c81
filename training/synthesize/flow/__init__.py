"""Drawn reports in formats that flow: text in many bad layouts, HTML, DOCX; and OFD, which has fixed pages."""
