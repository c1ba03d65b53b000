"""What calls to CRMs have in common: batches, answers, limits and proof."""
