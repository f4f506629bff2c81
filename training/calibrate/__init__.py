"""Calibration: how much two readings of a cell are worth together, measured on drawn reports not trained on."""
