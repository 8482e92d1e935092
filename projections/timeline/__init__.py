"""The timeline: one row per entry of a case, in the order of world time, corrected dates in their right place."""
