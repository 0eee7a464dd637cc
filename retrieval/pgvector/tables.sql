-- The tables of version {{.Key}}. Days are YYYYMMDD, an open end is 99999999, no beginning 0.
create table passages_{{.Key}} (
  slot        int primary key,
  id          text collate "C" not null unique,
  doc         text not null,
  tenant      text not null,
  access      text not null,
  region      text not null,
  zone        text not null,
  audience    text[] not null,
  valid_from  int not null,
  valid_until int not null,
  length      int not null,     -- number of terms, and one
  words       bytea not null,   -- digest of title and text
  waits       boolean not null  -- for a vector
);
create index waiting_{{.Key}} on passages_{{.Key}} (id) where waits;
create index places_{{.Key}} on passages_{{.Key}} (tenant, region);

-- Terms by their hash, with the number of passages that hold them.
create table terms_{{.Key}} (
  hash bigint primary key,
  term int not null,
  df   int not null
) with (fillfactor = 70);
create unique index numbers_{{.Key}} on terms_{{.Key}} (term);

-- The passages that hold a term, those of a range of slots in one row; facts[i] is of slots[i]: length of
-- the passage and occurrences of the term.
create table postings_{{.Key}} (
  term  int not null,
  block int not null,
  slots int[] not null,
  facts int[] not null,
  primary key (term, block)
) with (fillfactor = 80);
alter table postings_{{.Key}} alter slots set storage external, alter facts set storage external;

-- The terms of a passage, ascending, and how often each occurs. Rows stay in one piece: a term is
-- looked for without fetching an array from elsewhere each time.
create table forward_{{.Key}} (
  slot   int primary key,
  terms  int[] not null,
  counts smallint[] not null
) with (toast_tuple_target = 8160);
alter table forward_{{.Key}} alter terms set storage external, alter counts set storage external;
{{if .Dimension}}
-- Vectors have a table of their own: an update of another column would insert them into the graph anew.
create table vectors_{{.Key}} (
  slot   int primary key,
  vector halfvec({{.Dimension}}) not null
);
alter table vectors_{{.Key}} alter vector set storage {{if le .Dimension 2000}}plain{{else}}external{{end}};
{{end}}
