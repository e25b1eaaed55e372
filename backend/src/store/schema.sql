-- Version 1 of the database.
--
-- One log for each room: every durable change to a room is a row of `event`, numbered by `room_head.last_seq` in the
-- transaction that inserts it. Nothing is ordered by time.

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('system', 'guest')),
    created_at INTEGER NOT NULL
);

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    public INTEGER NOT NULL,
    created_by INTEGER NOT NULL REFERENCES user (id),
    created_cid BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (created_by, created_cid)
);

-- Apart from `room` and narrow, because every event writes it.
CREATE TABLE room_head (
    room_id INTEGER PRIMARY KEY REFERENCES room (id),
    last_seq INTEGER NOT NULL,
    last_n INTEGER NOT NULL,
    members INTEGER NOT NULL
);

CREATE TABLE member (
    room_id INTEGER NOT NULL REFERENCES room (id),
    user_id INTEGER NOT NULL REFERENCES user (id),
    since_seq INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX member_by_user ON member (user_id);

CREATE TABLE event (
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
    UNIQUE (room_id, seq),
    UNIQUE (room_id, sender_id, client_id)
);
