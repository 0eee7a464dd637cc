package kb

// Status says how a text stands in law. It is what the sources say; whether a text is in force on
// a given day is Validity.On.
type Status string

// The statuses of a document or clause.
const (
	StatusInForce    Status = "in_force"   // 现行有效
	StatusNotYet     Status = "not_yet"    // 尚未施行
	StatusExpired    Status = "expired"    // 有效期届满
	StatusRepealed   Status = "repealed"   // 废止、失效
	StatusSuperseded Status = "superseded" // 被新的文本代替
	StatusSuspended  Status = "suspended"  // 暂停执行
	StatusAmended    Status = "amended"    // 被修改，以修改后的文本为准
)

// Validity is the time in which a text holds. Two clocks are kept apart: From and Until are the
// days in force; when the knowledge base learned of it is Document.RecordedAt.
type Validity struct {
	From  Date `json:"valid_from"`  // first day in force; zero: not stated
	Until Date `json:"valid_until"` // last day in force; zero: open end
	// Ended is the reason why Until is what it is: expired, repealed, superseded, suspended or, of a
	// clause, amended; empty for an open end or a stated 有效期 that nothing cut short.
	Ended Status `json:"ended,omitempty"`
	// Basis is the passage that states the dates; empty when no passage does.
	Basis string `json:"basis,omitempty"`
	// Confidence is in [0,1]: 1 for stated metadata, less for what a rule read from prose.
	Confidence float64 `json:"confidence,omitempty"`
	// Transitional marks 新老划断: the day of the asker's own event decides which text holds.
	Transitional bool `json:"transitional,omitempty"`
}

// On returns the status on a day. Open ends hold.
func (v Validity) On(day Date) Status {
	switch {
	case !v.From.IsZero() && day.Before(v.From):
		return StatusNotYet
	case !v.Until.IsZero() && day.After(v.Until):
		if v.Ended != "" {
			return v.Ended
		}
		return StatusExpired
	}
	return StatusInForce
}

// Holds reports whether the text is in force on a day.
func (v Validity) Holds(day Date) bool { return v.On(day) == StatusInForce }
