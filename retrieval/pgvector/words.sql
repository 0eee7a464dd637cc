-- BM25 of package lexical over the terms of a question, k1 1.2, b 0.75. A term can add at most its gain.
-- The strong terms are those without which no passage gets far; their postings are summed first. The
-- weak rest, which most passages hold, is looked up only for passages that can still be among the best
-- (MaxScore, Turtle and Flood 1995); where the strong terms do not decide that, all postings are summed.
counts as materialized (
  select passages::float8 as n, 1.2 * .25 as base, 1.2 * .75 * passages / length as slope
  from versions where key = '{{.Key}}' and passages > 0
),
question as materialized (
  select term, gain, sum(gain) over (order by gain, term) as upto, sum(gain) over () as total
  from (
    select t.term, a.weight * 2.2 * ln(1 + (c.n - t.df + .5) / (t.df + .5)) as gain
    from counts c, unnest({{.Hashes}}::bigint[], {{.Weights}}::float8[]) a(hash, weight)
    join terms_{{.Key}} t on t.hash = a.hash where t.df > 0
  ) g
),
strong as materialized (select term, gain from question where upto > {{.Weak}} * total),
weak as materialized (select coalesce(sum(gain), 0) as rest from question where upto <= {{.Weak}} * total),
partly as materialized (
  select u.slot, sum(s.gain * (u.fact & 255) / ((u.fact & 255) + c.base + c.slope * (u.fact >> 8))) as score
  from counts c, strong s join postings_{{.Key}} b on b.term = s.term, unnest(b.slots, b.facts) u(slot, fact)
  group by u.slot
),
partly_inside as materialized (
  select f.slot, f.score from partly f join passages_{{.Key}} p on p.slot = f.slot where {{.Inside}}
),
least as materialized (
  select (select score from partly_inside order by score desc offset {{.Limit}} - 1 limit 1) - rest as score, rest from weak
),
decided as materialized (select score > 0 as yes, score from least),
wholly as materialized (
  select u.slot, sum(s.gain * (u.fact & 255) / ((u.fact & 255) + c.base + c.slope * (u.fact >> 8))) as score
  from counts c, question s join postings_{{.Key}} b on b.term = s.term, unnest(b.slots, b.facts) u(slot, fact)
  where (select yes is not true from decided)
  group by u.slot
),
wholly_inside as materialized (
  select f.slot, f.score from wholly f join passages_{{.Key}} p on p.slot = f.slot where {{.Inside}}
),
running as (
  select slot from partly_inside where score >= (select score from decided where yes) * (1 - 1e-9)
  union all
  select slot from wholly_inside where score >= coalesce(
    (select score from wholly_inside order by score desc offset {{.Limit}} - 1 limit 1), 0) * (1 - 1e-9)
),
-- The sum is made in one order for all, so that equal passages have equal scores.
words as (
  select p.id, p.doc, (
    select sum(q.gain * q.n / (q.n + c.base + c.slope * p.length))
    from (
      select gain, f.counts[at] as n from question, width_bucket(term, f.terms) at where f.terms[at] = term
    ) q
  ) as score
  from counts c, running r join forward_{{.Key}} f on f.slot = r.slot join passages_{{.Key}} p on p.slot = r.slot
  order by score desc, p.id limit {{.Limit}}
)
