//! The forum on a vector, closed and opened again: no canister is needed for what is not about
//! canisters.

use candid::Principal;
use graven::DefaultMemoryImpl;

use crate::{Event, Forum, Job, Settings, What};

fn who(number: u8) -> Principal {
    Principal::from_slice(&[number])
}

const MODERATOR: u8 = 1;

/// Returns a forum with two users, beside its memory.
fn forum() -> (DefaultMemoryImpl, Forum) {
    let memory = DefaultMemoryImpl::default();
    let mut forum = Forum::open(memory.clone()).unwrap();
    let settings = Settings { moderators: vec![who(MODERATOR)], events: 5, ..Settings::default() };
    forum.settings.set(&settings);
    forum.join(who(MODERATOR), "Mo".into(), 1).unwrap();
    forum.join(who(2), "Ada".into(), 2).unwrap();
    (memory, forum)
}

fn tags(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn posts_are_found_by_number_and_by_tag_after_an_upgrade() {
    let (memory, mut forum) = forum();
    for number in 0..300 {
        let tags = if number % 100 == 7 { "news rust" } else { "rust" };
        assert_eq!(forum.post(who(2), format!("post {number}"), self::tags(tags), 3), Ok(number));
    }
    drop(forum);
    let forum = Forum::open(memory).unwrap();
    let numbers = |posts: Vec<(u64, crate::Post)>| posts.into_iter().map(|post| post.0).collect::<Vec<_>>();
    assert_eq!(numbers(forum.latest(None, 3)), [299, 298, 297]);
    assert_eq!(numbers(forum.latest(Some(2), 3)), [1, 0]);
    assert_eq!(numbers(forum.tagged("news", 10)), [207, 107, 7]);
    assert_eq!(numbers(forum.tagged("rust", 2)), [299, 298]);
    assert!(forum.tagged("new", 10).is_empty(), "no prefix of a tag is the tag");
    assert_eq!(forum.tagged("news", 1)[0].1.text, "post 207");
    assert_eq!(forum.users.get(&who(2)).unwrap().posts, 300);
}

#[test]
fn replies_go_with_their_post() {
    let (memory, mut forum) = forum();
    let posts: Vec<u64> = (0..3).map(|_| forum.post(who(2), "?".into(), Vec::new(), 3).unwrap()).collect();
    for number in 0..200 {
        assert_eq!(forum.reply(who(1), posts[number % 2], number.to_string(), 4), Ok(number as u64 / 2));
    }
    assert!(forum.reply(who(1), 3, "!".into(), 4).is_err(), "there is no such post");
    drop(forum);
    let mut forum = Forum::open(memory).unwrap();
    let texts = |replies: Vec<crate::Reply>| replies.into_iter().map(|reply| reply.text).collect::<Vec<_>>();
    assert_eq!(texts(forum.replies(posts[0], 98, 9)), ["196", "198"]);
    assert_eq!(texts(forum.replies(posts[1], 0, 2)), ["1", "3"]);
    assert!(forum.replies(posts[2], 0, 9).is_empty() && forum.replies(posts[0], 500, 9).is_empty());
    forum.delete(who(MODERATOR), posts[0], 5).unwrap();
    assert!(forum.replies(posts[0], 0, 9).is_empty());
    assert_eq!(texts(forum.replies(posts[1], 99, 9)), ["199"]);
    forum.replies.verify().unwrap();
}

#[test]
fn members_go_with_their_group() {
    let (memory, mut forum) = forum();
    (3..120).for_each(|n| forum.join(who(n), n.to_string(), 3).unwrap());
    forum.found(who(2), "cats".into(), "Cats".into()).unwrap();
    assert!(forum.found(who(3), "cats".into(), "Dogs".into()).is_err(), "the name is taken");
    assert!(forum.found(who(200), "dogs".into(), "Dogs".into()).is_err(), "who is that?");
    (3..120).for_each(|n| assert_eq!(forum.enter(who(n), "cats"), Ok(true)));
    assert_eq!((forum.enter(who(3), "cats"), forum.leave(who(4), "cats")), (Ok(false), Ok(true)));
    assert!(forum.enter(who(3), "dogs").is_err(), "there are none");
    drop(forum);
    let mut forum = Forum::open(memory).unwrap();
    let (group, members) = forum.group("cats").unwrap();
    assert_eq!((group.founder, group.about.as_str(), members), (who(2), "Cats", 117));
    assert_eq!(forum.members("cats", None, 3), [who(2), who(3), who(5)]);
    assert_eq!(forum.members("cats", Some(who(5)), 2), [who(6), who(7)]);
    assert!(forum.dissolve(who(3), "cats").is_err(), "only founders and moderators may");
    forum.dissolve(who(2), "cats").unwrap();
    assert!(forum.group("cats").is_none() && forum.members("cats", None, 9).is_empty());
    forum.groups.verify().unwrap();
}

#[test]
fn who_writes_most_comes_first() {
    let (_, mut forum) = forum();
    (3..40).for_each(|n| forum.join(who(n), n.to_string(), 3).unwrap());
    for n in 2..40 {
        (0..n).for_each(|_| _ = forum.post(who(n), "x".into(), Vec::new(), 4).unwrap());
    }
    assert_eq!(forum.most_active(0, 2), [(who(39), 39), (who(38), 38)]);
    assert_eq!(forum.most_active(37, 9), [(who(2), 2), (who(1), 0)]);
    assert_eq!((forum.place(who(39)), forum.place(who(30)), forum.place(who(99))), (Some(0), Some(9), None));
    assert_eq!(forum.ranking.len(), forum.users.len());
}

#[test]
fn what_was_read_is_known() {
    let (_, mut forum) = forum();
    (0..10).for_each(|_| _ = forum.post(who(2), "x".into(), Vec::new(), 3));
    assert_eq!((forum.unread(who(1)), forum.read_to(who(1), 7), forum.unread(who(1))), (10, 3, 3));
    assert_eq!((forum.read_to(who(1), 99), forum.unread(who(9))), (0, 10));
}

#[test]
fn files_come_in_parts_and_go_with_their_posts() {
    let (_, mut forum) = forum();
    let post = forum.post(who(2), "look".into(), tags("pictures"), 3).unwrap();
    let file = forum.attach(who(2), post, "cat.jpg".into()).unwrap();
    assert_eq!(forum.upload(who(2), file, &[1; 900_000]), Ok(900_000));
    assert_eq!(forum.upload(who(2), file, &[2; 900_000]), Ok(1_800_000));
    assert_eq!(forum.download(file, 899_999, 2).unwrap(), [1, 2]);
    assert!(forum.upload(who(1), file, &[3]).is_err(), "it is somebody else's");
    assert!(forum.upload(who(2), file, &vec![0; 9_000_000]).is_err(), "it would be too large");
    assert!(forum.delete(who(2), post, 4).is_err(), "she is no moderator");
    forum.delete(who(MODERATOR), post, 4).unwrap();
    assert_eq!((forum.download(file, 0, 1), forum.attachments.get(file)), (None, None));
    assert!(forum.feed.get(post).unwrap().text.is_empty() && forum.tagged("pictures", 9).is_empty());
    let other = forum.attach(who(2), post, "dog.jpg".into()).unwrap();
    assert!(other > file, "no number is given twice");
}

#[test]
fn bans_end_in_the_order_of_their_ends() {
    let (_, mut forum) = forum();
    forum.ban(who(MODERATOR), who(2), 50, 10).unwrap();
    forum.ban(who(MODERATOR), who(3), 40, 11).unwrap();
    assert_eq!(forum.ban(who(MODERATOR), who(3), 90, 11), Err("that one is banned already".into()));
    assert_eq!(forum.post(who(2), "?".into(), Vec::new(), 20), Err("you are banned".into()));
    assert_eq!((forum.forgive(39), forum.forgive(40)), (0, 1));
    assert!(forum.banned.contains(&who(2)) && !forum.banned.contains(&who(3)));
    assert_eq!(forum.forgive(100), 1);
    assert!(forum.post(who(2), "!".into(), Vec::new(), 101).is_ok());
}

#[test]
fn jobs_are_done_once_and_events_keep_their_numbers() {
    let (_, mut forum) = forum();
    let post = forum.post(who(2), "one".into(), Vec::new(), 3).unwrap();
    let file = forum.attach(who(2), post, "a".into()).unwrap();
    let mut next = || forum.next_job(who(MODERATOR)).unwrap();
    assert_eq!([next(), next(), next()], [Some(Job::Announce(post)), Some(Job::Scan(file)), None]);
    (0..9).for_each(|n| _ = forum.post(who(2), n.to_string(), Vec::new(), 4));
    let events = forum.events(0, 100);
    assert_eq!(events.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [7, 8, 9, 10, 11]);
    assert_eq!(events[4].1, Event { time: 4, what: What::Posted(9) });
    assert_eq!(forum.events(11, 100).len(), 1);
}

#[test]
fn users_are_listed_page_by_page_while_others_join() {
    let (_, mut forum) = forum();
    let first = forum.users(None, 1).unwrap();
    assert_eq!(first.items[0].1.name, "Mo");
    forum.join(who(3), "Bob".into(), 5).unwrap();
    let rest = forum.users(first.next.as_ref(), 9).unwrap();
    assert_eq!(rest.items.iter().map(|(_, user)| user.name.as_str()).collect::<Vec<_>>(), ["Ada", "Bob"]);
    assert!(forum.join(who(3), "Bob".into(), 6).is_err() && forum.join(who(4), String::new(), 6).is_err());
    assert!(rest.next.is_none_or(|next| forum.users(Some(&next), 9).unwrap().items.is_empty()));
}
