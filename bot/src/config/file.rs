//! Where the configuration and its secrets come from, and whether they can be trusted.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::problem::{Problem, Problems, Trouble};
use super::{Config, sections};

/// Where a configuration is looked for when none is named.
const LOOKED_FOR: [&str; 2] = ["lifeboat.toml", "/etc/lifeboat/lifeboat.toml"];

/// What a configuration may ask of the machine it is read on.
pub trait Surroundings {
    /// The value of an environment variable, or none where it is not set or no text.
    fn variable(&self, name: &str) -> Option<String>;

    /// The text of a file that holds a secret.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or somebody else may write it.
    fn secret(&self, path: &Path) -> Result<String, Trouble>;
}

/// The machine itself.
#[derive(Clone, Copy, Debug)]
pub struct Machine;

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn secret(&self, path: &Path) -> Result<String, Trouble> {
        read_trusted(path)
    }
}

/// A file with a secret in it that others may read. It is used all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Which.
    pub path: PathBuf,
    /// What who may do with it.
    pub mode: u32,
}

/// The machine itself, and what was found on it that others may read.
#[derive(Debug, Default)]
struct Watchful(RefCell<Vec<Exposed>>);

impl Surroundings for Watchful {
    fn variable(&self, name: &str) -> Option<String> {
        Machine.variable(name)
    }

    fn secret(&self, path: &Path) -> Result<String, Trouble> {
        let text = Machine.secret(path)?;
        let mode = std::fs::metadata(path).map_or(0, |about| about.mode() & 0o777);
        if mode & 0o044 != 0 {
            self.0.borrow_mut().push(Exposed { path: path.to_owned(), mode });
        }
        Ok(text)
    }
}

/// The file that was named, or the first that is there of `./lifeboat.toml` and `/etc/lifeboat/lifeboat.toml`.
///
/// # Errors
///
/// [`Trouble::NoFile`] when none was named and none is there.
pub fn find(named: Option<&Path>) -> Result<PathBuf, Problems> {
    let there = || LOOKED_FOR.into_iter().map(PathBuf::from).find(|path| path.exists());
    named.map(Path::to_owned).or_else(there).ok_or_else(|| {
        let looked = LOOKED_FOR.map(PathBuf::from).to_vec();
        about_the_file(Path::new(LOOKED_FOR[0]), Trouble::NoFile { looked })
    })
}

/// Reads and validates a configuration, with the secrets it names.
///
/// # Errors
///
/// Everything that is wrong with it, at once.
pub fn load(file: &Path) -> Result<Config, Problems> {
    load_watchful(file).map(|(config, _)| config)
}

/// The same, and which of the secrets it names others may read.
///
/// # Errors
///
/// Everything that is wrong with it, at once.
pub fn load_watchful(file: &Path) -> Result<(Config, Vec<Exposed>), Problems> {
    let text = read_trusted(file).map_err(|trouble| about_the_file(file, trouble))?;
    let machine = Watchful::default();
    let config = sections::read(file, &text, &machine)?;
    Ok((config, machine.0.into_inner()))
}

fn about_the_file(file: &Path, trouble: Trouble) -> Problems {
    Problems(vec![Problem { file: file.to_owned(), place: None, trouble }])
}

/// The text of a file that nobody but root and we may write. Judged on the opened file, so that it is the one read.
fn read_trusted(path: &Path) -> Result<String, Trouble> {
    let unreadable =
        |error: io::Error| Trouble::Unreadable { path: path.to_owned(), system: error.to_string() };
    let mut file = File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    if let Some(trouble) = distrust(path, about.mode(), about.uid(), our_uid()) {
        return Err(trouble);
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

/// Why a file with this mode and owner is not to be trusted. `us` is `None` where the system does not tell who we are.
fn distrust(path: &Path, mode: u32, owner: u32, us: Option<u32>) -> Option<Trouble> {
    let path = || path.to_owned();
    let ours = owner == 0 || us.is_none_or(|us| us == owner);
    if !ours {
        return Some(Trouble::OwnedByAnother { path: path(), uid: owner });
    }
    (mode & 0o022 != 0).then(|| Trouble::WritableByOthers { path: path(), mode: mode & 0o777 })
}

/// The user we run as: the owner of our own entry in `/proc` (Linux), so that no unsafe call is needed.
fn our_uid() -> Option<u32> {
    std::fs::metadata("/proc/self").ok().map(|about| about.uid())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_is_trusted_when_only_root_and_we_may_write_it() {
        let path = Path::new("f");
        let others = |mode| Some(Trouble::WritableByOthers { path: path.to_owned(), mode });
        let another = Some(Trouble::OwnedByAnother { path: path.to_owned(), uid: 7 });
        let rows = [
            ("ours", 0o100_600, 1000, Some(1000), None),
            ("root's, readable by all", 0o100_644, 0, Some(1000), None),
            ("the group may write", 0o100_620, 1000, Some(1000), others(0o620)),
            ("all may write", 0o100_602, 0, Some(1000), others(0o602)),
            ("another's", 0o100_600, 7, Some(1000), another.clone()),
            ("another's, and we are root", 0o100_600, 7, Some(0), another),
            ("who we are is not known", 0o100_600, 7, None, None),
        ];
        for (name, mode, owner, us, expected) in rows {
            assert_eq!(distrust(path, mode, owner, us), expected, "{name}");
        }
    }

    #[test]
    fn a_configuration_that_others_may_write_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lifeboat.toml");
        std::fs::write(&file, "lang = 7").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();

        let trouble = Trouble::WritableByOthers { path: file.clone(), mode: 0o666 };
        assert_eq!(load(&file), Err(about_the_file(&file, trouble)));
    }

    #[test]
    fn a_named_file_that_is_not_there_is_unreadable_and_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("no.toml");
        let Err(Problems(problems)) = find(Some(&file)).and_then(|file| load(&file)) else {
            panic!("a file that is not there was read");
        };
        let Trouble::Unreadable { path, system } = &problems[0].trouble else { panic!("{problems:?}") };
        assert_eq!((path, problems.len()), (&file, 1));
        assert!(system.contains("No such file"), "{system}");
    }
}
