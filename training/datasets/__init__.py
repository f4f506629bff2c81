"""Datasets: labelled reports with provenance: manifests, labels and their files, and reports drawn to order."""
