"""The tables of the store, as steps from an empty database to the present one.

A step that was ever released is never changed; a change of the tables is a new step at the end. The
number of steps that a database has gone through is its `user_version`.

No table keeps the order in which rows came: each is sorted by a key that says nothing of it. No
column holds more of the time than the day; the check sees to it. That protects the public. What
staff do at the desk is the one exception, and they know of it: `records` numbers their changes and
holds the second of each, `sessions` holds when they signed in and last did something, and
`invitations` until when one can be used. A letter that is to go out has, until it is sent, the
second in which it was written, for its date, and in which it is to be tried again.
"""

_FIRST = (
    """
    CREATE TABLE conversations (
        id TEXT NOT NULL PRIMARY KEY,
        created_on TEXT NOT NULL CHECK (created_on GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE turns (
        conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
        number INTEGER NOT NULL,
        question TEXT NOT NULL,
        language TEXT NOT NULL,
        as_typed INTEGER NOT NULL,
        context TEXT NOT NULL,
        filters TEXT NOT NULL,
        answered INTEGER NOT NULL,
        cases TEXT NOT NULL,
        generation TEXT NOT NULL,
        asked_on TEXT NOT NULL CHECK (asked_on GLOB '????-??-??'),
        PRIMARY KEY (conversation, number)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE questions (
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        id BLOB NOT NULL DEFAULT (randomblob(16)),
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        answered INTEGER NOT NULL,
        top_case TEXT,
        pillar TEXT,
        PRIMARY KEY (day, id)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE feedback (
        id TEXT NOT NULL PRIMARY KEY,
        kind TEXT NOT NULL CHECK (kind IN ('answer', 'passage')),
        helpful INTEGER NOT NULL,
        reason TEXT,
        question TEXT NOT NULL,
        passage_id TEXT,
        case_id TEXT,
        generation TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE problems (
        id TEXT NOT NULL PRIMARY KEY,
        passage_id TEXT NOT NULL,
        case_id TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('wrong_fact', 'bad_translation', 'risk', 'other')),
        note TEXT NOT NULL,
        generation TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        closed_with TEXT
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE inbox (
        id TEXT NOT NULL PRIMARY KEY,
        question TEXT NOT NULL,
        language TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        conversation TEXT REFERENCES conversations ON DELETE SET NULL,
        closed_with TEXT
    ) WITHOUT ROWID
    """,
    "CREATE INDEX inbox_by_conversation ON inbox (conversation)",
    """
    CREATE TABLE visits (
        key BLOB NOT NULL,
        until REAL NOT NULL,
        id BLOB NOT NULL DEFAULT (randomblob(8)),
        PRIMARY KEY (key, until, id)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX visits_by_end ON visits (until)",
    "CREATE TABLE secret (value BLOB NOT NULL)",
    "INSERT INTO secret VALUES (randomblob(32))",
)

_BRIEFINGS = (
    """
    CREATE TABLE briefings (
        id TEXT NOT NULL PRIMARY KEY,
        reading_id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        introduction TEXT NOT NULL,
        language TEXT NOT NULL,
        version INTEGER NOT NULL,
        changed_on TEXT NOT NULL CHECK (changed_on GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE quotations (
        briefing TEXT NOT NULL REFERENCES briefings ON DELETE CASCADE,
        id TEXT NOT NULL,
        place INTEGER,
        passage_id TEXT NOT NULL,
        case_id TEXT NOT NULL,
        language TEXT NOT NULL,
        text TEXT NOT NULL,
        heading TEXT NOT NULL,
        page INTEGER,
        remark TEXT NOT NULL,
        chosen_on TEXT NOT NULL CHECK (chosen_on GLOB '????-??-??'),
        PRIMARY KEY (briefing, id)
    ) WITHOUT ROWID
    """,
)

_DESK = (
    """
    CREATE TABLE staff (
        id TEXT NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL CHECK (role IN ('editor', 'administrator')),
        password TEXT,
        added_on TEXT NOT NULL CHECK (added_on GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE invitations (
        token BLOB NOT NULL PRIMARY KEY,
        person TEXT NOT NULL UNIQUE REFERENCES staff ON DELETE CASCADE,
        until INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE sessions (
        token BLOB NOT NULL PRIMARY KEY,
        person TEXT NOT NULL REFERENCES staff ON DELETE CASCADE,
        began INTEGER NOT NULL,
        used INTEGER NOT NULL
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sessions_by_person ON sessions (person)",
    """
    CREATE TABLE records (
        number INTEGER NOT NULL PRIMARY KEY,
        at TEXT NOT NULL CHECK (at GLOB '????-??-??T??:??:??Z'),
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        about TEXT NOT NULL
    ) WITHOUT ROWID
    """,
)

_LETTERS = (
    """
    CREATE TABLE letters (
        id TEXT NOT NULL PRIMARY KEY,
        about TEXT NOT NULL,
        language TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        state TEXT NOT NULL CHECK (
            state IN ('waiting', 'handing-over', 'unsure', 'failed', 'sent', 'thrown-away')
        ),
        recipient TEXT CHECK ((recipient IS NULL) = (state IN ('sent', 'thrown-away'))),
        subject TEXT CHECK ((subject IS NULL) = (recipient IS NULL)),
        text TEXT CHECK ((text IS NULL) = (recipient IS NULL)),
        key TEXT CHECK ((key IS NULL) = (recipient IS NULL)),
        queued INTEGER CHECK ((queued IS NULL) = (recipient IS NULL)),
        due INTEGER CHECK ((due IS NULL) = (recipient IS NULL)),
        tries INTEGER CHECK ((tries IS NULL) = (recipient IS NULL)),
        reason TEXT CHECK ((reason IS NULL) = (recipient IS NULL))
    ) WITHOUT ROWID
    """,
    "CREATE INDEX letters_by_due ON letters (due) WHERE state = 'waiting'",
    "ALTER TABLE inbox ADD COLUMN reply_to TEXT",
    "ALTER TABLE inbox ADD COLUMN reply_language TEXT",
)

_CONTRIBUTIONS = (
    """
    CREATE TABLE contributions (
        key TEXT NOT NULL PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL
            CHECK (state IN ('draft', 'sent', 'asked', 'accepted', 'declined')),
        version INTEGER NOT NULL,
        turn INTEGER NOT NULL,
        interface TEXT NOT NULL,
        question TEXT NOT NULL,
        practice TEXT NOT NULL,
        answer TEXT NOT NULL DEFAULT '',
        sent TEXT,
        name TEXT NOT NULL DEFAULT '',
        address TEXT NOT NULL DEFAULT '',
        publication INTEGER NOT NULL DEFAULT 0,
        introductions INTEGER NOT NULL DEFAULT 0,
        listing INTEGER NOT NULL DEFAULT 0,
        reason TEXT NOT NULL DEFAULT '',
        case_id TEXT,
        case_language TEXT,
        changed_on TEXT NOT NULL CHECK (changed_on GLOB '????-??-??'),
        sent_on TEXT CHECK (sent_on GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
    "CREATE INDEX contributions_by_state ON contributions (state, sent_on, id)",
    "CREATE INDEX contributions_by_case ON contributions (case_id)",
    """
    CREATE TABLE contribution_messages (
        contribution TEXT NOT NULL REFERENCES contributions ON DELETE CASCADE,
        number INTEGER NOT NULL,
        from_hub INTEGER NOT NULL,
        text TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        PRIMARY KEY (contribution, number)
    ) WITHOUT ROWID
    """,
)

_INTRODUCTIONS = (
    """
    CREATE TABLE introductions (
        id TEXT NOT NULL PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        case_id TEXT NOT NULL,
        language TEXT NOT NULL,
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        state TEXT NOT NULL CHECK (state IN ('waiting', 'written', 'introduced', 'impossible')),
        note TEXT NOT NULL,
        closed_on TEXT CHECK (closed_on GLOB '????-??-??'),
        wish TEXT CHECK ((wish IS NULL) = (closed_on IS NOT NULL)),
        name TEXT CHECK ((name IS NULL) = (closed_on IS NOT NULL)),
        body TEXT CHECK ((body IS NULL) = (closed_on IS NOT NULL)),
        place TEXT CHECK ((place IS NULL) = (closed_on IS NOT NULL)),
        address TEXT CHECK ((address IS NULL) = (closed_on IS NOT NULL))
    ) WITHOUT ROWID
    """,
)

_KEYS = (
    """
    CREATE TABLE keys (
        digest BLOB NOT NULL PRIMARY KEY,
        name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE,
        scopes TEXT NOT NULL,
        most INTEGER NOT NULL,
        created_on TEXT NOT NULL CHECK (created_on GLOB '????-??-??'),
        used_on TEXT CHECK (used_on GLOB '????-??-??')
    ) WITHOUT ROWID
    """,
)

_SENDINGS = (
    """
    CREATE TABLE sendings (
        id TEXT NOT NULL PRIMARY KEY,
        platform TEXT NOT NULL,
        platform_key TEXT NOT NULL,
        reference TEXT NOT NULL,
        repeat BLOB,
        body BLOB CHECK ((body IS NULL) = (repeat IS NULL)),
        day TEXT NOT NULL CHECK (day GLOB '????-??-??'),
        UNIQUE (platform_key, repeat)
    ) WITHOUT ROWID
    """,
    "CREATE INDEX sendings_by_day ON sendings (platform_key, day)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    _FIRST,
    _BRIEFINGS,
    _DESK,
    _LETTERS,
    _CONTRIBUTIONS,
    _INTRODUCTIONS,
    _KEYS,
    _SENDINGS,
)
"""The statements of each step, oldest first."""
