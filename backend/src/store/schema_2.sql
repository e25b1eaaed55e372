-- Version 2 of the database: messages that change, mentions, and a log for each person.

-- `event.body` is the text of a message or of an edit, or the emoji of a reaction. A message or an edit without one was
-- erased. `event.target_seq` names the message that an event changes.
ALTER TABLE event ADD COLUMN mentions TEXT;
CREATE INDEX event_by_target ON event (room_id, target_seq) WHERE target_seq IS NOT NULL;
CREATE INDEX event_by_n ON event (room_id, n, sender_id) WHERE n IS NOT NULL;

-- The reactions that stand, each with the event that made it.
CREATE TABLE reaction (
    room_id INTEGER NOT NULL,
    target_seq INTEGER NOT NULL,
    emoji TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room_id, target_seq, emoji, user_id)
) WITHOUT ROWID;

-- The pins that stand, each with the event that made it.
CREATE TABLE pin (
    room_id INTEGER NOT NULL,
    target_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room_id, target_seq)
) WITHOUT ROWID;

-- Who is mentioned by which message, but for authors who mention themselves: for counting.
CREATE TABLE mention (
    user_id INTEGER NOT NULL,
    room_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, n)
) WITHOUT ROWID;
CREATE INDEX mention_by_message ON mention (room_id, n);

-- The name in lower case, to find who is mentioned.
ALTER TABLE user ADD COLUMN folded TEXT NOT NULL DEFAULT '';
CREATE INDEX user_by_folded ON user (folded);

-- A person's own log: only the newest entry for each room and kind is kept, with its number in that log.
ALTER TABLE user ADD COLUMN last_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN read_n INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN muted_seq INTEGER NOT NULL DEFAULT 0;
CREATE TABLE draft (
    user_id INTEGER NOT NULL,
    room_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id)
) WITHOUT ROWID;

-- What people read before is not known: nobody shall be told that all of it is new.
UPDATE member SET read_n = (SELECT last_n FROM room_head WHERE room_head.room_id = member.room_id);
