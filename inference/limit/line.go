package limit

import "slices"

// ticket is a request's place: in the line, and among the servers.
type ticket struct {
	asker string
	tried []*server // servers that have failed it

	turn chan struct{} // closed when call or err is set; nil while the request is not waiting
	call *call
	err  error
}

// settle ends the waiting, with a server or without.
func (t *ticket) settle(c *call, err error) {
	t.call, t.err = c, err
	close(t.turn)
}

// line is the waiting requests. Askers are served in turn, each one's own requests in their order
// (J. Nagle, RFC 970: fair queueing by one queue per source, served round robin), so a flood of one
// asker's delays each of the others by one request at a time. Its zero value is empty; it is
// guarded by the pool's lock.
type line struct {
	lanes   []*lane // of askers with waiting requests; the first has the next turn
	waiting int
}

// lane is the waiting requests of one asker, oldest first.
type lane struct {
	asker   string
	tickets []*ticket
}

// join puts a ticket behind its asker's others, and a new asker behind the other askers.
func (l *line) join(t *ticket) {
	l.waiting++
	if i := l.lane(t.asker); i >= 0 {
		l.lanes[i].tickets = append(l.lanes[i].tickets, t)
		return
	}
	l.lanes = append(l.lanes, &lane{t.asker, []*ticket{t}})
}

// lane returns the index of an asker's lane, or -1.
func (l *line) lane(asker string) int {
	return slices.IndexFunc(l.lanes, func(lane *lane) bool { return lane.asker == asker })
}

// first returns the ticket whose turn it is. The line must not be empty.
func (l *line) first() *ticket { return l.lanes[0].tickets[0] }

// next takes it out.
func (l *line) next() *ticket {
	first, t := l.lanes[0], l.first()
	l.lanes = slices.Delete(l.lanes, 0, 1)
	l.waiting--
	if first.tickets = slices.Delete(first.tickets, 0, 1); len(first.tickets) > 0 {
		l.lanes = append(l.lanes, first)
	}
	return t
}

// leave takes a ticket out and reports whether it was there.
func (l *line) leave(t *ticket) bool {
	i := l.lane(t.asker)
	if i < 0 {
		return false
	}
	at := slices.Index(l.lanes[i].tickets, t)
	if at < 0 {
		return false
	}
	l.waiting--
	l.lanes[i].tickets = slices.Delete(l.lanes[i].tickets, at, at+1)
	if len(l.lanes[i].tickets) == 0 {
		l.lanes = slices.Delete(l.lanes, i, i+1)
	}
	return true
}

// yield takes out the newest ticket of the asker with the most, if that asker would still have as
// many as this one has with one more; nil otherwise. So a flood fills the line only as long as
// nobody else wants in (P. McKenney, Stochastic Fairness Queueing, 1991: drop from the longest).
func (l *line) yield(asker string) *ticket {
	if len(l.lanes) == 0 {
		return nil
	}
	longest := slices.MaxFunc(l.lanes, func(a, b *lane) int { return len(a.tickets) - len(b.tickets) })
	own := 0
	if i := l.lane(asker); i >= 0 {
		own = len(l.lanes[i].tickets)
	}
	if len(longest.tickets) < own+2 {
		return nil
	}
	t := longest.tickets[len(longest.tickets)-1]
	l.leave(t)
	return t
}

// ahead counts the tickets that will be served before this one, if none joins or leaves.
func (l *line) ahead(t *ticket) int {
	own := l.lane(t.asker)
	if own < 0 {
		return 0
	}
	at := slices.Index(l.lanes[own].tickets, t)
	n := at
	for i, other := range l.lanes {
		switch {
		case i < own:
			n += min(len(other.tickets), at+1)
		case i > own:
			n += min(len(other.tickets), at)
		}
	}
	return n
}

// all returns the tickets in the order of the lanes.
func (l *line) all() []*ticket {
	var all []*ticket
	for _, lane := range l.lanes {
		all = append(all, lane.tickets...)
	}
	return all
}
