-- Version 3 of the database: the log takes fewer pages. Each page that a commit changes is written as a whole, first to
-- the write-ahead log and later to the file, so what is written together stands together.

-- The rows of `event` stand in the order they were written, whatever their room. That keeps them in place for ever: what
-- SQLite moves from page to page it does not overwrite where it was, and an erased text would stay there.
--
-- The table is written anew because the index behind a UNIQUE within it cannot be dropped. `(room_id, seq)` is unique
-- because `room_head` counts.
CREATE TABLE event_3 (
    id INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    sender_id INTEGER NOT NULL,
    client_id BLOB NOT NULL,
    n INTEGER,
    target_seq INTEGER,
    sent_at INTEGER NOT NULL,
    body TEXT,
    mentions TEXT
);
INSERT INTO event_3 (id, room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions)
SELECT id, room_id, seq, kind, sender_id, client_id, n, target_seq, sent_at, body, mentions FROM event ORDER BY id;
DROP TABLE event;
ALTER TABLE event_3 RENAME TO event;

-- The pages of a room, and who wrote which message, without a look at the table.
CREATE INDEX event_by_place ON event (room_id, seq, n, sender_id);
-- The `client_id` first: it begins with a time, so that all rooms write to the same page.
CREATE UNIQUE INDEX event_by_client_id ON event (client_id, sender_id, room_id);
CREATE INDEX event_by_target ON event (room_id, target_seq) WHERE target_seq IS NOT NULL;

-- Every 32nd event of a room, with the number of messages up to it: where to begin looking for the message of a number.
CREATE TABLE milestone (
    room_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room_id, n, seq)
) WITHOUT ROWID;
INSERT INTO milestone (room_id, n, seq)
SELECT room_id, messages, seq FROM (
    SELECT room_id, seq, ifnull(max(n) OVER (PARTITION BY room_id ORDER BY seq), 0) AS messages FROM event
) WHERE seq % 32 = 0;

-- The event by which somebody last left a room.
CREATE TABLE departure (
    room_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
INSERT INTO departure (room_id, user_id, seq)
SELECT room_id, sender_id, max(seq) FROM event WHERE kind = 3 GROUP BY room_id, sender_id;
