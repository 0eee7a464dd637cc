package kb

import (
	"encoding/json"
	"fmt"
	"time"
)

// Shanghai is the civil time zone of every date in the knowledge base. China has had no daylight
// saving since 1991, so the fixed offset is exact for all dates in use and needs no zone database.
var Shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)

// Date is a civil date in Asia/Shanghai. The zero Date means "not stated": an open beginning or
// an open end, never a computed one.
type Date struct {
	year  int16
	month time.Month
	day   int8
}

// NewDate returns the date of the given year, month and day. A day that does not exist (2月30日)
// is an error, never normalised into the next month.
func NewDate(year int, month time.Month, day int) (Date, error) {
	t := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if year < 1 || year > 9999 || t.Year() != year || t.Month() != month || t.Day() != day {
		return Date{}, fmt.Errorf("date %d-%d-%d: no such day", year, month, day)
	}
	return Date{int16(year), month, int8(day)}, nil
}

// ParseDate reads YYYY-MM-DD; the empty string is the zero Date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return Date{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return NewDate(t.Year(), t.Month(), t.Day())
}

// MustDate is ParseDate for constants in code and tests; it panics on a malformed literal.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf returns the civil date of an instant in Asia/Shanghai.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Shanghai).Date()
	return Date{int16(y), m, int8(d)}
}

// IsZero reports whether the date is not stated.
func (d Date) IsZero() bool { return d == Date{} }

// Year returns the calendar year, 0 for the zero Date.
func (d Date) Year() int { return int(d.year) }

// Compare orders dates; the zero Date sorts before all others.
func (d Date) Compare(e Date) int { return d.number() - e.number() }

// Before reports whether d is earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After reports whether d is later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Add returns the date moved by years, months and days, normalised as time.AddDate does.
// The zero Date stays zero.
func (d Date) Add(years, months, days int) Date {
	if d.IsZero() {
		return d
	}
	return DateOf(d.Time().AddDate(years, months, days))
}

// Time returns midnight of the date in Asia/Shanghai.
func (d Date) Time() time.Time {
	return time.Date(int(d.year), d.month, int(d.day), 0, 0, 0, 0, Shanghai)
}

// String returns YYYY-MM-DD, and "" for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.year, d.month, d.day)
}

// Chinese returns 2025年3月1日, and "" for the zero Date.
func (d Date) Chinese() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", d.year, d.month, d.day)
}

// Number returns the date as YYYYMMDD for compact, ordered storage; 0 for the zero Date.
func (d Date) Number() uint32 { return uint32(d.number()) }

func (d Date) number() int { return int(d.year)*10000 + int(d.month)*100 + int(d.day) }

// MarshalJSON writes "YYYY-MM-DD", or null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads what MarshalJSON writes, and "" as the zero Date.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("date %.40s: want a string YYYY-MM-DD or null", b)
	}
	if s == nil {
		*d = Date{}
		return nil
	}
	v, err := ParseDate(*s)
	if err != nil {
		return err
	}
	*d = v
	return nil
}
