"""Learning a new labelled set: a form variant that no released model has seen, before and after fine-tuning."""
