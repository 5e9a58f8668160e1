"""Shows, then makes, what SharePoint lacks of our lists; nothing is ever removed, renamed or narrowed."""
