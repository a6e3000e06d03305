"""The picture pipeline: procedural families or a user's folder -> a generator of palette-mixing weights (models/PICTURE_CONTRACT.md)."""
