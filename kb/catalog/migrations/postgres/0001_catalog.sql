-- +goose Up
-- A file is a place in a source; its document keeps one ID over all versions.
create table files (
  tenant       text not null,
  source       text not null,
  key          text not null,
  doc_id       text not null unique,
  hash         text not null,
  version      bigint not null,
  withdrawn_at bigint not null default 0,
  primary key (tenant, source, key)
);

-- Days are YYYYMMDD (0: not stated), times are nanoseconds since 1970 (0: none). stated is what the
-- text says of its validity; standing, from_day and until_day are what all known texts make of it.
create table documents (
  id          text not null,
  version     bigint not null,
  tenant      text not null,
  source      text not null,
  key         text not null,
  number      text not null,
  access      text not null,
  region      text not null,
  zone        text not null,
  audience    text not null,
  day         bigint not null,
  stated      text not null,
  standing    text not null,
  from_day    bigint not null,
  until_day   bigint not null,
  live        bigint not null,
  recorded_at bigint not null,
  retired_at  bigint not null default 0,
  meta        text not null,
  text        text not null,
  sections    text not null,
  primary key (id, version)
);
create index documents_number on documents (tenant, number) where live = 1;
create index documents_list on documents (tenant, id, version);

-- The names by which other texts may refer to a version: its number and its titles, normalised.
create table names (
  tenant     text not null,
  name       text not null,
  doc_id     text not null,
  version    bigint not null,
  day        bigint not null,
  primary key (tenant, name, doc_id, version),
  foreign key (doc_id, version) references documents (id, version)
);
create index names_document on names (doc_id);

create table relations (
  from_id      text not null,
  from_version bigint not null,
  ordinal      bigint not null,
  tenant       text not null,
  to_id        text not null,
  number       text not null,
  title        text not null,
  day          bigint not null,
  body         text not null,
  primary key (from_id, from_version, ordinal),
  foreign key (from_id, from_version) references documents (id, version)
);
create index relations_to on relations (tenant, to_id);
create index relations_number on relations (tenant, number);
create index relations_title on relations (tenant, title);

-- One row per passage and version it occurs in; live marks the one row that is searchable.
create table passages (
  id        text not null,
  version   bigint not null,
  doc_id    text not null,
  ordinal   bigint not null,
  clause    text not null,
  stated    text not null,
  standing  text not null,
  live      bigint not null,
  body      text not null,
  text      text not null,
  primary key (id, version),
  foreign key (doc_id, version) references documents (id, version)
);
create index passages_document on passages (doc_id, version);
create index passages_live on passages (doc_id, version, ordinal) where live = 1;

create table items (
  tenant      text not null,
  code        text not null,
  version     bigint not null,
  access      text not null,
  region      text not null,
  zone        text not null,
  audience    text not null,
  standing    text not null,
  from_day    bigint not null,
  until_day   bigint not null,
  live        bigint not null,
  recorded_at bigint not null,
  retired_at  bigint not null default 0,
  body        text not null,
  primary key (tenant, code, version)
);

create table regions (
  code text not null primary key,
  body text not null
);

create table conversations (
  tenant       text not null,
  id           text not null,
  subject      text not null,
  turns        bigint not null,
  retain_until bigint not null,
  primary key (tenant, id)
);
create index conversations_subject on conversations (tenant, subject);
create index conversations_retain on conversations (retain_until);

create table events (
  tenant       text not null,
  conversation text not null,
  turn         bigint not null,
  seq          bigint not null,
  type         text not null,
  body         text not null,
  primary key (tenant, conversation, turn, seq),
  foreign key (tenant, conversation) references conversations (tenant, id)
);

create table records (
  tenant       text not null,
  trace_id     text not null,
  subject      text not null,
  conversation text not null,
  created_at   bigint not null,
  retain_until bigint not null,
  body         text not null,
  primary key (tenant, trace_id)
);
create index records_subject on records (tenant, subject);
create index records_conversation on records (tenant, conversation);
create index records_retain on records (retain_until);

create table feedback (
  tenant   text not null,
  trace_id text not null,
  body     text not null,
  primary key (tenant, trace_id),
  foreign key (tenant, trace_id) references records (tenant, trace_id)
);

create table acts (
  id     text not null primary key,
  tenant text not null,
  at     bigint not null,
  body   text not null
);
create index acts_at on acts (tenant, at);

create table state (
  name  text not null primary key,
  value text not null
);

create table counters (
  name  text not null primary key,
  value bigint not null
);

-- The queue of maragu.dev/goqite v0.4.0, as that library wants it, with an ID that needs no extension.
create table goqite (
  id       text primary key default ('m_' || replace(gen_random_uuid()::text, '-', '')),
  created  timestamptz not null default now(),
  updated  timestamptz not null default now(),
  queue    text not null,
  body     bytea not null,
  timeout  timestamptz not null default now(),
  received integer not null default 0,
  priority integer not null default 0
);
create index goqite_queue_priority_created_idx on goqite (queue, priority desc, created);
-- +goose StatementBegin
create function goqite_update_timestamp() returns trigger as $$
begin
  new.updated = now();
  return new;
end;
$$ language plpgsql;
-- +goose StatementEnd
create trigger goqite_updated_timestamp before update on goqite
for each row execute procedure goqite_update_timestamp();
