//! Reads the catalogue, `locales`, while this crate is built: makes a function of each message of the English one, whose
//! parameters are the message's, so that one that is missing, or takes others, does not compile; and lists the files of all
//! languages. Must not know who says what.

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Message, Pattern, PatternElement};
use fluent_syntax::{parser, serializer};
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the window says by itself is read by the window alone.
const WINDOW: &str = "window";

/// Whose messages are the functions.
const SOURCE: &str = "en";

fn main() -> Result<()> {
    let locales = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../../locales").canonicalize()?;
    println!("cargo::rerun-if-changed={}", locales.display());
    let files = files(&locales)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("files.rs"), list(&files)?)?;
    let mut say = String::new();
    for file in files.iter().filter(|file| file.locale == SOURCE) {
        functions(file, &mut say).map_err(|error| format!("{}: {error}", file.path.display()))?;
    }
    fs::write(out.join("say.rs"), say)?;
    Ok(())
}

/// One file of the catalogue.
struct File {
    locale: String,
    /// Its name without ".ftl": what its messages' names begin with.
    name: String,
    path: PathBuf,
}

fn files(locales: &Path) -> Result<Vec<File>> {
    let mut found = Vec::new();
    for locale in fs::read_dir(locales)? {
        let locale = locale?;
        println!("cargo::rerun-if-changed={}", locale.path().display());
        for file in fs::read_dir(locale.path())? {
            let path = file?.path();
            let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            if path.extension().is_some_and(|it| it == "ftl") && !name.starts_with(WINDOW) {
                found.push(File { locale: locale.file_name().to_string_lossy().into_owned(), name, path });
            }
        }
    }
    found.sort_by(|a, b| (&a.locale, &a.name).cmp(&(&b.locale, &b.name)));
    Ok(found)
}

fn list(files: &[File]) -> Result<String> {
    let mut text = String::from("&[");
    for File { locale, name, path } in files {
        println!("cargo::rerun-if-changed={}", path.display());
        write!(text, "({locale:?}, {name:?}, include_str!({path:?})),")?;
    }
    text.push(']');
    Ok(text)
}

fn functions(file: &File, out: &mut String) -> Result<()> {
    let text = fs::read_to_string(&file.path)?;
    let resource = parser::parse(text.as_str()).map_err(|(_, errors)| format!("{errors:?}"))?;
    for entry in &resource.body {
        if let Entry::Message(message) = entry {
            let id = message.id.name;
            if !id.strip_prefix(file.name.as_str()).is_some_and(|rest| rest.starts_with('-')) {
                return Err(format!("{id}: its name has to begin with {}-", file.name).into());
            }
            let types = types(message)?;
            let attributes = message.attributes.iter().map(|it| (format!("{id}.{}", it.id.name), &it.value));
            let value = message.value.iter().map(|value| (id.to_owned(), value));
            for (id, pattern) in value.chain(attributes) {
                function(&id, pattern, &types, out).map_err(|error| format!("{id}: {error}"))?;
            }
        }
    }
    Ok(())
}

/// What stands for each parameter, in their order: "# $held (number): how many are held" above the message says it, to
/// translators too.
fn types<'a>(message: &Message<&'a str>) -> Result<Vec<(&'a str, &'a str)>> {
    let lines = message.comment.iter().flat_map(|comment| comment.content.iter());
    let told = lines.filter_map(|line| line.trim().strip_prefix('$'));
    told.map(|line| {
        let told = line.split_once(" (").and_then(|(name, rest)| Some((name, rest.split_once("):")?.0)));
        told.ok_or_else(|| format!("{}: “# ${line}” is not “# $name (type): meaning”", message.id.name).into())
    })
    .collect()
}

fn function(id: &str, pattern: &Pattern<&str>, types: &[(&str, &str)], out: &mut String) -> Result<()> {
    let mut parameters = BTreeSet::new();
    in_pattern(pattern, &mut parameters);
    if let Some(untold) = parameters.iter().find(|parameter| !types.iter().any(|(name, _)| name == *parameter)) {
        return Err(format!("nothing above it says what ${untold} is").into());
    }
    let name = id.replace(['-', '.'], "_");
    let (mut takes, mut gives) = (String::new(), String::new());
    for (parameter, kind) in types.iter().filter(|(name, _)| parameters.contains(name)) {
        let (rust, argument) = argument(kind)?;
        let name = parameter.replace('-', "_");
        write!(takes, "{name}: {rust}, ")?;
        write!(gives, ".with({parameter:?}, Argument::{argument}({name}.into()))")?;
    }
    let shown = shown(pattern);
    write!(
        out,
        "/// ```text\n{shown}/// ```\n#[must_use]\npub fn {name}({takes}) -> Message {{ Message::new({id:?}){gives} }}\n\n"
    )?;
    Ok(())
}

/// As Rust takes it, and as it travels.
fn argument(kind: &str) -> Result<(&'static str, &'static str)> {
    Ok(match kind {
        "text" => ("impl Into<String>", "Text"),
        "number" => ("impl Into<i64>", "Number"),
        "instant" => ("Millis", "Instant"),
        "stamp" => ("Millis", "Stamp"),
        "second" => ("Millis", "Second"),
        "brief" => ("Millis", "Brief"),
        "length" => ("Millis", "Length"),
        "size" => ("u64", "Size"),
        "message" => ("Message", "Message"),
        _ => {
            return Err(format!(
                "({kind}) is none of text, number, instant, stamp, second, length, brief, size, message"
            )
            .into());
        }
    })
}

/// The English words, as the lines of a comment.
fn shown(pattern: &Pattern<&str>) -> String {
    let message = Message {
        id: fluent_syntax::ast::Identifier { name: "says" },
        value: Some(pattern.clone()),
        attributes: Vec::new(),
        comment: None,
    };
    let resource = fluent_syntax::ast::Resource { body: vec![Entry::Message(message)] };
    serializer::serialize(&resource).lines().map(|line| format!("/// {line}\n")).collect()
}

fn in_pattern<'a>(pattern: &Pattern<&'a str>, found: &mut BTreeSet<&'a str>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, found);
        }
    }
}

fn in_expression<'a>(expression: &Expression<&'a str>, found: &mut BTreeSet<&'a str>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, found),
        Expression::Select { selector, variants } => {
            in_inline(selector, found);
            variants.iter().for_each(|variant| in_pattern(&variant.value, found));
        }
    }
}

fn in_inline<'a>(inline: &InlineExpression<&'a str>, found: &mut BTreeSet<&'a str>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name);
        }
        InlineExpression::Placeable { expression } => in_expression(expression, found),
        InlineExpression::FunctionReference { arguments, .. } => {
            arguments.positional.iter().for_each(|each| in_inline(each, found));
        }
        InlineExpression::StringLiteral { .. }
        | InlineExpression::NumberLiteral { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {}
    }
}
