//! Pictures from a palette and a seed. An empty room until its issue.
