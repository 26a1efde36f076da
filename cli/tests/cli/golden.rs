//! `dump` of the golden images says what their listings say.

use std::path::Path;

use candid::Principal;
use serde_json::Value;

use crate::images;
use crate::support::Folder;

const IMAGES: [&str; 9] =
    ["everything", "hashes", "nested", "queues", "ranked", "records", "sequences", "sets", "tables"];

#[test]
fn every_entry_is_that_of_the_listing() {
    for name in IMAGES {
        let folder = Folder::new();
        folder.write("memory.bin", &images::golden(name));
        let listing: Value = serde_json::from_str(&images::listing(name)).unwrap();
        for root in listing["roots"].as_array().unwrap() {
            let said = folder.run(&["dump", "memory.bin", root["name"].as_str().unwrap()]);
            assert_eq!(said.code, 0, "{name}, {}: {}", root["name"], said.err);
            let lines = said.out.lines().map(|line| serde_json::from_str(line).unwrap());
            compare(root, &lines.collect::<Vec<Value>>(), &format!("{name}, {}", root["name"]));
        }
    }
}

/// Old values are shown as they are stored.
#[test]
fn every_version_is_shown_as_it_is_stored() {
    let folder = Folder::new();
    folder.write("memory.bin", &images::golden("versions"));
    let listing: Value = serde_json::from_str(&images::listing("versions")).unwrap();
    for root in listing["roots"].as_array().unwrap() {
        let said = folder.run(&["dump", "memory.bin", root["name"].as_str().unwrap(), "--versions"]);
        assert_eq!(said.code, 0, "{}: {}", root["name"], said.err);
        let lines: Vec<Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(lines.iter().all(|line| line["layout"].is_string()), "{}", said.out);
        compare(root, &lines, &root["name"].to_string());
    }
}

/// Compares the entries of a root with the lines of its dump.
fn compare(root: &Value, lines: &[Value], name: &str) {
    let expected = expected(root);
    assert_eq!(expected.len(), lines.len(), "{name}");
    let is_hashed = matches!(root["collection"].as_str(), Some("HashMap" | "HashSet"));
    for (at, (parts, line)) in expected.iter().zip(lines).enumerate() {
        // Listings are in the order of keys, dumps in that of buckets.
        if is_hashed {
            let has = |line: &Value| parts.iter().all(|(part, value)| is_same(value, &line[part]));
            assert!(lines.iter().any(has), "{name}: {parts:?}");
            continue;
        }
        for (part, value) in parts {
            assert!(is_same(value, &line[part]), "{name}, entry {at}, {part}: {value} and {}", line[part]);
        }
    }
}

type Parts = Vec<(&'static str, Value)>;

/// Returns the parts of the entries of a listing that a dump has, too, in its order.
fn expected(root: &Value) -> Vec<Parts> {
    let list = |name: &str| root[name].as_array().cloned().unwrap_or_default();
    let pairs = |first, second| {
        list("entries")
            .into_iter()
            .map(move |entry| vec![(first, entry[0].clone()), (second, entry[1].clone())])
    };
    let kind = root["collection"].as_str().unwrap();
    let mut rows: Vec<Parts> = match kind {
        "Cell" => {
            root["value"].as_array().into_iter().flatten().map(|v| vec![("value", v.clone())]).collect()
        }
        "BTreeMap" | "RankedMap" | "HashMap" | "Table" => pairs("key", "value").collect(),
        "BTreeSet" | "HashSet" => list("elements").into_iter().map(|key| vec![("key", key)]).collect(),
        "Vec" | "Deque" | "Log" => list("values").into_iter().map(|value| vec![("value", value)]).collect(),
        "PriorityQueue" => pairs("value", "handle").collect(),
        "Slab" => pairs("id", "value").collect(),
        "Index" | "UniqueIndex" => pairs("value", "row").map(with_included).collect(),
        "Blobs" => list("chunks")
            .iter()
            .map(|chunk| vec![("key", chunk[0].clone()), ("offset", chunk[1].clone())])
            .collect(),
        kind => list("collections").iter().flat_map(|collection| nested(kind, collection)).collect(),
    };
    if kind == "Log" {
        let first: u64 = root["first"].as_str().unwrap().parse().unwrap();
        rows.iter_mut().zip(first..).for_each(|(row, number)| row.push(("number", number.into())));
    }
    rows
}

/// Splits the row of an entry from the fields that its index includes.
fn with_included(mut entry: Parts) -> Parts {
    if let [_, (_, row)] = &mut entry[..]
        && let Value::Array(parts) = row
        && let [_, Value::Object(_)] = &parts[..]
    {
        let included = parts.remove(1);
        *row = parts.remove(0);
        entry.push(("included", included));
    }
    entry
}

fn nested(kind: &str, collection: &Value) -> Vec<Parts> {
    let key = ("key", collection[0].clone());
    let mut rows = Vec::new();
    let items = match kind.starts_with("Records") {
        true => {
            rows.push(vec![key.clone(), ("record", collection[1].clone())]);
            &collection[2]
        }
        false => &collection[1],
    };
    for (index, item) in items.as_array().unwrap().iter().enumerate() {
        rows.push(match kind.trim_start_matches("Nested").trim_start_matches("Records") {
            "Map" => vec![key.clone(), ("item", item[0].clone()), ("value", item[1].clone())],
            "Set" => vec![key.clone(), ("item", item.clone())],
            _ => vec![key.clone(), ("index", index.into()), ("value", item.clone())],
        });
    }
    rows
}

/// Compares a value in the form of the listings with one in that of `dump`.
fn is_same(listed: &Value, dumped: &Value) -> bool {
    match (listed, dumped) {
        (Value::Null, Value::Null) => true,
        (Value::String(listed), Value::Number(number)) => {
            *listed == number.to_string() || is_float(listed, number.as_f64().unwrap())
        }
        (Value::String(listed), Value::String(dumped)) => {
            listed == dumped
                || dumped.strip_prefix("0x") == Some(listed.as_str())
                || is_principal(listed, dumped)
                || is_big(listed, dumped)
                || dumped.parse().is_ok_and(|float| is_float(listed, float))
        }
        (Value::Object(listed), dumped) => is_same_object(listed, dumped),
        (Value::Array(listed), Value::Array(dumped)) if listed.len() == dumped.len() => {
            // A list in an option is in another list.
            listed.iter().zip(dumped).all(|(listed, dumped)| is_same(listed, dumped))
                || matches!(&listed[..], [listed] if is_same(listed, &Value::Array(dumped.clone())))
        }
        (Value::Array(listed), dumped) => matches!(&listed[..], [listed] if is_same(listed, dumped)),
        (listed, dumped) => listed == dumped,
    }
}

fn is_same_object(listed: &serde_json::Map<String, Value>, dumped: &Value) -> bool {
    let is_tuple = listed.keys().zip(0..).all(|(name, number)| *name == number.to_string());
    match dumped {
        // A variant without fields.
        Value::String(name) if listed.get(name) == Some(&serde_json::json!({})) => true,
        Value::Array(values) if is_tuple && values.len() == listed.len() => {
            listed.values().zip(values).all(|(listed, dumped)| is_same(listed, dumped))
        }
        Value::Array(values) if listed.contains_key("secs") => {
            is_same(&listed["secs"], &values[0]) && is_same(&listed["nanos"], &values[1])
        }
        Value::Object(values)
            if values.len() == listed.len() && listed.keys().all(|name| values.contains_key(name)) =>
        {
            listed.iter().all(|(name, listed)| is_same(listed, &values[name]))
        }
        dumped if is_tuple && listed.len() == 1 => is_same(&listed["0"], dumped),
        _ => false,
    }
}

/// Floats are listed by their bits.
fn is_float(listed: &str, dumped: f64) -> bool {
    let same = |listed: f64| listed.to_bits() == dumped.to_bits() || listed.is_nan() && dumped.is_nan();
    match listed.len() {
        8 => u32::from_str_radix(listed, 16).is_ok_and(|bits| same(f32::from_bits(bits).into())),
        16 => u64::from_str_radix(listed, 16).is_ok_and(|bits| same(f64::from_bits(bits))),
        _ => false,
    }
}

/// Principals are listed by their bytes.
fn is_principal(listed: &str, dumped: &str) -> bool {
    Principal::from_text(dumped).is_ok_and(|principal| {
        let bytes = principal.as_slice().iter().map(|byte| format!("{byte:02x}"));
        bytes.collect::<String>() == listed
    })
}

/// Numbers of any size are listed by their bytes, the lowest first.
fn is_big(listed: &str, dumped: &str) -> bool {
    let (is_negative, digits) = match dumped.strip_prefix("-0x") {
        Some(digits) => (true, digits),
        None => (false, dumped.trim_start_matches("0x")),
    };
    let Ok(magnitude) = i128::from_str_radix(digits, 16) else { return false };
    let number = if is_negative { -magnitude } else { magnitude };
    let bytes = number.to_le_bytes().map(|byte| format!("{byte:02x}")).concat();
    let rest = bytes.strip_prefix(listed);
    rest.is_some_and(|rest| rest.chars().all(|digit| digit == if is_negative { 'f' } else { '0' }))
}

/// The listings of images and the images are in one folder.
#[test]
fn all_images_are_compared() {
    let mut names: Vec<String> = std::fs::read_dir(Path::new(images::FOLDER))
        .unwrap()
        .filter_map(|file| file.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".image").map(str::to_owned))
        .collect();
    names.sort();
    let mut known: Vec<&str> = IMAGES.into_iter().chain(["versions"]).collect();
    known.sort_unstable();
    assert_eq!(names, known);
}
