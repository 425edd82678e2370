//! Pictures of the cards as the console draws them: the same words, from the same plain message, as in Discord.
//! Taken where `LIFEBOAT_PICTURES` names a folder.

use std::path::PathBuf;

use lifeboat_tests::browser::{Browser, BrowserError, Window};

/// Where pictures go; none are taken where it is not set.
const PICTURES: &str = "LIFEBOAT_PICTURES";

/// A browser at the console of a running Lifeboat.
pub(crate) struct Camera {
    browser: Browser,
    folder: PathBuf,
}

impl Camera {
    /// Opens the console by its link, where pictures are asked for.
    pub(crate) async fn at(link: &str) -> Option<Self> {
        let folder = PathBuf::from(std::env::var_os(PICTURES)?);
        let opened = async {
            let tall = Window { height: 1_400, ..Window::default() };
            let browser = Browser::open(tall).await?;
            browser.goto(link).await?;
            browser.until("document.getElementById('frame').dataset.ready").await?;
            Ok::<_, BrowserError>(browser)
        };
        Some(Self { browser: opened.await.expect("a browser"), folder })
    }

    /// A picture of the element in this channel whose text contains a word, under this name.
    pub(crate) async fn takes(&self, name: &str, channel: &str, css: &str, word: &str) {
        let (css, word) = (serde_json::json!(css), serde_json::json!(word));
        let shown = format!(
            "(() => {{ const all = [...document.querySelectorAll({css})].filter(one => one.innerText.includes({word}));
               document.querySelectorAll('.pictured').forEach(one => one.classList.remove('pictured'));
               const one = all.at(-1); one?.classList.add('pictured'); one?.scrollIntoView({{ block: 'center' }});
               return one; }})()"
        );
        let taken = async {
            self.browser.eval(&format!("location.hash = {}", serde_json::json!(channel))).await?;
            self.browser.until(&shown).await?;
            self.browser.picture_of(".pictured").await
        };
        let picture = taken.await.unwrap_or_else(|why| panic!("{name}: {why}"));
        std::fs::write(self.folder.join(format!("card-{name}.png")), picture).expect("a picture");
    }
}
