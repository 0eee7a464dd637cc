-- +goose Up
-- The replicas of the service that live. One that does not renew its lease in time is gone; times are by the
-- clock of the database.
create table replicas (
  id      text not null primary key,
  expires bigint not null
);

-- The turns that are being answered, each by one replica, until their last event is logged. What is left by
-- a replica that is gone no longer runs. address is a keyed and shortened hash, empty where none is known.
create table running (
  tenant       text not null,
  conversation text not null,
  turn         bigint not null,
  subject      text not null,
  address      text not null,
  replica      text not null,
  expires      bigint not null,
  stopped      bigint not null default 0,
  primary key (tenant, conversation, turn),
  foreign key (tenant, conversation) references conversations (tenant, id)
);
create index running_replica on running (replica);
