"""Measures the reference server's payments API over HTTP against the same work done bare, in one run, as ratios."""
