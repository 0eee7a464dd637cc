package ingest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// Files of records are known by name: items.jsonl holds service items by the schema of
// kb/sample/items.schema.json, regions.jsonl regions, documents.jsonl descriptions of the files
// beside and below it; each may have a name in front: rsj.items.jsonl.
const (
	itemsName        = "items.jsonl"
	regionsName      = "regions.jsonl"
	descriptionsName = "documents.jsonl"
)

// recordRank orders regions first, items next, so that texts find the regions they name.
func recordRank(path string) int {
	switch {
	case isNamed(path, regionsName):
		return 0
	case isNamed(path, itemsName):
		return 1
	case isNamed(path, descriptionsName):
		return 2
	}
	return 3
}

func isRecords(path string) bool { return recordRank(path) < 3 }

func isNamed(path, name string) bool {
	base := filepath.Base(path)
	return base == name || strings.HasSuffix(base, "."+name)
}

// storeRecords stores a file of items or regions as a whole. A file with any fault is refused with
// its lines: half of a list would mislead.
func (r *run) storeRecords(ctx context.Context, f found) error {
	path := f.path
	report := newReport(path, "jsonl")
	report.Coverage = 1
	if r.catalog != nil {
		if _, ok := r.catalog.(Records); !ok {
			report.Status, report.Reason = StatusUnsupported, "这里不接收事项和区划文件"
			r.send(Refused, report)
			return nil
		}
	}
	change := Added
	n, err := r.putRecords(ctx, path)
	if err == nil {
		change, err = r.noteRecords(ctx, f)
	}
	switch fault := new(ReadError); {
	case errors.As(err, &fault):
		report.Status, report.Reason, change = fault.Status, fault.Reason, Refused
	case err != nil:
		return fmt.Errorf("ingest %s: %w", path, err)
	default:
		report.Title = fmt.Sprintf("%s（%d 条）", filepath.Base(path), n)
	}
	r.send(change, report)
	return nil
}

// notes is what a catalog may offer beside Records: to remember a value by name.
type notes interface {
	// State returns the value, or kb.ErrNotFound.
	State(ctx context.Context, name string) (string, error)
	SetState(ctx context.Context, name, value string) error
}

// noteRecords remembers the hash of a stored file of records, and tells whether it was new.
func (r *run) noteRecords(ctx context.Context, f found) (Change, error) {
	catalog, ok := r.catalog.(notes)
	if !ok || r.opts.DryRun {
		return Added, nil
	}
	hash, err := hashFile(f.path, r.opts.Limits.FileBytes)
	if err != nil {
		return Added, nil // it was read a moment ago; the next run will tell
	}
	name := "ingest " + r.opts.Tenant + " " + r.source() + " " + f.key
	known, err := catalog.State(ctx, name)
	if err == nil && known == hash {
		return Unchanged, nil
	}
	if err != nil && !errors.Is(err, kb.ErrNotFound) {
		return Added, err
	}
	return Added, catalog.SetState(ctx, name, hash)
}

func (r *run) putRecords(ctx context.Context, path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, &ReadError{Status: StatusDamaged, Reason: "文件打不开：" + cause(err), Err: err}
	}
	defer f.Close()
	limited := io.LimitReader(f, r.opts.Limits.FileBytes)
	if isNamed(path, descriptionsName) {
		described, err := ReadDescriptions(limited)
		return len(described), err
	}
	if isNamed(path, regionsName) {
		regions, err := ReadRegions(limited, r.regions)
		if err != nil {
			return 0, err
		}
		return len(regions), r.putRegions(ctx, regions)
	}
	items, err := ReadItems(limited, ItemOptions{Tenant: r.opts.Tenant, Access: r.opts.Access, Regions: r.regions})
	if err != nil {
		return 0, err
	}
	r.summary.Items += len(items)
	if r.opts.DryRun {
		return len(items), nil
	}
	return len(items), invalid(r.catalog.(Records).PutItems(ctx, items))
}

func (r *run) putRegions(ctx context.Context, regions []kb.Region) error {
	table, err := extend(r.regions, regions)
	if err != nil {
		return &ReadError{Status: StatusDamaged, Reason: "区划表不成立：" + err.Error(), Err: err}
	}
	r.regions = table
	r.summary.Regions += len(regions)
	if r.opts.DryRun {
		return nil
	}
	return invalid(r.catalog.(Records).PutRegions(ctx, regions))
}

// describe reads the descriptions that lie among the files, by the path of the file described. What
// is wrong with them is reported when their turn comes; a description with a fault describes nothing.
func (r *run) describe(files []found) {
	for _, f := range files {
		if f.err != nil || !isNamed(f.path, descriptionsName) {
			continue
		}
		file, err := os.Open(f.path)
		if err != nil {
			continue
		}
		described, err := ReadDescriptions(io.LimitReader(file, r.opts.Limits.FileBytes))
		file.Close()
		if err != nil {
			continue
		}
		for key, d := range described {
			r.described[filepath.Join(filepath.Dir(f.path), filepath.FromSlash(key))] = d
		}
	}
}

// invalid turns the catalog's verdict on the records into a fault of the file.
func invalid(err error) error {
	if errors.Is(err, kb.ErrInvalid) {
		return &ReadError{Status: StatusDamaged, Reason: "记录不合要求：" + err.Error(), Err: err}
	}
	return err
}

// extend returns a table with regions added or replaced.
func extend(table *kb.Regions, regions []kb.Region) (*kb.Regions, error) {
	all := map[string]bool{}
	for _, r := range regions {
		all[r.Code] = true
	}
	merged := slices.Clone(regions)
	if table != nil {
		for _, r := range table.All() {
			if !all[r.Code] {
				merged = append(merged, r)
			}
		}
	}
	return kb.NewRegions(merged...)
}

// ItemOptions say what holds for the items of a file.
type ItemOptions struct {
	Tenant  string      // of items that name none; others must agree
	Access  kb.Access   // of items that name none; empty: public
	Regions *kb.Regions // nil: region codes are not checked
}

// requiredFields of a service item: leaving one out would read as "none".
var requiredFields = []string{"code", "base_code", "name", "department", "kind", "service_for", "handling_kind", "visits", "cross_region",
	"region", "validity", "conditions", "materials", "steps", "legal_days", "promised_days", "fee", "windows", "telephone", "complaint",
	"legal", "result", "version"}

// ReadItems reads service items, one JSON object a line. Unknown and missing fields, faults that
// ServiceItem.Check finds, unknown regions and repeated codes are a *ReadError that names the lines.
func ReadItems(r io.Reader, o ItemOptions) ([]kb.ServiceItem, error) {
	var items []kb.ServiceItem
	codes := map[string]int{}
	faults := eachLine(r, func(n int, line []byte) error {
		var item kb.ServiceItem
		if err := decodeStrict(line, &item, requiredFields); err != nil {
			return err
		}
		if item.Tenant == "" {
			item.Tenant = o.Tenant
		}
		if item.Access == "" {
			item.Access = stricter(o.Access, "")
		}
		if err := o.check(item); err != nil {
			return err
		}
		if first := codes[item.Code]; first > 0 {
			return fmt.Errorf("code：%s 与第 %d 行重复", item.Code, first)
		}
		codes[item.Code] = n
		items = append(items, item)
		return nil
	})
	return items, faults
}

func (o ItemOptions) check(item kb.ServiceItem) error {
	if err := item.Check(); err != nil {
		return err
	}
	if o.Tenant != "" && item.Tenant != o.Tenant {
		return fmt.Errorf("tenant：%q 不是本机构", item.Tenant)
	}
	if o.Regions == nil {
		return nil
	}
	codes := []string{item.Region}
	for _, w := range item.Windows {
		codes = append(codes, w.Region)
	}
	for _, code := range codes {
		if _, ok := o.Regions.Lookup(code); code != "" && !ok {
			return fmt.Errorf("region：没有代码为 %q 的地区", code)
		}
	}
	return nil
}

// ReadRegions reads regions, one JSON object a line; parents may be in table or in the same file.
func ReadRegions(r io.Reader, table *kb.Regions) ([]kb.Region, error) {
	var regions []kb.Region
	err := eachLine(r, func(_ int, line []byte) error {
		var region kb.Region
		if err := decodeStrict(line, &region, []string{"code", "name", "kind"}); err != nil {
			return err
		}
		regions = append(regions, region)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := extend(table, regions); err != nil {
		return nil, &ReadError{Status: StatusDamaged, Reason: "区划表不成立：" + err.Error(), Err: err}
	}
	return regions, nil
}

// The longest line of a file of records, and how many faulty lines are named.
const (
	maxLine   = 4 << 20
	maxFaults = 10
)

// eachLine calls f for every line that is not blank and gathers the faults into one *ReadError.
func eachLine(r io.Reader, f func(n int, line []byte) error) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	var faults []string
	n, bad := 0, 0
	for lines.Scan() {
		n++
		line := bytes.TrimSpace(bytes.TrimPrefix(lines.Bytes(), []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		if err := f(n, line); err != nil {
			if bad++; bad <= maxFaults {
				faults = append(faults, fmt.Sprintf("第 %d 行：%v", n, err))
			}
		}
	}
	if err := lines.Err(); err != nil {
		return &ReadError{Status: StatusDamaged, Reason: fmt.Sprintf("第 %d 行之后读不下去", n), Err: err}
	}
	if bad > maxFaults {
		faults = append(faults, fmt.Sprintf("另有 %d 行有误", bad-maxFaults))
	}
	if bad > 0 {
		return &ReadError{Status: StatusDamaged, Reason: strings.Join(faults, "；")}
	}
	return nil
}

// decodeStrict decodes one object into v: no unknown field, none of required missing, nothing after it.
func decodeStrict(line []byte, v any, required []string) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(line, &fields); err != nil {
		return fmt.Errorf("不是一个 JSON 对象：%w", err)
	}
	for _, name := range required {
		if _, ok := fields[name]; !ok {
			return fmt.Errorf("%s：缺少这一项", name)
		}
	}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if wrong := new(json.UnmarshalTypeError); errors.As(err, &wrong) {
		return fmt.Errorf("%s：应为 %s，而不是 %s", wrong.Field, wrong.Type, wrong.Value)
	}
	return err
}
