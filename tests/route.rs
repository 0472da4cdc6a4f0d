//! The engine in a pipe: events in, decisions out.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

mod support {
    pub(crate) mod binary;
}

use support::binary::{place, routelab};

/// Three agents of a list and one beside it.
const SETUP: &str = r#"
format = 1
name = "case"
[run]
starts = "2026-03-02"
lasts = "1d"
time_zone = "UTC"
[[team]]
name = "sales"
agents = ["ana", "ben", "eve"]
[[agent]]
name = "ana"
[[agent]]
name = "ben"
[[agent]]
name = "eve"
[[agent]]
name = "zoe"
[[chatflow]]
name = "web"
route_to = ["team:sales"]
"#;

const HEADER: &str = "at,conversation,event,outcome,agent,reason,eligible";

/// What `route` prints for a setup with more settings of the chatflow and for events, without the
/// header; the exit code and what it says on stderr.
fn route(settings: &str, events: &str) -> (Vec<String>, i32, String) {
    let work = place();
    fs::write(work.path().join("setup.toml"), format!("{SETUP}{settings}")).expect("written");
    fs::write(work.path().join("events.csv"), events).expect("written");
    let output = routelab()
        .current_dir(work.path())
        .args(["route", "setup.toml", "events.csv"])
        .output()
        .expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines = text.lines().map(str::to_owned);
    if let Some(header) = lines.next() {
        assert_eq!(header, HEADER);
    }
    let code = output.status.code().expect("it ended by itself");
    (lines.collect(), code, String::from_utf8_lossy(&output.stderr).into_owned())
}

#[track_caller]
fn decides(settings: &str, events: &str, expected: &[&str]) {
    let (lines, code, stderr) = route(settings, events);
    assert_eq!(
        (lines.as_slice(), code),
        (&*expected.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>(), 0),
        "{stderr}"
    );
}

#[test]
fn the_ring_passes_by_who_is_not_there_and_a_reply_stays() {
    decides(
        "",
        "at,event,agent,conversation\n\
         1,message,,c1\n\
         2,disconnect,ben,\n\
         3,message,,c2\n\
         4,message,,c1\n\
         5,connect,ben,\n\
         6,message,,c3\n\
         7,message,,c4\n",
        &[
            "1,c1,message,assigned,ana,rotation,3",
            "3,c2,message,assigned,eve,rotation,2",
            "4,c1,message,kept,ana,reply,2",
            "6,c3,message,assigned,ana,rotation,3",
            "7,c4,message,assigned,ben,rotation,3",
        ],
    );
}

#[test]
fn owners_greetings_and_leads_are_answered() {
    decides(
        "route_to_owner = true\n",
        "at,event,agent,conversation,contact,owner,tracked,leaves_email\n\
         1,load,,,k1,zoe,true,\n\
         2,message,,c1,k1,zoe,true,\n\
         3,away,zoe,,,,,\n\
         4,message,,c2,k2,zoe,,\n\
         5,message,,c3,k3,zoe,false,\n\
         6,away,ana,,,,,\n\
         6,away,ben,,,,,\n\
         6,away,eve,,,,,\n\
         7,message,,c4,,,,true\n\
         8,message,,c5,,,,false\n\
         9,load,,,,,,\n",
        &[
            "1,,load,greeted,zoe,,3",
            "2,c1,message,assigned,zoe,owner,3",
            "4,c2,message,emailed,zoe,owner_offline,3",
            "5,c3,message,assigned,ana,untracked,3",
            "7,c4,message,emailed,ana,nobody_online,0",
            "8,c5,message,lost,,nobody_online,0",
            "9,,load,greeted,,,0",
        ],
    );
}

#[test]
fn one_visitor_has_one_open_conversation_and_the_row_carries_its_name() {
    decides(
        "",
        "at,event,conversation,visitor\n\
         1,message,c1,kim\n\
         2,message,c2,kim\n\
         3,close,c1,\n\
         4,message,c2,kim\n",
        &[
            "1,c1,message,assigned,ana,rotation,3",
            "2,c1,message,kept,ana,joined,3",
            "4,c2,message,assigned,ben,rotation,3",
        ],
    );
}

#[test]
fn what_waits_is_released_by_whatever_makes_room() {
    decides(
        "nobody_online = \"queue\"\n",
        "at,event,agent,conversation\n\
         1,away,ana,\n\
         1,away,ben,\n\
         1,away,eve,\n\
         2,message,,c1\n\
         3,message,,c2\n\
         4,back,eve,\n",
        &[
            "2,c1,message,queued,,nobody_online,0",
            "3,c2,message,queued,,nobody_online,0",
            "4,c1,back,assigned,eve,queue,1",
            "4,c2,back,assigned,eve,queue,1",
        ],
    );
}

#[test]
fn a_full_team_makes_visitors_wait_until_somebody_closes() {
    decides(
        "",
        "at,event,agent,conversation,value\n\
         0,capacity,ana,,1\n\
         0,capacity,ben,,1\n\
         0,capacity,eve,,1\n\
         1,message,,c1,\n\
         2,message,,c2,\n\
         3,message,,c3,\n\
         4,message,,c4,\n\
         5,close,,c2,\n",
        &[
            "1,c1,message,assigned,ana,rotation,3",
            "2,c2,message,assigned,ben,rotation,2",
            "3,c3,message,assigned,eve,rotation,1",
            "4,c4,message,queued,,all_at_capacity,0",
            "5,c4,close,assigned,ben,queue,1",
        ],
    );
}

#[test]
fn a_closed_conversation_comes_back_to_the_same_agent() {
    decides(
        "",
        "at,event,conversation\n1,message,c1\n2,close,c1\n3,message,c2\n4,message,c1\n",
        &[
            "1,c1,message,assigned,ana,rotation,3",
            "3,c2,message,assigned,ben,rotation,3",
            "4,c1,message,assigned,ana,reopened,3",
        ],
    );
}

#[test]
fn office_hours_of_the_setup_apply_to_dates_and_not_to_numbers() {
    let hours = "[[chatflow]]\nname = \"day\"\nroute_to = [\"agent:dan\"]\n\
                 [[agent]]\nname = \"dan\"\noffice_hours = { mon-fri = \"09:00-17:00\" }\n";
    decides(
        hours,
        "at,event,chatflow,conversation\n\
         2026-03-02T08:59:59Z,message,day,c1\n\
         2026-03-02T09:00:00Z,message,day,c2\n\
         2026-03-02T17:00:00Z,message,day,c2\n",
        &[
            "2026-03-02T08:59:59Z,c1,message,emailed,dan,nobody_online,0",
            "2026-03-02T09:00:00Z,c2,message,assigned,dan,rotation,1",
            "2026-03-02T17:00:00Z,c2,message,kept,dan,reply_out_of_hours,0",
        ],
    );
    decides(
        hours,
        "at,event,chatflow,conversation\n1,message,day,c1\n",
        &["1,c1,message,assigned,dan,rotation,1"],
    );
}

#[test]
fn lots_come_with_the_message_or_from_the_number_of_the_row() {
    let events = "at,event,conversation,value\n1,message,c1,0.99\n2,message,c2,0\n3,message,c3,\n";
    let (first, code, _) = route("rotation = \"random\"\n", events);
    assert_eq!(code, 0);
    assert_eq!(
        first[..2],
        ["1,c1,message,assigned,eve,rotation,3", "2,c2,message,assigned,ana,rotation,3"]
    );
    assert_eq!(first, route("rotation = \"random\"\n", events).0);
}

#[test]
fn a_bad_row_is_told_with_its_line_and_what_was_decided_before_is_kept() {
    for (row, message) in [
        ("2,message,nobody,c2,", "the setup has no agent"),
        ("0,message,,c2,", "is before the row above it"),
        ("soon,message,,c2,", "is neither a number of seconds nor a time"),
        ("2026-03-02T09:00:00Z,message,,c2,", "all numbers of seconds or all date-times"),
        ("2,dance,,c2,", "there is no event `dance`"),
        ("2,away,,,", "this event needs an agent"),
        ("2,message,,,", "a message needs a conversation"),
        ("2,message,,c2,7", "from 0 to below 1"),
        ("2,message", "another number of columns"),
    ] {
        let row = row.replace("message,nobody", "away,nobody");
        let events = format!("at,event,agent,conversation,value\n1,message,,c1,\n{row}\n");
        let (lines, code, stderr) = route("", &events);
        assert_eq!(code, 65, "{row}: {stderr}");
        assert_eq!(lines, ["1,c1,message,assigned,ana,rotation,3"], "{row}");
        assert!(stderr.contains(message) && stderr.contains("events.csv:3"), "{row}: {stderr}");
    }
}

#[test]
fn missing_files_are_told_with_66() {
    let work = place();
    fs::write(work.path().join("setup.toml"), SETUP).expect("written");
    for arguments in [["route", "none.toml", "e.csv"], ["route", "setup.toml", "none.csv"]] {
        routelab().current_dir(work.path()).args(arguments).assert().code(66);
    }
}

#[test]
fn another_program_can_use_the_engine_line_by_line() {
    let work = place();
    let setup = work.path().join("setup.toml");
    fs::write(&setup, SETUP).expect("written");
    let mut child = Command::new(env!("CARGO_BIN_EXE_routelab"))
        .args(["route", setup.to_str().expect("UTF-8"), "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut questions = child.stdin.take().expect("a pipe");
    let mut answers = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut line = String::new();
    writeln!(questions, "at,event,conversation").expect("it listens");
    answers.read_line(&mut line).expect("it answers");
    assert_eq!(line.trim_end(), HEADER);
    for (number, agent) in [(1, "ana"), (2, "ben"), (3, "eve"), (4, "ana")] {
        writeln!(questions, "{number},message,c{number}").expect("it listens");
        line.clear();
        // The answer comes before anything more is asked.
        answers.read_line(&mut line).expect("it answers");
        assert_eq!(
            line.trim_end(),
            format!("{number},c{number},message,assigned,{agent},rotation,3")
        );
    }
    drop(questions);
    assert!(child.wait().expect("it ends").success());
}
