"""Runs judged again from what they had read: to prove them, to explain them, to try other numbers."""
