//! A secret that the file names instead of holding: a file of its own, or a variable.

use std::path::Path;

use crate::config::file::Surroundings;
use crate::config::problem::Trouble;
use crate::config::reader::{Found, Section};

/// By which keys a secret is named.
pub(super) struct Named {
    /// What may not stand in the file: `url`.
    pub(super) inline: &'static str,
    /// Names a file: `url_file`.
    pub(super) file: &'static str,
    /// Names a variable: `url_env`.
    pub(super) variable: &'static str,
}

impl Named {
    /// The secret, without blanks around it, and by which key it was named. One of the two must be there.
    pub(super) fn read<'r>(
        &self,
        section: &Section<'r, '_>,
        folder: &Path,
        around: &dyn Surroundings,
    ) -> Option<(Found<&'r str>, String)> {
        let (file, variable) = (section.text(self.file), section.text(self.variable));
        let (one, other) = (section.key(self.file), section.key(self.variable));
        let inline = section.has(self.inline);
        section.refuse_secret(self.inline, &[self.file, self.variable]);
        match (file, variable) {
            (Some(_), Some(found)) => {
                section.trouble(&found, Trouble::Both { one, other });
                None
            }
            (Some(found), None) => from_file(section, found, folder, around),
            (None, Some(found)) => from_variable(section, found, around),
            (None, None) if inline || section.has(self.file) || section.has(self.variable) => None,
            (None, None) => {
                section.report(Trouble::Neither { one, other });
                None
            }
        }
    }
}

fn from_file<'r>(
    section: &Section<'r, '_>,
    found: Found<&'r str>,
    folder: &Path,
    around: &dyn Surroundings,
) -> Option<(Found<&'r str>, String)> {
    let path = folder.join(found.value);
    match around.secret(&path) {
        Ok(text) if text.trim().is_empty() => {
            section.trouble(&found, Trouble::EmptySecret { key: found.key.clone(), path });
            None
        }
        Ok(text) => Some((found, text.trim().to_owned())),
        Err(trouble) => {
            section.trouble(&found, trouble);
            None
        }
    }
}

fn from_variable<'r>(
    section: &Section<'r, '_>,
    found: Found<&'r str>,
    around: &dyn Surroundings,
) -> Option<(Found<&'r str>, String)> {
    let text = around.variable(found.value).filter(|text| !text.trim().is_empty());
    if text.is_none() {
        let (key, variable) = (found.key.clone(), found.value.to_owned());
        section.trouble(&found, Trouble::NotInEnvironment { key, variable });
    }
    Some((found, text?.trim().to_owned()))
}
