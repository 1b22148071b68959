//! What a desktop entry says, as far as opening its app needs it (Desktop Entry Specification 1.5). Must not know where the
//! file lies, or how an app is started.

use std::collections::BTreeMap;

/// The group that says what the app is.
const GROUP: &str = "[Desktop Entry]";

/// A desktop entry of an application. An empty value is as good as none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct DesktopEntry {
    /// What the user calls it.
    pub(super) name: String,
    /// The command line, still with its quotes and field codes.
    pub(super) exec: Option<String>,
    /// The program without which the app is not installed.
    pub(super) try_exec: Option<String>,
    /// Its icon.
    pub(super) icon: Option<String>,
    /// The folder it starts in.
    pub(super) path: Option<String>,
    /// It has no window of its own.
    pub(super) terminal: bool,
    /// It is started by a D-Bus call.
    pub(super) dbus_activatable: bool,
    /// The user, or whoever administers the machine, has deleted it.
    pub(super) hidden: bool,
}

impl DesktopEntry {
    /// None where the text is no desktop entry of an application with a name.
    pub(super) fn parse(text: &str, languages: &Languages) -> Option<Self> {
        let keys = keys(text);
        let value = |key: &str| keys.get(key).map(|value| unescaped(value)).filter(|value| !value.trim().is_empty());
        let is = |key: &str| matches!(keys.get(key), Some(&("true" | "1")));
        if keys.get("Type") != Some(&"Application") {
            return None;
        }
        let localized = languages.0.iter().find_map(|language| value(&format!("Name[{language}]")));
        Some(Self {
            name: localized.or_else(|| value("Name"))?,
            exec: value("Exec"),
            try_exec: value("TryExec"),
            icon: value("Icon"),
            path: value("Path"),
            terminal: is("Terminal"),
            dbus_activatable: is("DBusActivatable"),
            hidden: is("Hidden"),
        })
    }
}

/// The keys of the group, as they stand there.
fn keys(text: &str) -> BTreeMap<&str, &str> {
    let group = text.lines().map(str::trim).skip_while(|line| *line != GROUP).skip(1);
    let lines = group.take_while(|line| !line.starts_with('[')).filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).map(|(key, value)| (key.trim_end(), value.trim_start())).collect()
}

/// A value of type string. A backslash that escapes nothing stands for itself.
fn unescaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match rest.next() {
            Some('s') => text.push(' '),
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('\\') | None => text.push('\\'),
            Some(other) => text.extend(['\\', other]),
        }
    }
    text
}

/// How keys are marked that are in the user's language, the closest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Languages(Vec<String>);

impl Languages {
    /// From the environment.
    #[must_use]
    pub fn of_environment() -> Self {
        let set = |variable| std::env::var(variable).ok().filter(|locale| !locale.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set);
        Self::of_locale(&locale.unwrap_or_default())
    }

    /// From `lang_COUNTRY.ENCODING@MODIFIER`, of which all but the language may be missing.
    fn of_locale(locale: &str) -> Self {
        let (rest, modifier) = locale.split_once('@').map_or((locale, None), |(rest, it)| (rest, Some(it)));
        let rest = rest.split_once('.').map_or(rest, |(rest, _)| rest);
        let (language, country) = rest.split_once('_').map_or((rest, None), |(rest, it)| (rest, Some(it)));
        let in_country = country.map(|country| format!("{language}_{country}"));
        let modified = |place: &String| modifier.map(|modifier| format!("{place}@{modifier}"));
        let language = Some(language.to_owned()).filter(|language| !language.is_empty());
        let all = [
            in_country.as_ref().and_then(modified),
            in_country.clone(),
            language.as_ref().and_then(modified),
            language.clone(),
        ];
        Self(all.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Option<DesktopEntry> {
        DesktopEntry::parse(text, &Languages::of_locale("de_AT.UTF-8"))
    }

    #[test]
    fn only_the_one_group_counts_and_comments_do_not() {
        let text = "# before\n[Other]\nName=Wrong\nHidden=true\n\n[Desktop Entry]\n# Name=No\nType=Application\r\n\
                    Name = Chat\nExec=chat --new %U\nTryExec=\nDBusActivatable=true\nTerminal=false\n\
                    [Desktop Action new]\nName=New\nExec=chat --evil\n";
        let exec = Some("chat --new %U".to_owned());
        let wanted = DesktopEntry { name: "Chat".into(), exec, dbus_activatable: true, ..DesktopEntry::default() };
        assert_eq!(parsed(text), Some(wanted));
    }

    #[test]
    fn what_is_no_application_with_a_name_is_no_entry() {
        for text in [
            "",
            "Type=Application\nName=x",
            "[Desktop Entry]\nName=x",
            "[Desktop Entry]\nType=Link\nName=x",
            "[Desktop Entry]\nType=Application\nName= ",
            "[Desktop Entry]\n=\n==\n[",
            "\u{0}\u{1}\u{fffd}",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn values_are_unescaped_once() {
        let exec =
            |value: &str| parsed(&format!("[Desktop Entry]\nType=Application\nName=x\nExec={value}")).unwrap().exec;
        assert_eq!(exec(r"a\sb\tc\\d").as_deref(), Some("a b\tc\\d"));
        assert_eq!(exec(r#"sh -c "echo \\\\ \"x\"" \"#).as_deref(), Some(r#"sh -c "echo \\ \"x\"" \"#));
    }

    #[test]
    fn the_name_is_in_the_users_language_where_there_is_one() {
        let text =
            "[Desktop Entry]\nType=Application\nName=Files\nName[de]=Dateien\nName[de_CH]=Ordner\nName[sr@latin]=x";
        let name = |locale: &str| DesktopEntry::parse(text, &Languages::of_locale(locale)).unwrap().name;
        assert_eq!(
            (name("de_AT.UTF-8"), name("de_CH"), name("de")),
            ("Dateien".into(), "Ordner".into(), "Dateien".into())
        );
        assert_eq!((name("sr_RS.UTF-8@latin"), name("sr_RS"), name("")), ("x".into(), "Files".into(), "Files".into()));
    }

    #[test]
    fn the_closest_language_comes_first() {
        assert_eq!(Languages::of_locale("sr_YU.UTF-8@Latn").0, ["sr_YU@Latn", "sr_YU", "sr@Latn", "sr"]);
        assert_eq!(Languages::of_locale("C.UTF-8").0, ["C"]);
        assert_eq!(Languages::of_locale(""), Languages::default());
    }
}
