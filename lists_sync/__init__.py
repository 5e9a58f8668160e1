"""lists_sync keeps a CQC enforcement action tracker in Microsoft Lists on time and honest."""

__version__ = "0.1.0"
