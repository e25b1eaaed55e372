-- The index, in a file of its own: it can be thrown away and made again from the log, and whoever writes to it keeps
-- nobody from writing to the log.

CREATE TABLE state (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- The row of a message is that of its event. The terms come as `terms` makes them; those with a colon say whose a message
-- is, where, and what it contains. No text is kept, and what is deleted leaves the pages at once.
--
-- The beginnings of three letters have lists of their own: without them, `the` would gather the messages of all words that
-- begin so before the first is found. Chinese terms are shorter and have none.
CREATE VIRTUAL TABLE words USING fts5 (terms, content='', prefix='3', tokenize="ascii tokenchars ':'");
INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
