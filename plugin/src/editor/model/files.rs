//! A folder in which the user looks for a file: what the window draws over everything else while that lasts.

/// The folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileList {
    /// What is looked for: `Choose a model`.
    pub title: String,
    /// The folder's path.
    pub folder: String,
    /// Folders first, then files, each by name.
    pub rows: Vec<FileRow>,
    /// Said where there are no rows, or why the folder cannot be read.
    pub words: String,
}

/// Something in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileRow {
    /// Its name.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}
