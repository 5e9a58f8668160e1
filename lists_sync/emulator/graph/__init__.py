"""Microsoft Graph v1.0, as far as lists, libraries and people go."""
