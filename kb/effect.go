package kb

// Effect returns the validity of a text after the relation has acted on it. Acts of a part
// (Clauses set) and relations without effect in time return v unchanged; the caller narrows the
// passages of the named clauses instead. An undated act takes effect on the day given as fallback,
// the beginning or date of the acting text.
func (r Relation) Effect(v Validity, fallback Date) Validity {
	if len(r.Clauses) > 0 {
		return v
	}
	day := r.Effective
	if day.IsZero() {
		day = fallback
	}
	switch r.Kind {
	case Repeals, CleanupList:
		return v.cut(day, StatusRepealed, r.Basis)
	case Supersedes:
		return v.cut(day, StatusSuperseded, r.Basis)
	case Suspends:
		return v.cut(day, StatusSuspended, r.Basis)
	case Extends:
		if v.Ended == StatusRepealed || v.Ended == StatusSuperseded {
			return v // what is gone has no term left to extend; reviving it takes a new text
		}
		if r.Until.IsZero() || r.Until.After(v.Until) {
			v.Until, v.Ended, v.Basis = r.Until, "", r.Basis
		}
	}
	return v
}

// cut ends v on the day before day, unless it ended earlier. Without a day nothing can be said
// about earlier dates, and v stays as it is.
func (v Validity) cut(day Date, why Status, basis string) Validity {
	if day.IsZero() {
		return v
	}
	last := day.Add(0, 0, -1)
	if !v.Until.IsZero() && v.Until.Before(last) {
		return v
	}
	v.Until, v.Ended, v.Basis = last, why, basis
	return v
}
