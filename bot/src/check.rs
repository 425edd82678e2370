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
    let read = config::find(named).and_then(|file| Ok((config::load_watchful(&file)?, file)));
    match read {
        Ok(((config, exposed), file)) => {
            let lang = lang.unwrap_or(config.lang);
            writeln!(out, "{}", summary(&config, &file, lang))?;
            for one in &exposed {
                writeln!(out, "{}", config::exposed(one, lang))?;
            }
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
        ("people", config.people.all.len().into()),
        ("listen", config.console.listen.to_string().into()),
    ];
    Say::new(lang, config.zone).plain().text("config-valid", &args)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

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
    fn a_secret_that_others_may_read_is_told_with_the_cure_and_an_empty_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (file, token) = (folder.path().join("lifeboat.toml"), folder.path().join("token"));
        std::fs::write(&file, "[discord]\ntoken_file = 'token'\nguild = '600'\n").unwrap();
        let check_at = |mode, text: &str| {
            std::fs::write(&token, text).unwrap();
            std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode)).unwrap();
            let mut out = Vec::new();
            let exit = check(Some(&file), None, &mut out).unwrap();
            (exit, String::from_utf8(out).unwrap())
        };
        let (exit, said) = check_at(0o644, "T0K3N");
        let cure = format!("(mode 644). Take that from them: `chmod go-r {}`.", token.display());
        assert!(exit == Exit::Done && said.trim_end().ends_with(&cure), "{said}");
        let (exit, said) = check_at(0o600, "T0K3N");
        assert!(exit == Exit::Done && !said.contains("chmod"), "{said}");
        let (exit, said) = check_at(0o600, "\n");
        assert!(exit == Exit::Refused && said.contains("which is empty"), "{said}");
    }

    #[test]
    fn the_printed_example_is_a_valid_configuration() {
        let mut out = Vec::new();
        assert_eq!(example(&mut out).unwrap(), Exit::Done);
        assert_eq!(checked(&String::from_utf8(out).unwrap(), None).0, Exit::Done);
    }
}
