//! Writing a site: into a folder that holds nothing else, and without leaving old pages behind.

use crate::build::{OutputFiles, replace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Lists the files of a site, so that the next run knows which are its own.
const LIST: &str = ".omtc-site";

/// What was written.
pub struct Written {
    /// Files that were not there, or differed.
    pub changed: usize,
    /// Files of an earlier site that were removed.
    pub removed: usize,
}

/// Writes what differs and removes what an earlier run wrote and this one does not.
pub fn write(
    files: &mut dyn OutputFiles,
    out: &Path,
    site: &BTreeMap<String, Vec<u8>>,
    suffix: &str,
) -> Result<Written, String> {
    let text = |error: crate::build::OutputError| error.to_string();
    let list = out.join(LIST);
    let earlier: BTreeSet<String> = match files.read(&list).map_err(text)? {
        Some(bytes) => String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect(),
        None if files.list(out).map_err(text)?.is_empty() => BTreeSet::new(),
        None => {
            return Err(format!(
                "the folder {} holds something that is no site of `omtc doc`: nothing was written; choose another one with --out",
                out.display()
            ));
        }
    };
    let mut changed: Vec<(PathBuf, &[u8])> = Vec::new();
    for (path, bytes) in site {
        let path = out.join(path);
        if files.read(&path).map_err(text)?.as_deref() != Some(bytes) {
            changed.push((path, bytes));
        }
    }
    // Written first and with the files of both: an interruption leaves nothing that no list names.
    let both: BTreeSet<&String> = earlier.iter().chain(site.keys()).collect();
    let listed = |names: &mut dyn Iterator<Item = &String>| {
        names.map(|name| format!("{name}\n")).collect::<String>().into_bytes()
    };
    replace(files, &[(list.clone(), &listed(&mut both.into_iter()))], suffix).map_err(text)?;
    replace(files, &changed, suffix).map_err(text)?;
    let mut removed = 0_usize;
    for path in earlier.iter().filter(|path| !site.contains_key(*path)) {
        // The list is a file that anybody may have edited.
        let plain = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
        if plain && files.read(&out.join(path)).map_err(text)?.is_some() {
            files.remove(&out.join(path)).map_err(text)?;
            removed = removed.saturating_add(1);
        }
    }
    replace(files, &[(list, &listed(&mut site.keys()))], suffix).map_err(text)?;
    Ok(Written { changed: changed.len(), removed })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::build::MemoryFiles;

    fn site(pages: &[&str]) -> BTreeMap<String, Vec<u8>> {
        pages.iter().map(|page| ((*page).to_owned(), b"x".to_vec())).collect()
    }

    #[test]
    fn pages_that_are_no_more_go_and_nothing_else_does() {
        let mut files = MemoryFiles::default();
        let out = Path::new("out");
        assert_eq!(write(&mut files, out, &site(&["a.html", "b/c.html"]), "tmp").unwrap().changed, 2);
        files.files.insert(PathBuf::from("out/mine.txt"), Vec::new());
        let written = write(&mut files, out, &site(&["a.html"]), "tmp").unwrap();
        assert_eq!((written.changed, written.removed), (0, 1));
        let left: Vec<_> = files.files.keys().map(|p| p.to_string_lossy().into_owned()).collect();
        assert_eq!(left, ["out/.omtc-site", "out/a.html", "out/mine.txt"]);
    }

    #[test]
    fn a_folder_with_something_else_is_left_alone() {
        let mut files = MemoryFiles::default();
        files.files.insert(PathBuf::from("out/letter.txt"), b"dear".to_vec());
        let refused = write(&mut files, Path::new("out"), &site(&["a.html"]), "tmp");
        assert!(refused.is_err_and(|message| message.contains("--out")));
        assert_eq!(files.files.len(), 1);
    }

    #[test]
    fn a_list_that_leads_out_of_the_folder_removes_nothing() {
        let mut files = MemoryFiles::default();
        files.files.insert(PathBuf::from("out/.omtc-site"), b"../secret\n".to_vec());
        files.files.insert(PathBuf::from("out/../secret"), b"keep".to_vec());
        write(&mut files, Path::new("out"), &site(&["a.html"]), "tmp").unwrap();
        assert!(files.files.contains_key(Path::new("out/../secret")));
    }
}
