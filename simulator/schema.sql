CREATE TABLE IF NOT EXISTS channels (
    id TEXT PRIMARY KEY,
    secret TEXT NOT NULL,
    name TEXT NOT NULL,
    basic_id TEXT NOT NULL UNIQUE,
    bot_user_id TEXT NOT NULL,
    webhook_url TEXT NOT NULL,
    webhook_active INTEGER NOT NULL DEFAULT 1,
    mode TEXT NOT NULL DEFAULT 'active',
    token TEXT NOT NULL DEFAULT '',
    quota INTEGER,
    quota_used INTEGER NOT NULL DEFAULT 0,
    default_menu TEXT
);
CREATE TABLE IF NOT EXISTS people (
    user_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    language TEXT NOT NULL
);
-- Who has LINE for PC, which shows no rich menu and no quick replies.
CREATE TABLE IF NOT EXISTS computers (
    user_id TEXT PRIMARY KEY REFERENCES people ON DELETE CASCADE
);
-- state: 'friend' or 'blocked'; no row means that the two have never met.
CREATE TABLE IF NOT EXISTS friends (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    state TEXT NOT NULL,
    PRIMARY KEY (channel_id, user_id)
);
CREATE TABLE IF NOT EXISTS groups (
    group_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    name TEXT NOT NULL,
    bot_inside INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS members (
    group_id TEXT NOT NULL REFERENCES groups ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES people ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
-- chat: the user id of a one-to-one chat, or a group id.
CREATE TABLE IF NOT EXISTS items (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    item_id TEXT NOT NULL UNIQUE,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    user_id TEXT,
    at REAL NOT NULL,
    message TEXT NOT NULL,
    request_id TEXT,
    read_token TEXT,
    unsent INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS items_chat ON items (channel_id, chat, seq);
CREATE TABLE IF NOT EXISTS chats (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    chat TEXT NOT NULL,
    read_seq INTEGER NOT NULL DEFAULT 0,
    loading_until REAL NOT NULL DEFAULT 0,
    PRIMARY KEY (channel_id, chat)
);
CREATE TABLE IF NOT EXISTS contents (
    message_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    mime TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS reply_tokens (
    token TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    chat TEXT NOT NULL,
    event_at REAL NOT NULL,
    received_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS access_tokens (
    token TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    kind TEXT NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS link_tokens (
    token TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS retry_keys (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    retry_key TEXT NOT NULL,
    accepted_at REAL NOT NULL,
    request_id TEXT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (channel_id, retry_key)
);
-- Whom a push under a name reached, and when they first saw it; `at`, as all of these, by the time that people see.
CREATE TABLE IF NOT EXISTS units (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    unit TEXT NOT NULL,
    request_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    bubbles INTEGER NOT NULL,
    at REAL NOT NULL,
    seen_at REAL,
    PRIMARY KEY (channel_id, unit, request_id, user_id)
);
CREATE INDEX IF NOT EXISTS units_user ON units (channel_id, user_id);
-- Each address in it that they opened: `seq` is the bubble, from 1.
CREATE TABLE IF NOT EXISTS unit_clicks (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    unit TEXT NOT NULL,
    request_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    url TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS unit_clicks_unit ON unit_clicks (channel_id, unit);
CREATE TABLE IF NOT EXISTS menus (
    menu_id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    body TEXT NOT NULL,
    mime TEXT,
    image BLOB
);
CREATE TABLE IF NOT EXISTS menu_links (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    menu_id TEXT NOT NULL,
    PRIMARY KEY (channel_id, user_id)
);
CREATE TABLE IF NOT EXISTS aliases (
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    alias_id TEXT NOT NULL,
    menu_id TEXT NOT NULL,
    PRIMARY KEY (channel_id, alias_id)
);
CREATE TABLE IF NOT EXISTS bills (
    number INTEGER PRIMARY KEY,
    payment TEXT NOT NULL UNIQUE,
    customer TEXT NOT NULL, -- the product's id
    service TEXT NOT NULL,
    satang INTEGER NOT NULL,
    refunded INTEGER NOT NULL DEFAULT 0,
    points INTEGER NOT NULL,
    at REAL NOT NULL
);
-- What the pretend booking systems keep. `last`: the events sent last of it; `held`: those that go after the next.
CREATE TABLE IF NOT EXISTS bookings (
    number INTEGER PRIMARY KEY,
    source TEXT NOT NULL,
    uid TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    email TEXT NOT NULL,
    service TEXT NOT NULL,
    starts_at REAL NOT NULL,
    token TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    last TEXT NOT NULL DEFAULT '[]',
    held TEXT NOT NULL DEFAULT '[]',
    status INTEGER
);
-- What they have sold: bills and courses.
CREATE TABLE IF NOT EXISTS sales (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    uid TEXT NOT NULL,
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    phone TEXT NOT NULL,
    token TEXT NOT NULL,
    service TEXT NOT NULL,
    baht INTEGER NOT NULL,
    payments TEXT NOT NULL,
    sessions INTEGER NOT NULL,
    told INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    used INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    shared INTEGER NOT NULL,
    day TEXT NOT NULL,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    last TEXT NOT NULL DEFAULT '[]',
    held TEXT NOT NULL DEFAULT '[]',
    status INTEGER
);
-- SMS that came to phones. `report`: where their fate is told; `answered`: how that was taken.
CREATE TABLE IF NOT EXISTS texts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    provider TEXT NOT NULL,
    message_id TEXT NOT NULL,
    number TEXT NOT NULL,
    sender TEXT NOT NULL,
    text TEXT NOT NULL,
    parts INTEGER NOT NULL,
    at REAL NOT NULL,
    report TEXT NOT NULL,
    status TEXT NOT NULL,
    answered INTEGER
);
CREATE INDEX IF NOT EXISTS texts_number ON texts (number, seq);
-- LINE Login. callback: the registered redirect URIs, one in each line.
CREATE TABLE IF NOT EXISTS login_channels (
    id TEXT PRIMARY KEY,
    channel_id TEXT NOT NULL REFERENCES channels ON UPDATE CASCADE ON DELETE CASCADE,
    secret TEXT NOT NULL,
    liff_id TEXT NOT NULL UNIQUE,
    endpoint TEXT NOT NULL,
    callback TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS login_codes (
    code TEXT PRIMARY KEY,
    login_id TEXT NOT NULL REFERENCES login_channels ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scope TEXT NOT NULL,
    nonce TEXT NOT NULL,
    challenge TEXT NOT NULL,
    expires_at REAL NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS login_tokens (
    token TEXT PRIMARY KEY,
    login_id TEXT NOT NULL REFERENCES login_channels ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS id_tokens (
    token TEXT PRIMARY KEY,
    login_id TEXT NOT NULL REFERENCES login_channels ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    liff INTEGER NOT NULL,
    expires_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
-- raw: as it came over SMTP. reported: what the provider told of it last.
CREATE TABLE IF NOT EXISTS mails (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    sender TEXT NOT NULL,
    recipient TEXT NOT NULL,
    at REAL NOT NULL,
    raw BLOB NOT NULL,
    reported TEXT
);
CREATE INDEX IF NOT EXISTS mails_recipient ON mails (recipient, number);
