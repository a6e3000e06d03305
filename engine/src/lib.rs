//! The sound, without any host, window, file path or log target.
