//! Records for `breaking-v2`, some of which it cannot convert.

include!("../../breaking.rs");

#[derive(StableLayout)]
#[layout(version = 1)]
struct Text {
    text: String,
    is_broken: bool,
}

#[derive(StableLayout)]
#[layout(version = 1)]
struct Point {
    x: u32,
    is_broken: bool,
}

#[derive(StableLayout, Table)]
#[layout(version = 1)]
struct Row {
    #[table(key)]
    id: u64,
    note: Text,
}

graven::canister!(Breaking);

/// Writes `count` records to a collection. Those with these numbers are broken, and their texts
/// have this length.
#[ic_cdk::update]
fn fill(collection: String, count: u64, broken: Vec<u64>, len: u64) {
    for number in 0..count {
        let is_broken = broken.contains(&number);
        let text = if is_broken { "b".repeat(len as usize) } else { format!("text {number}") };
        Breaking::with_mut(|store| {
            store.put(&collection, number, Text { text, is_broken }, Point { x: number as u32, is_broken });
        });
    }
}

impl Breaking {
    fn put(&mut self, collection: &str, number: u64, text: Text, point: Point) {
        match collection {
            "texts" => _ = self.texts.insert(number, text),
            "points" => _ = self.points.insert((1, format!("point {number:04}")), point),
            "hashed" => _ = self.hashed.insert(format!("key {number}"), text),
            "buckets" => _ = self.buckets.insert(number, point),
            "array" => self.array.push(point),
            "lines" => self.lines.push_back(text),
            "log" => {
                if number == 0 {
                    (0..5).for_each(|x| _ = self.log.append(Point { x, is_broken: false }));
                    self.log.drop_before(5);
                }
                self.log.append(point);
            }
            "slab" => _ = self.slab.insert(text),
            "cell" => self.cell.set(text),
            "ranked" => _ = self.ranked.insert(number, text),
            "nested" => _ = self.nested.or_create(&((number % 3) as u8)).insert(number, text),
            "lists" => self.lists.or_create(&((number % 3) as u8)).push_back(point),
            "records" => _ = self.records.insert(number, text),
            "items" => {
                if number == 0 {
                    self.records.insert(9, Text { text: "nine".into(), is_broken: false });
                }
                self.records.items_mut(&9).unwrap().push_back(text);
            }
            "rows" => {
                let row = Row { id: number, note: text };
                self.rows.insert(row).unwrap_or_else(|error| panic!("{error}"));
            }
            other => panic!("{other}"),
        }
    }
}

ic_cdk::export_candid!();
