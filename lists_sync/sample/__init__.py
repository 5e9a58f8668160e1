"""An invented provider to rehearse on; it imports nothing of the engine."""
