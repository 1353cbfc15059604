//! client COMMAND [ARGS-JSON [SOCKET]]: sends one request to a uds server and prints what comes back.
//!
//! Exit status: 0 OK, 2 ERROR, 76 no final response (the outcome is unknown), 1 anything else.

use std::collections::HashMap;
use std::env;
use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::time::Duration;

const SILENCE: Duration = Duration::from_secs(30); // the longest wait for a byte

/// `text` as a JSON string.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\0'..='\x1f' => quoted.push_str(&format!("\\u{:04x}", c as u32)),
            _ => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The text of a JSON string.
fn unquote(json: &str) -> String {
    let mut utf16 = Vec::new();
    let mut chars = json[1..json.len() - 1].chars();
    while let Some(c) = chars.next() {
        let escape = if c == '\\' { chars.next() } else { None };
        let c = match escape {
            None => c,
            Some('b') => '\x08',
            Some('f') => '\x0c',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                utf16.push(u16::from_str_radix(&digits, 16).unwrap_or(0xfffd));
                continue;
            }
            Some(other) => other,
        };
        utf16.extend_from_slice(c.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&utf16)
}

/// The members of a JSON object, each value as it is written. None if the object is cut off.
fn members(object: &str) -> Option<HashMap<&str, &str>> {
    let body = object.trim().strip_prefix('{')?.strip_suffix('}')?;
    let (mut found, mut key, mut start, mut depth) = (HashMap::new(), "", 0, 0);
    let (mut in_string, mut escaped) = (false, false);
    for (at, c) in body.char_indices() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => in_string = true,
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth == 0 => {
                key = body[start..at].trim().trim_matches('"');
                start = at + 1;
            }
            ',' if depth == 0 => {
                found.insert(key, body[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    found.insert(key, body[start..].trim());
    (depth == 0 && !in_string).then_some(found)
}

/// The text of a member that is a string; empty if there is none.
fn text(members: &HashMap<&str, &str>, name: &str) -> String {
    members
        .get(name)
        .map_or_else(String::new, |json| unquote(json))
}

fn main() -> io::Result<ExitCode> {
    let words: Vec<String> = env::args().skip(1).collect();
    let args = words.get(1).map_or("{}", |json| json);
    if !(1..=3).contains(&words.len()) || members(args).is_none() {
        eprintln!("usage: client COMMAND [ARGS-JSON [SOCKET]]");
        return Ok(ExitCode::from(1));
    }
    let path = match words.get(2) {
        Some(path) => path.clone(),
        None => env::var("UDS_SOCKET").unwrap_or_else(|_| "/run/uds/uds.sock".to_string()),
    };
    let command = quote(&words[0]);
    let request = format!("{{\"id\":1,\"cmd\":{command},\"args\":{args}}}\n");

    let stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    // If it fails, what the server said before it closed can still be read.
    let _ = (&stream).write_all(request.as_bytes());
    let mut line = Vec::new();
    for byte in BufReader::new(&stream).bytes().map_while(Result::ok) {
        // A refusal from before the request was read ends with NUL.
        if byte != b'\n' && byte != b'\0' {
            line.push(byte);
            continue;
        }
        let json = String::from_utf8_lossy(&line).into_owned();
        line.clear();
        let response = match members(&json) {
            Some(response) => response,
            None => break, // this is no response
        };
        if !["1", "null"].contains(&response["id"]) {
            continue;
        }
        match response["status"] {
            "\"PROCESSING\"" => println!("{}", text(&response, "message")),
            "\"OK\"" => {
                match response.get("data") {
                    Some(json) => println!("{json}"),
                    None => println!("{}", text(&response, "message")),
                }
                return Ok(ExitCode::SUCCESS);
            }
            _ => {
                let code = text(&members(response["error"]).unwrap_or_default(), "code");
                eprintln!("{code}: {}", text(&response, "message"));
                return Ok(ExitCode::from(2));
            }
        }
    }
    eprintln!("client: no final response, the outcome is unknown");
    Ok(ExitCode::from(76))
}
