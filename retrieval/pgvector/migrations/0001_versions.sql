-- +goose Up
-- A version of the index; its tables bear its key. The row is locked by whoever writes to the version,
-- so that writers follow each other and the counts are those of one state.
create table versions (
  key       text primary key,
  stamp     jsonb not null,
  passages  bigint not null default 0,
  vectors   bigint not null default 0,
  length    bigint not null default 0, -- sum over passages
  next_slot int not null default 0,
  next_term int not null default 0
);

-- One row at most: the version in use.
create table in_use (
  one boolean primary key default true check (one),
  key text not null references versions (key)
);
