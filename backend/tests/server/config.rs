//! The settings, as the binary reads them: flags, environment, file, default, in this order.

use std::path::Path;
use std::process::{Command, Output};

fn readyroom(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_readyroom"));
    command.args(args).current_dir(folder).env_clear().envs(environment.iter().copied()).output().unwrap()
}

/// What `readyroom config` prints.
fn settings(folder: &Path, args: &[&str], environment: &[(&str, &str)]) -> String {
    let output = readyroom(folder, args, environment);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn has(settings: &str, line: &str) {
    assert!(settings.lines().any(|found| found == line), "{line} in\n{settings}");
}

#[test]
fn the_first_place_that_names_a_setting_decides() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("readyroom.toml"),
        "send_rate = 5\nlog = \"warn\"\ndurability = \"relaxed\"\npublic_url = \"https://Chat.example/\"\n",
    )
    .unwrap();
    let environment = [("READYROOM_LOG", "debug"), ("READYROOM_SEND_RATE", "6")];
    let found = settings(folder.path(), &["config", "--send-rate", "7"], &environment);
    has(&found, "send_rate = 7 # from a flag");
    has(&found, "log = \"debug\" # from the environment");
    has(&found, "durability = \"relaxed\" # from the file");
    has(&found, "public_url = \"https://chat.example\" # from the file");
    has(&found, "listen = \"127.0.0.1:3000\" # the default");
    has(&found, "guests = true # the default");
    has(&found, "sign_up = \"invite\" # the default");
    has(&found, "labs = true # the default");
    has(&found, "deflate = true # the default");
    has(&found, "# tls_cert is not set");
    let abroad = settings(folder.path(), &["config", "--listen", "0.0.0.0:80"], &[]);
    has(&abroad, "guests = false # the default");
    has(&abroad, "labs = false # the default");
    for (args, line) in [
        (["config", "--labs", "--listen=0.0.0.0:80"], "labs = true # from a flag"),
        (["config", "--labs", "false"], "labs = false # from a flag"),
        (["--labs=false", "config", "--deflate=false"], "deflate = false # from a flag"),
    ] {
        has(&settings(folder.path(), &args, &[]), line);
    }
}

#[test]
fn what_is_printed_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let args = [
        "--allowed-origins=https://a.example,http://b.example:81",
        "--guests=false",
        "--trusted-proxies=10.0.0.0/8,::1",
        "--tls-cert=a \"folder\"/cert.pem",
        "--tls-key=key.pem",
        "config",
    ];
    let first = settings(folder.path(), &args, &[]);
    std::fs::write(folder.path().join("other.toml"), &first).unwrap();
    let again = settings(folder.path(), &["--config", "other.toml", "config"], &[]);
    let values = |text: &str| text.lines().map(|line| line.split(" # ").next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(values(&first), values(&again));
}

#[test]
fn a_bad_setting_is_named_on_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("readyroom.toml");
    for (text, words) in [
        ("listen = \"127.0.0.1:0\"\nlisten_on = 1\n", ["line 2", "listen_on"]),
        ("guests = \"perhaps\"\n", ["line 1", "boolean"]),
        ("allowed_origins = [\"chat.example\"]\n", ["allowed_origins", "chat.example"]),
        ("trusted_proxies = [\"proxy.example\"]\n", ["trusted_proxies: ", "proxy.example"]),
        ("log = \"readyroom=loudly\"\n", ["log: ", "level"]),
        ("tls_cert = \"cert.pem\"\n", ["tls_key: ", "tls_cert is cert.pem"]),
        ("tls_key = \"key.pem\"\n", ["tls_cert: ", "tls_key is key.pem"]),
        ("listen = \n", ["line 1", "readyroom.toml"]),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = readyroom(folder.path(), &["serve"], &[]);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), stderr.lines().count()), (Some(1), 1), "{text}{stderr}");
        assert!(stderr.starts_with("readyroom: ") && words.iter().all(|word| stderr.contains(word)), "{stderr}");
    }
    let missing = readyroom(folder.path(), &["--config", "missing.toml"], &[]);
    assert!(String::from_utf8(missing.stderr).unwrap().contains("missing.toml: No such file"));
    assert_eq!(readyroom(folder.path(), &["--listen", "nowhere"], &[]).status.code(), Some(2));
}
