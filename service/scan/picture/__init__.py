"""The picture of a page made straight and clean: turned upright, flattened, seals and shade taken off."""
