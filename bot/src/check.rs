//! `lifeboat check`: whether the configuration would let Lifeboat start.

use std::io::{self, Write};
use std::path::Path;

use crate::cli::Exit;
use crate::config::{self, Config, EXAMPLE};
use crate::say::Say;
use crate::say::lang::Lang;

/// Checks the named configuration, or the one that would be found, and says what it watches or all that is wrong.
///
/// The secrets it names are read too, since a start reads them; nothing is connected to. `lang` is the language asked
/// for; without one it is the configuration's own, and English where that cannot be read.
///
/// # Errors
///
/// When the answer cannot be written.
pub fn check(named: Option<&Path>, lang: Option<Lang>, out: &mut dyn Write) -> io::Result<Exit> {
    let read = config::find(named).and_then(|file| Ok((config::load(&file)?, file)));
    match read {
        Ok((config, file)) => {
            writeln!(out, "{}", summary(&config, &file, lang.unwrap_or(config.lang)))?;
            Ok(Exit::Done)
        }
        Err(problems) => {
            writeln!(out, "{}", problems.render(lang.unwrap_or_default()))?;
            Ok(Exit::Refused)
        }
    }
}

/// Prints the commented example.
///
/// # Errors
///
/// When it cannot be written.
pub fn example(out: &mut dyn Write) -> io::Result<Exit> {
    out.write_all(EXAMPLE.as_bytes())?;
    Ok(Exit::Done)
}

fn summary(config: &Config, file: &Path, lang: Lang) -> String {
    let logs: usize = config.services.iter().map(|service| service.logs.len()).sum();
    let args = [
        ("file", file.display().to_string().into()),
        ("services", config.services.len().into()),
        ("logs", logs.into()),
        ("probes", config.probes.len().into()),
        ("people", config.people.0.len().into()),
        ("listen", config.console.listen.to_string().into()),
    ];
    Say::new(lang, config.zone).plain().text("config-valid", &args)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str, lang: Option<Lang>) -> (Exit, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("lifeboat.toml");
        std::fs::write(&file, text).unwrap();
        let mut out = Vec::new();
        let exit = check(Some(&file), lang, &mut out).unwrap();
        let said = String::from_utf8(out).unwrap();
        (exit, said.replace(&format!("{}/", folder.path().display()), ""))
    }

    #[test]
    fn a_valid_configuration_ends_well_and_says_what_it_watches() {
        let (exit, said) = checked(EXAMPLE, None);
        let expected = "lifeboat.toml: valid. Services: 1, log patterns: 1, probes: 0, people: 0; \
                        console on 127.0.0.1:7171.\n";
        assert_eq!((exit, said.as_str()), (Exit::Done, expected));
    }

    #[test]
    fn an_invalid_configuration_is_refused_with_all_its_problems_in_the_language_asked_for() {
        let text = "zone = \"Asia/Shangai\"\nlogs = 3\n";
        let (exit, said) = checked(text, Some(Lang::ZhCn));
        assert_eq!(exit, Exit::Refused);
        assert_eq!(said.lines().count(), 2, "{said}");
        assert!(said.contains("`Asia/Shanghai`") && said.contains("未知的键 `logs`"), "{said}");
    }

    #[test]
    fn the_printed_example_is_a_valid_configuration() {
        let mut out = Vec::new();
        assert_eq!(example(&mut out).unwrap(), Exit::Done);
        assert_eq!(checked(&String::from_utf8(out).unwrap(), None).0, Exit::Done);
    }
}
