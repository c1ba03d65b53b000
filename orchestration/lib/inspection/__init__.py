"""Looking into what is there: the health of an installation, the scores of a lead."""
