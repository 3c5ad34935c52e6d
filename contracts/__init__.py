"""What was promised, and the means to check it: specifications, the binding kit, checks and suites."""
