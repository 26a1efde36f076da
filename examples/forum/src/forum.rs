//! The forum's operations. Whatever can be refused is refused before the first write; should memory
//! end, an operation traps and the system undoes the message.

use std::ops::Bound;

use candid::Principal;
use graven::entry::Entry;
use graven::{Cursor, Page, Reverse};

use crate::{Attachment, Event, Forum, Group, Job, Post, Reply, Settings, User, What};

/// Why something is refused.
pub type Refused = String;

/// Bans that end in one message, at most.
const BANS_AT_ONCE: usize = 100;

fn refuse_unless(holds: bool, why: &str) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(why.into()) }
}

impl Forum {
    pub fn join(&mut self, who: Principal, name: String, now: u64) -> Result<(), Refused> {
        refuse_unless((1..=40).contains(&name.chars().count()), "a name has 1 to 40 characters")?;
        let Entry::Vacant(user) = self.users.entry(who) else { return Err("you are here already".into()) };
        user.insert(User { name, since: now, posts: 0 });
        self.ranking.insert((Reverse(0), who), ());
        self.note(now, What::Joined(who));
        Ok(())
    }

    /// Writes a post and gives its number.
    pub fn post(
        &mut self,
        who: Principal,
        text: String,
        tags: Vec<String>,
        now: u64,
    ) -> Result<u64, Refused> {
        self.may_write(who)?;
        let longest = self.settings.get_or_default().longest_post as usize;
        refuse_unless(text.chars().count() <= longest, "the post is too long")?;
        refuse_unless(
            tags.len() <= 5 && tags.iter().all(|tag| tag.len() <= 40),
            "too many or too long tags",
        )?;
        let number = self.feed.len();
        self.tags.extend(tags.iter().map(|tag| (tag.clone(), number)));
        self.feed.push(Post { author: who, time: now, text, tags, attachments: Vec::new() });
        let posts = self.users.get_field(&who, User::POSTS).unwrap_or(0);
        self.users.set_field(&who, User::POSTS, posts + 1);
        self.ranking.remove(&(Reverse(posts), who));
        self.ranking.insert((Reverse(posts + 1), who), ());
        self.jobs.push_back(Job::Announce(number));
        self.note(now, What::Posted(number));
        Ok(number)
    }

    /// Replies to a post and returns the reply's number.
    pub fn reply(&mut self, who: Principal, post: u64, text: String, now: u64) -> Result<u64, Refused> {
        self.may_write(who)?;
        let longest = self.settings.get_or_default().longest_post as usize;
        refuse_unless(text.chars().count() <= longest, "the reply is too long")?;
        refuse_unless(post < self.feed.len(), "there is no such post")?;
        let mut replies = self.replies.or_create(&post);
        replies.push(Reply { author: who, time: now, text });
        Ok(replies.len() - 1)
    }

    /// Returns the replies to a post from a number on.
    pub fn replies(&self, post: u64, from: u64, limit: usize) -> Vec<Reply> {
        let Some(replies) = self.replies.get(&post) else { return Vec::new() };
        replies.range(from.min(replies.len())..).take(limit).collect()
    }

    /// Returns the posts before the one with a number, or the latest ones, backwards.
    pub fn latest(&self, before: Option<u64>, limit: usize) -> Vec<(u64, Post)> {
        let end = before.unwrap_or(u64::MAX).min(self.feed.len());
        (0..end).rev().zip(self.feed.range(..end).rev()).take(limit).collect()
    }

    /// Returns the latest posts with a tag.
    pub fn tagged(&self, tag: &str, limit: usize) -> Vec<(u64, Post)> {
        let numbers = self.tags.prefix(&(tag.to_owned(),)).rev().map(|(_, number)| number);
        numbers.filter_map(|number| Some((number, self.feed.get(number)?))).take(limit).collect()
    }

    /// Returns all users, page by page. A cursor outlives messages and upgrades.
    pub fn users(&self, from: Option<&Cursor>, limit: usize) -> Result<Page<(Principal, User)>, Refused> {
        self.users.page(from, limit).map_err(|error| error.to_string())
    }

    /// Users with their posts by how many these are, from a place on; the first place is 0.
    pub fn most_active(&self, from: u64, limit: usize) -> Vec<(Principal, u64)> {
        let to = from.saturating_add(limit as u64);
        self.ranking.ranks(from..to).map(|((Reverse(posts), who), ())| (who, posts)).collect()
    }

    /// Returns the place of somebody in that list.
    pub fn place(&self, who: Principal) -> Option<u64> {
        let posts = self.users.get_field(&who, User::POSTS)?;
        self.ranking.position(&(Reverse(posts), who))
    }

    /// Notes that somebody has read the posts before a number, and gives how many are left.
    pub fn read_to(&mut self, who: Principal, number: u64) -> u64 {
        let number = number.min(self.feed.len());
        self.read.insert(who, number);
        self.unread(who)
    }

    pub fn unread(&self, who: Principal) -> u64 {
        self.feed.len() - self.read.get(&who).unwrap_or(0)
    }

    /// Begins a file of a post and gives its number.
    pub fn attach(&mut self, who: Principal, post: u64, name: String) -> Result<u64, Refused> {
        self.may_write(who)?;
        let mut to = self.feed.get(post).ok_or("there is no such post")?;
        refuse_unless(to.author == who, "the post is somebody else's")?;
        refuse_unless(to.attachments.len() < 10 && name.len() <= 100, "too many files, or too long a name")?;
        let file = self.attachments.insert(Attachment { post, name });
        self.files.put(&file, &[]);
        to.attachments.push(file);
        self.feed.set(post, to);
        self.jobs.push_back(Job::Scan(file));
        Ok(file)
    }

    /// Adds bytes to a file and gives how many there are now.
    pub fn upload(&mut self, who: Principal, file: u64, bytes: &[u8]) -> Result<u64, Refused> {
        self.may_write(who)?;
        let attachment = self.attachments.get(file).ok_or("there is no such file")?;
        let author = self.feed.get_field(attachment.post, Post::AUTHOR);
        refuse_unless(author == Some(who), "the file is somebody else's")?;
        let len = self.files.len(&file).unwrap_or(0) + bytes.len() as u64;
        refuse_unless(len <= self.settings.get_or_default().largest_file, "the file is too large")?;
        self.files.append(&file, bytes);
        Ok(len)
    }

    /// Returns a part of a file, wherever it is.
    pub fn download(&self, file: u64, offset: u64, len: usize) -> Option<Vec<u8>> {
        self.files.read(&file, offset, len)
    }

    /// Takes the text, the files and the replies of a post away; its number stays.
    pub fn delete(&mut self, moderator: Principal, post: u64, now: u64) -> Result<(), Refused> {
        self.may_moderate(moderator)?;
        let Post { author, time, tags, attachments, .. } =
            self.feed.get(post).ok_or("there is no such post")?;
        for file in attachments {
            self.attachments.remove(file);
            self.files.remove(&file);
        }
        tags.into_iter().for_each(|tag| _ = self.tags.remove(&(tag, post)));
        self.replies.remove(&post);
        let text = String::new();
        self.feed.set(post, Post { author, time, text, tags: Vec::new(), attachments: Vec::new() });
        self.note(now, What::Deleted(post));
        Ok(())
    }

    /// Lets somebody write nothing until then.
    pub fn ban(&mut self, moderator: Principal, who: Principal, until: u64, now: u64) -> Result<(), Refused> {
        self.may_moderate(moderator)?;
        refuse_unless(self.banned.insert(who), "that one is banned already")?;
        self.bans.push(Reverse((until, who)));
        self.note(now, What::Banned(who));
        Ok(())
    }

    /// Ends the bans that are over: a hundred at a time, for a message is not endless. Gives how
    /// many it were.
    pub fn forgive(&mut self, now: u64) -> usize {
        let mut forgiven = 0;
        while forgiven < BANS_AT_ONCE
            && let Some(Reverse((until, who))) = self.bans.peek()
            && until <= now
        {
            self.bans.pop();
            self.banned.remove(&who);
            self.note(now, What::Forgiven(who));
            forgiven += 1;
        }
        forgiven
    }

    /// Founds a group, whose first member is its founder.
    pub fn found(&mut self, who: Principal, name: String, about: String) -> Result<(), Refused> {
        self.may_write(who)?;
        refuse_unless((1..=40).contains(&name.chars().count()), "a name has 1 to 40 characters")?;
        refuse_unless(about.chars().count() <= 1_000, "that is too much about a group")?;
        refuse_unless(!self.groups.contains_key(&name), "there is such a group already")?;
        self.groups.insert(name.clone(), Group { founder: who, about });
        self.groups.items_mut(&name).ok_or("there is no such group")?.insert(who);
        Ok(())
    }

    /// Makes somebody a member of a group. Returns `true` if the membership is new.
    pub fn enter(&mut self, who: Principal, group: &str) -> Result<bool, Refused> {
        self.may_write(who)?;
        Ok(self.groups.items_mut(group).ok_or("there is no such group")?.insert(who))
    }

    /// Removes a member from a group. Returns `true` if there was such a member.
    pub fn leave(&mut self, who: Principal, group: &str) -> Result<bool, Refused> {
        Ok(self.groups.items_mut(group).ok_or("there is no such group")?.remove(&who))
    }

    /// Returns a group and how many are in it.
    pub fn group(&self, name: &str) -> Option<(Group, u64)> {
        self.groups.get_with_items(name).map(|(group, members)| (group, members.len()))
    }

    /// Members of a group behind one, or from the first one on.
    pub fn members(&self, group: &str, behind: Option<Principal>, limit: usize) -> Vec<Principal> {
        let Some(members) = self.groups.items(group) else { return Vec::new() };
        let start = behind.map_or(Bound::Unbounded, Bound::Excluded);
        members.range((start, Bound::Unbounded)).take(limit).collect()
    }

    /// Takes a group away with all that are in it; they stay users.
    pub fn dissolve(&mut self, who: Principal, group: &str) -> Result<(), Refused> {
        let founder = self.groups.get(group).ok_or("there is no such group")?.founder;
        if founder != who {
            self.may_moderate(who)?;
        }
        self.groups.remove(group);
        Ok(())
    }

    /// Removes and returns the next job.
    pub fn next_job(&mut self, moderator: Principal) -> Result<Option<Job>, Refused> {
        self.may_moderate(moderator)?;
        Ok(self.jobs.pop_front())
    }

    /// Events from a number on, as far as they are kept.
    pub fn events(&self, from: u64, limit: usize) -> Vec<(u64, Event)> {
        let first = from.max(self.events.numbers().start);
        (first..).zip(self.events.range(first..)).take(limit).collect()
    }

    pub fn set(&mut self, moderator: Principal, settings: &Settings) -> Result<(), Refused> {
        self.may_moderate(moderator)?;
        self.settings.set(settings);
        Ok(())
    }

    fn may_write(&self, who: Principal) -> Result<(), Refused> {
        refuse_unless(self.users.contains_key(&who), "join first")?;
        refuse_unless(!self.banned.contains(&who), "you are banned")
    }

    fn may_moderate(&self, who: Principal) -> Result<(), Refused> {
        let settings = self.settings.get_or_default();
        refuse_unless(settings.moderators.contains(&who), "only moderators may do that")
    }

    /// Appends an event, and lets the oldest ones go.
    fn note(&mut self, time: u64, what: What) {
        let number = self.events.append(Event { time, what });
        let kept = self.settings.get_field(Settings::EVENTS).unwrap_or(Settings::default().events);
        self.events.drop_before((number + 1).saturating_sub(kept));
    }
}
