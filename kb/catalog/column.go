package catalog

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"xiaoyue/kb"
)

// Column types: how the values of kb are kept in SQL, the same in both dialects. Each is used as a
// parameter by value and as a target of Scan by pointer.

// day is a date as YYYYMMDD, 0 where it is not stated, so that days compare as numbers.
type day kb.Date

func (d day) Value() (driver.Value, error) { return int64(kb.Date(d).Number()), nil }

func (d *day) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("day: got %T", v)
	}
	if n == 0 {
		*d = day{}
		return nil
	}
	date, err := kb.NewDate(int(n/10000), time.Month(n/100%100), int(n%100))
	*d = day(date)
	return err
}

// instant is a time as nanoseconds since 1970, 0 for the zero time; it is read back in UTC.
type instant time.Time

func (i instant) Value() (driver.Value, error) {
	if time.Time(i).IsZero() {
		return int64(0), nil
	}
	return time.Time(i).UnixNano(), nil
}

func (i *instant) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("time: got %T", v)
	}
	*i = instant{}
	if n != 0 {
		*i = instant(time.Unix(0, n).UTC())
	}
	return nil
}

// object is any value as JSON text.
type object[T any] struct{ v *T }

func asJSON[T any](v *T) object[T] { return object[T]{v} }

func (o object[T]) Value() (driver.Value, error) {
	b, err := json.Marshal(o.v)
	return string(b), err
}

func (o object[T]) Scan(v any) error {
	switch b := v.(type) {
	case string:
		return json.Unmarshal([]byte(b), o.v)
	case []byte:
		return json.Unmarshal(b, o.v)
	}
	return fmt.Errorf("JSON: got %T", v)
}

// list is a set of words as "\na\nb\n", so that SQL can look for one whole word.
type list []string

func (l list) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "", nil
	}
	for _, s := range l {
		if strings.Contains(s, "\n") {
			return nil, fmt.Errorf("%w: %q has a line break", kb.ErrInvalid, s)
		}
	}
	return "\n" + strings.Join(l, "\n") + "\n", nil
}

// bit is 1 or 0: SQLite has no booleans of its own.
func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
