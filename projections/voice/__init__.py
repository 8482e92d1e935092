"""The voice projection: the answer to the question for every decision, now and as known when it took effect."""
