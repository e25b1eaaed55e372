//! Whether what the settings say of a program is there: its user, its folder, its file.

use std::ffi::{OsStr, OsString};
use std::fs::{DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::path::{Path, PathBuf, absolute};

use nix::unistd::{self, Uid};

use crate::config::programs::ProgramEntry;
use crate::program::{Program, User, find};

/// Where programs are looked for where the server itself does not know.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// The language of what a program writes where the server itself has none: UTF-8, and nobody's in particular.
const LANG: &str = "C.UTF-8";

/// The folder under the data folder in which each program has one.
const FOLDER: &str = "programs";

/// What stands behind the name of the data folder in that of the folder beside it.
const BESIDE: &str = "-programs";

/// A program that can be started, as far as can be seen.
#[derive(Debug)]
pub(super) struct Fit {
    pub(super) entry: ProgramEntry,
    pub(super) program: Program,
    pub(super) journal: PathBuf,
}

/// A program that is not as it must be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("programs: {name}: {key}: {why}")]
pub struct Unfit {
    /// Its name.
    pub name: String,
    /// What of it.
    pub key: &'static str,
    /// What is wrong.
    pub why: String,
}

type Fault = (&'static str, String);

impl Fit {
    pub(super) fn new(entry: &ProgramEntry, data: &Path) -> Result<Self, Unfit> {
        let unfit = |(key, why)| Unfit { name: entry.name.clone(), key, why };
        let data = absolute(data).unwrap_or_else(|_| data.to_owned());
        let own = data.join(FOLDER).join(entry.login());
        let user = user(entry.user.as_deref(), Uid::effective()).map_err(unfit)?;
        let (path, folder) = (program(entry, user).map_err(unfit)?, folder(entry, &data, user).map_err(unfit)?);
        let args = entry.command.iter().skip(1).map(OsString::from).collect();
        let env = environment(entry, &folder);
        let limits = entry.limits();
        let program = Program { args, env, folder: Some(folder), user, limits, ..Program::new(path) };
        Ok(Self { entry: entry.clone(), program, journal: own.join("journal.json") })
    }
}

/// Whose rights a program has; nobody's in particular where it has those of the server, which runs as `own`.
fn user(name: Option<&str>, own: Uid) -> Result<Option<User>, Fault> {
    let fault = |why: String| ("user", why);
    let Some(name) = name else {
        let root = "is wanted, for the server runs as root, and so would the program; nobody is one";
        return if own.is_root() { Err(fault(root.to_owned())) } else { Ok(None) };
    };
    let found = unistd::User::from_name(name).map_err(|error| fault(format!("{name} cannot be looked up: {error}")))?;
    let found = found.ok_or_else(|| fault(format!("there is no user {name}")))?;
    if found.uid == own {
        return Ok(None);
    }
    if !own.is_root() {
        return Err(fault(format!("only a server that runs as root can run a program as {name}; leave it out")));
    }
    Ok(Some(User { uid: found.uid.as_raw(), gid: found.gid.as_raw() }))
}

/// The program's file.
fn program(entry: &ProgramEntry, user: Option<User>) -> Result<PathBuf, Fault> {
    let fault = |why: String| ("command", why);
    let name = OsStr::new(entry.command.first().map_or("", String::as_str));
    let found = find(name, Some(&path())).map_err(|why| fault(why.to_string()))?;
    let file = absolute(&found).map_err(|error| fault(error.to_string()))?;
    let Some(user) = user else { return Ok(file) };
    let real = file.canonicalize().map_err(|error| fault(error.to_string()))?;
    let name = entry.user.as_deref().unwrap_or_default();
    if let Some(bar) = barred(&real, user) {
        return Err(fault(format!("{name} may not enter {}, in which it is", bar.display())));
    }
    if !real.metadata().is_ok_and(|metadata| may_execute(&metadata, user)) {
        return Err(fault(format!("{name} may not execute {}", real.display())));
    }
    Ok(file)
}

/// The folder that the program works in: the one that is named, else one of its own.
fn folder(entry: &ProgramEntry, data: &Path, user: Option<User>) -> Result<PathBuf, Fault> {
    let fault = |why: String| ("directory", why);
    let own = data.join(FOLDER).join(entry.login());
    // The journal is beside what is the program's: it must not be able to change that.
    make(0o711, &own).map_err(fault)?;
    let folder = match (&entry.directory, user) {
        (Some(folder), _) => absolute(folder).map_err(|error| fault(error.to_string()))?,
        (None, None) => {
            let home = own.join("home");
            make(0o700, &home).map_err(fault)?;
            home
        }
        (None, Some(user)) => home_beside(data, entry.login(), user).map_err(fault)?,
    };
    match folder.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(fault(format!("there is no {}", folder.display())));
        }
        Err(error) => return Err(fault(format!("{}: {error}", folder.display()))),
        Ok(metadata) if !metadata.is_dir() => return Err(fault(format!("{} is no folder", folder.display()))),
        Ok(_) => {}
    }
    let Some(user) = user else { return Ok(folder) };
    let inside = folder.canonicalize().map_err(|error| fault(error.to_string()))?.join(".");
    match barred(&inside.join("x"), user) {
        None => Ok(folder),
        Some(bar) => {
            let name = entry.user.as_deref().unwrap_or_default();
            let hint = if entry.directory.is_none() { "; name a folder elsewhere" } else { "" };
            Err(fault(format!("{name} may not enter {}{hint}", bar.display())))
        }
    }
}

/// A folder for a program with a user of its own, beside the data folder, which that user may not enter.
fn home_beside(data: &Path, login: &str, user: User) -> Result<PathBuf, String> {
    let mut name = data.file_name().ok_or("is wanted, for the data folder has no name")?.to_owned();
    name.push(BESIDE);
    let beside = data.with_file_name(name);
    make(0o711, &beside)?;
    let shown = beside.display();
    let metadata = beside.symlink_metadata().map_err(|error| format!("{shown}: {error}"))?;
    // Whoever could put something there could have it given away.
    if !metadata.is_dir() || metadata.uid() != Uid::effective().as_raw() || metadata.mode() & 0o022 != 0 {
        return Err(format!("{shown} is no folder of the server's alone; name a folder elsewhere"));
    }
    let home = beside.join(login);
    make(0o700, &home)?;
    chown(&home, Some(user.uid), Some(user.gid)).map_err(|error| format!("{}: {error}", home.display()))?;
    Ok(home)
}

fn make(mode: u32, folder: &Path) -> Result<(), String> {
    let made = DirBuilder::new().recursive(true).mode(mode).create(folder);
    made.map_err(|error| format!("cannot make {}: {error}", folder.display()))
}

/// The outermost folder on the way to a file that a user may not enter, as far as the modes say.
fn barred(file: &Path, user: User) -> Option<PathBuf> {
    let mut folders: Vec<&Path> = file.ancestors().skip(1).collect();
    folders.reverse();
    let closed = |folder: &&Path| !folder.metadata().is_ok_and(|metadata| may_execute(&metadata, user));
    folders.into_iter().find(closed).map(Path::to_owned)
}

/// Whether a user may execute a file, or enter a folder.
fn may_execute(metadata: &Metadata, user: User) -> bool {
    let bit = if metadata.uid() == user.uid {
        0o100
    } else if metadata.gid() == user.gid {
        0o010
    } else {
        0o001
    };
    user.uid == 0 || metadata.mode() & bit != 0
}

fn path() -> OsString {
    std::env::var_os("PATH").unwrap_or_else(|| PATH.into())
}

/// All that a program finds in its environment: nothing of the server's but where programs are, and the language.
fn environment(entry: &ProgramEntry, folder: &Path) -> Vec<(OsString, OsString)> {
    let lang = std::env::var_os("LANG").unwrap_or_else(|| LANG.into());
    let own = [("PATH", path()), ("LANG", lang), ("HOME", folder.into())];
    let own = own.into_iter().filter(|(name, _)| !entry.env.contains_key(*name));
    let own = own.map(|(name, value)| (name.into(), value));
    own.chain(entry.env.iter().map(|(name, value)| (name.into(), value.into()))).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn entry(command: &str) -> ProgramEntry {
        let table = toml::Value::Table(
            toml::from_str(&format!("name = \"dice\"\ncommand = [\"{command}\", \"a b\"]")).unwrap(),
        );
        table.try_into().unwrap()
    }

    #[test]
    fn a_program_gets_a_folder_of_its_own_and_a_clean_environment() {
        let data = tempfile::tempdir().unwrap();
        let mut cat = entry("cat");
        cat.user = unistd::User::from_uid(Uid::effective()).unwrap().map(|user| user.name);
        cat.env.insert("LANG".to_owned(), "de".to_owned());
        let fit = Fit::new(&cat, data.path()).unwrap();
        let home = data.path().join("programs/dice/home");
        assert_eq!((fit.program.folder.as_deref(), fit.program.user), (Some(&*home), None));
        assert_eq!(home.metadata().unwrap().mode() & 0o777, 0o700);
        assert_eq!((fit.program.args.as_slice(), fit.program.path.is_absolute()), (&[OsString::from("a b")][..], true));
        let names: Vec<_> = fit.program.env.iter().map(|(name, value)| (name.to_str().unwrap(), value)).collect();
        assert_eq!(names.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["PATH", "HOME", "LANG"]);
        assert_eq!((names[1].1, names[2].1), (&home.into_os_string(), &OsString::from("de")));
        Fit::new(&cat, data.path()).unwrap();
    }

    #[test]
    fn what_is_missing_is_named() {
        let data = tempfile::tempdir().unwrap();
        let own = unistd::User::from_uid(Uid::effective()).unwrap().map(|user| user.name);
        let refused = |change: &dyn Fn(&mut ProgramEntry)| {
            let mut cat = ProgramEntry { user: own.clone(), ..entry("cat") };
            change(&mut cat);
            let Unfit { name, key, why } = Fit::new(&cat, data.path()).unwrap_err();
            assert_eq!(name, "dice");
            format!("{key}: {why}")
        };
        let file = data.path().join("file");
        write(&file, "#!/bin/sh\n").unwrap();
        let shown = file.display();
        assert_eq!(refused(&|cat| cat.user = Some("no-such".to_owned())), "user: there is no user no-such");
        assert_eq!(refused(&|cat| cat.command[0] = "no-such".to_owned()), "command: there is no program 'no-such'");
        assert!(refused(&|cat| cat.command[0] = shown.to_string()).contains("is not executable"));
        assert_eq!(refused(&|cat| cat.directory = Some("/no/such".into())), "directory: there is no /no/such");
        assert_eq!(refused(&|cat| cat.directory = Some(file.clone())), format!("directory: {shown} is no folder"));
    }

    #[test]
    fn only_root_gives_rights_away_and_never_its_own_unasked() {
        let (root, other) = (Uid::from_raw(0), Uid::from_raw(12_345));
        assert_eq!(user(None, other), Ok(None));
        assert!(user(None, root).unwrap_err().1.contains("runs as root"));
        assert_eq!(user(Some("root"), root), Ok(None));
        assert!(user(Some("root"), other).unwrap_err().1.starts_with("only a server that runs as root"));
        let nobody = unistd::User::from_name("nobody").unwrap().unwrap();
        let rights = User { uid: nobody.uid.as_raw(), gid: nobody.gid.as_raw() };
        assert_eq!(user(Some("nobody"), root), Ok(Some(rights)));
    }

    #[test]
    fn a_folder_that_is_closed_to_a_user_bars_the_way() {
        let outer = tempfile::tempdir().unwrap();
        let inner = outer.path().canonicalize().unwrap().join("inner");
        make_folder(&inner, 0o755);
        let stranger = User { uid: 54_321, gid: 54_321 };
        set_permissions(outer.path(), Permissions::from_mode(0o755)).unwrap();
        assert_eq!(barred(&inner.join("file"), stranger), None);
        set_permissions(outer.path(), Permissions::from_mode(0o700)).unwrap();
        assert_eq!(barred(&inner.join("file"), stranger).as_deref(), inner.parent());
        assert_eq!(barred(&inner.join("file"), User { uid: 0, gid: 0 }), None);
        let owner = outer.path().metadata().unwrap();
        assert_eq!(barred(&inner.join("file"), User { uid: owner.uid(), gid: 54_321 }), None);
    }

    fn make_folder(folder: &Path, mode: u32) {
        DirBuilder::new().mode(mode).create(folder).unwrap();
        set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    }
}
