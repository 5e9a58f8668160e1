"""From what a control wants to what a run would write: only what differs, sorted, countable, refusable."""
