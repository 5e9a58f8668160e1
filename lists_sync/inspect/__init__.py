"""What an inspector, or whoever asks, can check: the rows in SharePoint, and the trail written out."""
