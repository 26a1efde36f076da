//! The methods that clients call. Each adds the caller and the time, then calls the forum.

use candid::{CandidType, Principal};
use graven::Cursor;
use ic_cdk::api::{msg_caller, time};

use crate::forum::Refused;
use crate::{Event, Forum, Group, Job, Post, Reply, Settings, User};

/// Entries in one reply: as many as always fit.
const MAX_ENTRIES: u32 = 100;

/// Bytes in one reply: less than the system allows.
const MAX_BYTES: u32 = 1_500_000;

/// Who installs the forum moderates it.
pub fn first_moderator() {
    let settings = Settings { moderators: vec![msg_caller()], ..Settings::default() };
    Forum::with_mut(|forum| forum.settings.set(&settings));
}

/// Some users, and the cursor to go on with.
#[derive(CandidType)]
struct Users {
    users: Vec<(Principal, User)>,
    next: Option<Vec<u8>>,
}

/// Begins to write here.
#[ic_cdk::update]
fn join(name: String) -> Result<(), Refused> {
    Forum::with_mut(|forum| forum.join(msg_caller(), name, time()))
}

/// Writes a post and returns its number.
#[ic_cdk::update]
fn post(text: String, tags: Vec<String>) -> Result<u64, Refused> {
    Forum::with_mut(|forum| forum.post(msg_caller(), text, tags, time()))
}

/// Replies to a post and returns the reply's number.
#[ic_cdk::update]
fn reply(post: u64, text: String) -> Result<u64, Refused> {
    Forum::with_mut(|forum| forum.reply(msg_caller(), post, text, time()))
}

/// Returns the replies to a post from a number on.
#[ic_cdk::query]
fn replies(post: u64, from: u64, limit: u32) -> Vec<Reply> {
    Forum::with(|forum| forum.replies(post, from, limit.min(MAX_ENTRIES) as usize))
}

/// Returns the posts before the one with a number, or the latest ones, backwards.
#[ic_cdk::query]
fn latest(before: Option<u64>, limit: u32) -> Vec<(u64, Post)> {
    Forum::with(|forum| forum.latest(before, limit.min(MAX_ENTRIES) as usize))
}

/// Returns the latest posts with a tag.
#[ic_cdk::query]
fn tagged(tag: String, limit: u32) -> Vec<(u64, Post)> {
    Forum::with(|forum| forum.tagged(&tag, limit.min(MAX_ENTRIES) as usize))
}

/// Users from a cursor on, or from the first one.
#[ic_cdk::query]
fn users(from: Option<Vec<u8>>, limit: u32) -> Result<Users, Refused> {
    let from = from.map(|bytes| Cursor::from_bytes(&bytes)).transpose().map_err(|error| error.to_string())?;
    let page = Forum::with(|forum| forum.users(from.as_ref(), limit.min(MAX_ENTRIES) as usize))?;
    Ok(Users { users: page.items, next: page.next.map(|cursor| cursor.to_bytes()) })
}

/// Users with their posts by how many these are, from a place on; the first place is 0.
#[ic_cdk::query]
fn most_active(from: u64, limit: u32) -> Vec<(Principal, u64)> {
    Forum::with(|forum| forum.most_active(from, limit.min(MAX_ENTRIES) as usize))
}

/// Returns the place of somebody in that list.
#[ic_cdk::query]
fn place(who: Principal) -> Option<u64> {
    Forum::with(|forum| forum.place(who))
}

/// Notes that the caller has read the posts before a number. Returns how many are left.
#[ic_cdk::update]
fn read_to(number: u64) -> u64 {
    Forum::with_mut(|forum| forum.read_to(msg_caller(), number))
}

/// Returns how many posts the caller has not read.
#[ic_cdk::query]
fn unread() -> u64 {
    Forum::with(|forum| forum.unread(msg_caller()))
}

/// Begins a file of a post of the caller. Returns the file's number.
#[ic_cdk::update]
fn attach(post: u64, name: String) -> Result<u64, Refused> {
    Forum::with_mut(|forum| forum.attach(msg_caller(), post, name))
}

/// Adds bytes to a file. Returns how many there are now.
#[ic_cdk::update]
fn upload(file: u64, bytes: Vec<u8>) -> Result<u64, Refused> {
    Forum::with_mut(|forum| forum.upload(msg_caller(), file, &bytes))
}

/// Returns a part of a file: fewer bytes at its end, nothing where there is no such file.
#[ic_cdk::query]
fn download(file: u64, offset: u64, len: u32) -> Option<Vec<u8>> {
    Forum::with(|forum| forum.download(file, offset, len.min(MAX_BYTES) as usize))
}

/// Takes the text, the files and the replies of a post away.
#[ic_cdk::update]
fn delete(post: u64) -> Result<(), Refused> {
    Forum::with_mut(|forum| forum.delete(msg_caller(), post, time()))
}

/// Bans somebody for so many seconds.
#[ic_cdk::update]
fn ban(who: Principal, seconds: u64) -> Result<(), Refused> {
    let until = time().saturating_add(seconds.saturating_mul(1_000_000_000));
    Forum::with_mut(|forum| forum.ban(msg_caller(), who, until, time()))
}

/// Ends some of the bans that are over. Returns how many.
#[ic_cdk::update]
fn forgive() -> u64 {
    Forum::with_mut(|forum| forum.forgive(time()) as u64)
}

/// Founds a group.
#[ic_cdk::update]
fn found(name: String, about: String) -> Result<(), Refused> {
    Forum::with_mut(|forum| forum.found(msg_caller(), name, about))
}

/// Makes the caller a member of a group. Returns `true` if the membership is new.
#[ic_cdk::update]
fn enter(group: String) -> Result<bool, Refused> {
    Forum::with_mut(|forum| forum.enter(msg_caller(), &group))
}

/// Leaves a group. Returns `true` if the caller was a member.
#[ic_cdk::update]
fn leave(group: String) -> Result<bool, Refused> {
    Forum::with_mut(|forum| forum.leave(msg_caller(), &group))
}

/// Returns a group and how many are in it.
#[ic_cdk::query]
fn group(name: String) -> Option<(Group, u64)> {
    Forum::with(|forum| forum.group(&name))
}

/// Members of a group behind one, or from the first one on.
#[ic_cdk::query]
fn members(group: String, behind: Option<Principal>, limit: u32) -> Vec<Principal> {
    Forum::with(|forum| forum.members(&group, behind, limit.min(MAX_ENTRIES) as usize))
}

/// Takes a group away, which its founder and moderators may do.
#[ic_cdk::update]
fn dissolve(group: String) -> Result<(), Refused> {
    Forum::with_mut(|forum| forum.dissolve(msg_caller(), &group))
}

/// Takes the next thing to do.
#[ic_cdk::update]
fn next_job() -> Result<Option<Job>, Refused> {
    Forum::with_mut(|forum| forum.next_job(msg_caller()))
}

/// Returns the kept events from a number on.
#[ic_cdk::query]
fn events(from: u64, limit: u32) -> Vec<(u64, Event)> {
    Forum::with(|forum| forum.events(from, limit.min(MAX_ENTRIES) as usize))
}

/// Changes the settings.
#[ic_cdk::update]
fn set(settings: Settings) -> Result<(), Refused> {
    Forum::with_mut(|forum| forum.set(msg_caller(), &settings))
}

#[cfg(test)]
mod tests {
    use super::*;

    candid::export_service!();

    #[test]
    fn the_interface_is_the_written_one() {
        let exported = __export_service();
        assert_eq!(exported.trim(), include_str!("../forum.did").trim(), "{exported}");
    }
}
