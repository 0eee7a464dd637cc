{{- /* BM25 of package lexical over the terms of a question, k1 1.2 and b 0.75, as parts of a statement. A term
adds at most its gain. Terms are taken by gain until their postings are as many as a stage may sum up;
the best of the passages found by these get the rest of their scores from their own terms. A stage that
finds too few gives way to the next. A small scope is scored whole. */ -}}
{{define "strong"}}(before < {{.}} and df <= 4 * {{.}} or before = 0){{end -}}
counts as materialized (
  select passages::float8 as n, 1.2 * .25 as base, 1.2 * .75 * passages / length as slope
  from versions where key = '{{$.Key}}' and passages > 0
),
question as materialized (
  select term, gain, df, sum(df) over (order by gain desc, term) - df as before
  from (
    select t.term, t.df, a.weight * 2.2 * ln(1 + (c.n - t.df + .5) / (t.df + .5)) as gain
    from counts c, unnest({{.Hashes}}::bigint[], {{.Weights}}::float8[]) a(hash, weight)
    join terms_{{$.Key}} t on t.hash = a.hash where t.df > 0
  ) g order by gain desc, term
),
{{if .Small}}
words as (
  select * from (
    select p.id, p.doc, (
      select sum(q.gain * q.n / (q.n + c.base + c.slope * p.length)) from (
        select gain, f.counts[at] as n
        from question, lateral (select width_bucket(term, f.terms) as at offset 0) a where f.terms[at] = term
      ) q
    ) as score
    from counts c, passages_{{$.Key}} p join forward_{{$.Key}} f on f.slot = p.slot where {{.Inside}}
  ) w where score > 0 order by score desc, id limit {{.Limit}}
)
{{else}}
{{range $i, $most := .Postings}}
sums{{$i}} as materialized (
  select u.slot, sum(s.gain * (u.fact & {{$.MaxCount}}) / ((u.fact & {{$.MaxCount}}) + c.base + c.slope * (u.fact >> {{$.CountBits}}))) as score
  from counts c, (select term, gain from question where {{template "strong" $most}} order by gain desc, term) s
  join postings_{{$.Key}} b on b.term = s.term, unnest(b.slots, b.facts) u(slot, fact)
  {{range $j, $_ := $.Postings}}{{if lt $j $i}}{{if $j}}and{{else}}where{{end}} (select count(*) < {{$.Limit}} from best{{$j}}) {{end}}{{end}}
  group by u.slot
),
best{{$i}} as materialized (
  select p.slot, p.id, p.doc, p.length, r.score
  from (select slot, score from sums{{$i}} order by score desc) r join passages_{{$.Key}} p on p.slot = r.slot
  where {{$.Inside}} order by r.score desc fetch first {{$.Candidates}} rows with ties
),
words{{$i}} as (
  select id, doc, score + coalesce((
    select sum(q.gain * q.n / (q.n + c.base + c.slope * r.length)) from (
      select gain, f.counts[at] as n
      from (select * from question where not {{template "strong" $most}}) w,
        lateral (select width_bucket(term, f.terms) as at offset 0) a where f.terms[at] = term
    ) q
  ), 0) as score
  from counts c, best{{$i}} r join forward_{{$.Key}} f on f.slot = r.slot
  {{if lt $i $.Last}}where (select count(*) >= {{$.Limit}} from best{{$i}}){{end}}
),
{{end}}
words as (
  select * from (
    {{range $i, $_ := .Postings}}{{if $i}}union all {{end}}select * from words{{$i}} {{end}}
  ) w order by score desc, id limit {{.Limit}}
)
{{end}}
