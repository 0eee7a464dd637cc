-- Run once, when the database is made: only a superuser may.
create extension if not exists vector;
