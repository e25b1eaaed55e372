-- Version 4 of the database: accounts, rooms that are not for everybody, answers.

-- What somebody may do: 0 guest, 1 bot, 2 member, 3 admin, 4 owner, 9 the server itself.
ALTER TABLE user ADD COLUMN role INTEGER NOT NULL DEFAULT 0;
UPDATE user SET role = 9 WHERE kind = 'system';
ALTER TABLE user DROP COLUMN kind;
ALTER TABLE user ADD COLUMN status TEXT NOT NULL DEFAULT '';
ALTER TABLE user ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
-- The name as far as people can tell it from others (Unicode UTS #39).
ALTER TABLE user ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
CREATE INDEX user_by_skeleton ON user (skeleton);

-- How somebody signs in; guests have no row. `password` is a PHC string. `second_step` is the last time step of the second
-- factor that was used, so that no code counts twice.
CREATE TABLE account (
    user_id INTEGER PRIMARY KEY REFERENCES user (id),
    login TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    second_secret BLOB,
    second_on INTEGER NOT NULL DEFAULT 0,
    second_step INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
);

-- Codes that replace the second factor, as digests; a used one is gone.
CREATE TABLE recovery (
    user_id INTEGER NOT NULL REFERENCES user (id),
    digest BLOB NOT NULL,
    PRIMARY KEY (user_id, digest)
) WITHOUT ROWID;

-- Where people are signed in. The token is in the browser; here is its digest.
CREATE TABLE session (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES user (id),
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    agent TEXT NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);

CREATE TABLE invite (
    id INTEGER PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    by_id INTEGER NOT NULL REFERENCES user (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);

-- 0 public, 1 private, 2 direct. The name of a direct room is `direct:` and the numbers of its people, rising, with `:`
-- between: no room that has a name can have that one.
ALTER TABLE room ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
UPDATE room SET kind = 1 WHERE NOT public;
ALTER TABLE room DROP COLUMN public;
ALTER TABLE room ADD COLUMN topic TEXT NOT NULL DEFAULT '';
ALTER TABLE room ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN announcements INTEGER NOT NULL DEFAULT 0;
ALTER TABLE room ADD COLUMN skeleton TEXT NOT NULL DEFAULT '';
CREATE INDEX room_by_skeleton ON room (skeleton);

-- 0 member, 1 moderator.
ALTER TABLE member ADD COLUMN role INTEGER NOT NULL DEFAULT 0;
UPDATE member SET role = 1 WHERE user_id = (SELECT created_by FROM room WHERE room.id = member.room_id);
-- Which messages a member is told of: 0 all, 1 mentions, 2 nothing.
ALTER TABLE member ADD COLUMN notify INTEGER NOT NULL DEFAULT 1;
ALTER TABLE member ADD COLUMN notify_seq INTEGER NOT NULL DEFAULT 0;

-- 0 everybody in the room, 1 everybody who was there.
ALTER TABLE event ADD COLUMN everyone INTEGER;
-- The message that this one answers, and the one that the chain of answers began with.
ALTER TABLE event ADD COLUMN reply_seq INTEGER;
ALTER TABLE event ADD COLUMN root_seq INTEGER;
CREATE INDEX event_by_root ON event (room_id, root_seq, seq) WHERE root_seq IS NOT NULL;
-- Whom it is about: who was brought in, removed, appointed.
ALTER TABLE event ADD COLUMN subject_id INTEGER;
-- The events that made a room what it is, newest last: what is so already is answered with the one that made it so.
CREATE INDEX event_by_act ON event (room_id, kind, subject_id, seq) WHERE kind >= 10;
-- Whom somebody has called lately: there is a bound.
CREATE INDEX event_by_call ON event (sender_id, sent_at) WHERE everyone IS NOT NULL;

-- Commands that asked for what was so already, with the event that they were answered with.
CREATE TABLE settled (
    client_id BLOB NOT NULL,
    sender_id INTEGER NOT NULL,
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (client_id, sender_id, room_id)
) WITHOUT ROWID;
