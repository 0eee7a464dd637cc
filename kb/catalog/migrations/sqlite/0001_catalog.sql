-- +goose Up
pragma application_id = 1482246978; -- XYKB

-- A file is a place in a source; its document keeps one ID over all versions.
create table files (
  tenant       text not null,
  source       text not null,
  key          text not null,
  doc_id       text not null unique,
  hash         text not null,
  version      integer not null,
  withdrawn_at integer not null default 0,
  primary key (tenant, source, key)
) strict;

-- Days are YYYYMMDD (0: not stated), times are nanoseconds since 1970 (0: none). stated is what the
-- text says of its validity; standing, from_day and until_day are what all known texts make of it.
create table documents (
  id          text not null,
  version     integer not null,
  tenant      text not null,
  source      text not null,
  key         text not null,
  number      text not null,
  access      text not null,
  region      text not null,
  zone        text not null,
  audience    text not null,
  day         integer not null,
  stated      text not null,
  standing    text not null,
  from_day    integer not null,
  until_day   integer not null,
  live        integer not null,
  recorded_at integer not null,
  retired_at  integer not null default 0,
  meta        text not null,
  text        text not null,
  sections    text not null,
  primary key (id, version)
) strict;
create index documents_number on documents (tenant, number) where live = 1;
create index documents_list on documents (tenant, id, version);

-- The names by which other texts may refer to a version: its number and its titles, normalised.
create table names (
  tenant     text not null,
  name       text not null,
  doc_id     text not null,
  version    integer not null,
  day        integer not null,
  primary key (tenant, name, doc_id, version),
  foreign key (doc_id, version) references documents (id, version)
) strict;
create index names_document on names (doc_id);

create table relations (
  from_id      text not null,
  from_version integer not null,
  ordinal      integer not null,
  tenant       text not null,
  to_id        text not null,
  number       text not null,
  title        text not null,
  day          integer not null,
  body         text not null,
  primary key (from_id, from_version, ordinal),
  foreign key (from_id, from_version) references documents (id, version)
) strict;
create index relations_to on relations (tenant, to_id);
create index relations_number on relations (tenant, number);
create index relations_title on relations (tenant, title);

-- One row per passage and version it occurs in; live marks the one row that is searchable.
create table passages (
  id        text not null,
  version   integer not null,
  doc_id    text not null,
  ordinal   integer not null,
  clause    text not null,
  stated    text not null,
  standing  text not null,
  live      integer not null,
  body      text not null,
  text      text not null,
  primary key (id, version),
  foreign key (doc_id, version) references documents (id, version)
) strict;
create index passages_document on passages (doc_id, version);
create index passages_live on passages (doc_id, version, ordinal) where live = 1;

create table items (
  tenant      text not null,
  code        text not null,
  version     integer not null,
  access      text not null,
  region      text not null,
  zone        text not null,
  audience    text not null,
  standing    text not null,
  from_day    integer not null,
  until_day   integer not null,
  live        integer not null,
  recorded_at integer not null,
  retired_at  integer not null default 0,
  body        text not null,
  primary key (tenant, code, version)
) strict;

create table regions (
  code text not null primary key,
  body text not null
) strict;

create table conversations (
  tenant       text not null,
  id           text not null,
  subject      text not null,
  turns        integer not null,
  retain_until integer not null,
  primary key (tenant, id)
) strict;
create index conversations_subject on conversations (tenant, subject);
create index conversations_retain on conversations (retain_until);

create table events (
  tenant       text not null,
  conversation text not null,
  turn         integer not null,
  seq          integer not null,
  type         text not null,
  body         text not null,
  primary key (tenant, conversation, turn, seq),
  foreign key (tenant, conversation) references conversations (tenant, id)
) strict;

create table records (
  tenant       text not null,
  trace_id     text not null,
  subject      text not null,
  conversation text not null,
  created_at   integer not null,
  retain_until integer not null,
  body         text not null,
  primary key (tenant, trace_id)
) strict;
create index records_subject on records (tenant, subject);
create index records_conversation on records (tenant, conversation);
create index records_retain on records (retain_until);

create table feedback (
  tenant   text not null,
  trace_id text not null,
  body     text not null,
  primary key (tenant, trace_id),
  foreign key (tenant, trace_id) references records (tenant, trace_id)
) strict;

create table acts (
  id     text not null primary key,
  tenant text not null,
  at     integer not null,
  body   text not null
) strict;
create index acts_at on acts (tenant, at);

create table state (
  name  text not null primary key,
  value text not null
) strict;

create table counters (
  name  text not null primary key,
  value integer not null
) strict;

-- The queue of maragu.dev/goqite v0.4.0, as that library wants it.
create table goqite (
  id       text primary key default ('m_' || lower(hex(randomblob(16)))),
  created  text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
  updated  text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
  queue    text not null,
  body     blob not null,
  timeout  text not null default (strftime('%Y-%m-%dT%H:%M:%fZ')),
  received integer not null default 0,
  priority integer not null default 0
) strict;
create index goqite_queue_priority_created_idx on goqite (queue, priority desc, created);
-- +goose StatementBegin
create trigger goqite_updated_timestamp after update on goqite begin
  update goqite set updated = strftime('%Y-%m-%dT%H:%M:%fZ') where id = old.id;
end;
-- +goose StatementEnd
