-- What the release with schema 1 wrote.
insert into documents (id, version, tenant, source, key, number, access, region, zone, audience, day, stated, standing,
  from_day, until_day, live, recorded_at, retired_at, meta, text, sections) values
('d1', 1, 'default', 'sample', 'a.docx', '越人社发〔2025〕3号', 'public', '339900', '', '', 20250101,
  '{"valid_from":"2025-01-01","valid_until":null,"confidence":1}', '{"valid_from":"2025-01-01","valid_until":null,"confidence":1}',
  20250101, 0, 1, 1735689600000000000, 0,
  '{"doc_id":"d1","version":1,"source":"sample","key":"a.docx","hash":"h1","format":"docx","title":"越州市人才补贴办法","number":"越人社发〔2025〕3号","issued_on":null,"published_on":null,"tenant":"default","access":"public","region":"339900","validity":{"valid_from":"2025-01-01","valid_until":null,"confidence":1},"text":"","coverage":1,"recorded_at":"2025-01-01T00:00:00Z"}',
  '硕士每人三万元。', '[]');
insert into files (tenant, source, key, doc_id, hash, version, withdrawn_at) values ('default', 'sample', 'a.docx', 'd1', 'h1', 1, 0);
insert into names (tenant, name, doc_id, version, day) values
('default', '越州市人才补贴办法', 'd1', 1, 20250101), ('default', '越人社发〔2025〕3号', 'd1', 1, 20250101);
insert into relations (from_id, from_version, ordinal, tenant, to_id, number, title, day, body) values
('d1', 1, 0, 'default', '', '越人社发〔2021〕8号', '', 20250101, '{"kind":"repeals","from":"d1","to_ref":"越人社发〔2021〕8号","effective":null,"until":null}');
insert into passages (id, version, doc_id, ordinal, clause, stated, standing, live, body, text) values
('p1', 1, 'd1', 0, '第一条', '{"valid_from":"2025-01-01","valid_until":null}', '{"valid_from":"2025-01-01","valid_until":null}', 1,
  '{"passage_id":"p1","doc_id":"d1","version":1,"ordinal":0,"kind":"clause","title":"越州市人才补贴办法","clause":"第一条","text":"","start":0,"tenant":"default","access":"public","region":"339900","validity":{"valid_from":null,"valid_until":null}}', '硕士每人三万元。');
insert into items (tenant, code, version, access, region, zone, audience, standing, from_day, until_day, live, recorded_at, retired_at, body) values
('default', 'A1', 1, 'public', '339900', '', '', '{"valid_from":null,"valid_until":null}', 0, 0, 1, 1735689600000000000, 0,
  '{"code":"A1","name":"就业登记","department":"越州市人力资源和社会保障局","tenant":"default","access":"public","region":"339900","validity":{"valid_from":null,"valid_until":null},"version":1}');
insert into records (tenant, trace_id, subject, conversation, created_at, retain_until, body) values
('default', 't1', 'alice', '', 1735689600000000000, 1751328000000000000, '{"trace_id":"t1","turn":{"caller":{"tenant":"default","subject":"alice"},"question":"补贴多少？"}}');
insert into goqite (queue, body) values ('index', cast('{"tenant":"default","doc_id":"d1","version":1}' as blob));
