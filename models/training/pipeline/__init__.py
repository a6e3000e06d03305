"""What the pipelines stand on, whatever they train: errors and exit codes, whole files, checkpoints, seeded numbers, settings."""
