package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"xiaoyue/kb"
)

// PutItems stores service items, all or none. An item that equals its newest version changes
// nothing; another becomes the next version, and the old one stays askable for the days before the
// new one begins, if it does so later. Version is assigned here.
func (c *Catalog) PutItems(ctx context.Context, items []kb.ServiceItem) error {
	for _, it := range items {
		if err := checkItem(it); err != nil {
			return fmt.Errorf("catalog: put items: %w: %w", kb.ErrInvalid, err)
		}
	}
	err := c.decide(ctx, func(h handle, tx *sql.Tx) error {
		changed := map[string]bool{} // tenants
		for _, it := range items {
			ok, err := c.putItem(ctx, h, it)
			if err != nil {
				return fmt.Errorf("%s: %w", it.Code, err)
			}
			if ok {
				changed[it.Tenant] = true
			}
		}
		return c.itemsChanged(ctx, h, tx, changed)
	})
	if err != nil {
		return c.failed("put", "items", err)
	}
	return nil
}

func checkItem(it kb.ServiceItem) error {
	if err := it.Check(); err != nil {
		return err
	}
	if it.Tenant == "" || !knownAccess(it.Access) {
		return fmt.Errorf("service item %s: tenant %q, access %q: both are needed", it.Code, it.Tenant, it.Access)
	}
	return nil
}

// itemRow is a stored version of an item.
type itemRow struct {
	edition
	item kb.ServiceItem
}

func itemRows(ctx context.Context, h handle, tenant, code string) ([]itemRow, error) {
	return collect(ctx, h, func(rows *sql.Rows, r *itemRow) error {
		err := rows.Scan(asJSON(&r.item), asJSON(&r.Standing), &r.Live, (*instant)(&r.Recorded), (*instant)(&r.Retired))
		r.Version, r.Stated = r.item.Version, r.item.Validity
		return err
	}, `select body, standing, live, recorded_at, retired_at from items where tenant = ? and code = ? order by version`, tenant, code)
}

func (c *Catalog) putItem(ctx context.Context, h handle, it kb.ServiceItem) (changed bool, err error) {
	rows, err := itemRows(ctx, h, it.Tenant, it.Code)
	if err != nil {
		return false, err
	}
	it.Version = len(rows) + 1
	if last := len(rows) - 1; last >= 0 && rows[last].Retired.IsZero() {
		same := it
		same.Version = last + 1
		if equalJSON(same, rows[last].item) {
			return false, nil
		}
	}
	now := c.now()
	if _, err := retireItem(ctx, h, it.Tenant, it.Code, now); err != nil {
		return false, err
	}
	err = h.insert(ctx, `items (tenant, code, version, access, region, zone, audience, standing, from_day, until_day,
		live, recorded_at, body)`, [][]any{{it.Tenant, it.Code, it.Version, string(it.Access), it.Region, it.Zone,
		list(it.Audience), asJSON(&it.Validity), day(it.Validity.From), day(it.Validity.Until), 1, instant(now), asJSON(&it)}})
	if err != nil {
		return false, err
	}
	return true, settleItem(ctx, h, it.Tenant, it.Code)
}

func equalJSON(a, b kb.ServiceItem) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func retireItem(ctx context.Context, h handle, tenant, code string, at time.Time) (retired int, err error) {
	return h.count(ctx, "update items set retired_at = ? where tenant = ? and code = ? and retired_at = 0", instant(at), tenant, code)
}

// settleItem recomputes which versions of an item can be asked for, and for which days.
func settleItem(ctx context.Context, h handle, tenant, code string) error {
	rows, err := itemRows(ctx, h, tenant, code)
	if err != nil {
		return err
	}
	editions := make([]edition, len(rows))
	for i, r := range rows {
		editions[i] = r.edition
	}
	settle(editions)
	for _, e := range editions {
		v := standing(e.Stated, "", nil, e.Next)
		err := h.exec(ctx, "update items set live = ?, standing = ?, from_day = ?, until_day = ? where tenant = ? and code = ? and version = ?",
			bit(e.Live), asJSON(&v), day(v.From), day(v.Until), tenant, code, e.Version)
		if err != nil {
			return err
		}
	}
	return nil
}

// itemsChanged raises the revisions and leaves one job per tenant.
func (c *Catalog) itemsChanged(ctx context.Context, h handle, tx *sql.Tx, tenants map[string]bool) error {
	if len(tenants) == 0 {
		return nil
	}
	for _, name := range []string{counterCatalog, counterItems} {
		if err := bump(ctx, h, name); err != nil {
			return err
		}
	}
	revision, err := counter(ctx, h, counterItems)
	if err != nil {
		return err
	}
	for tenant := range tenants {
		if err := c.enqueue(ctx, tx, Job{Tenant: tenant, Items: revision}); err != nil {
			return err
		}
	}
	return nil
}

// WithdrawItems takes items out of use. Unknown codes are passed over.
func (c *Catalog) WithdrawItems(ctx context.Context, tenant string, codes []string) error {
	err := c.decide(ctx, func(h handle, tx *sql.Tx) error {
		changed := map[string]bool{}
		for _, code := range codes {
			n, err := retireItem(ctx, h, tenant, code, c.now())
			if err != nil {
				return err
			}
			if n == 0 {
				continue
			}
			changed[tenant] = true
			if err := settleItem(ctx, h, tenant, code); err != nil {
				return err
			}
		}
		return c.itemsChanged(ctx, h, tx, changed)
	})
	if err != nil {
		return c.failed("withdraw", "items", err)
	}
	return nil
}

const itemColumns = "i.body, i.standing"

func scanItem(rows interface{ Scan(...any) error }, it *kb.ServiceItem) error {
	var v kb.Validity
	err := rows.Scan(asJSON(it), asJSON(&v))
	it.Validity = v
	return err
}

// Item returns the newest version of an item, in force or not; kb.ErrNotFound where there is none
// or it was withdrawn.
func (c *Catalog) Item(ctx context.Context, tenant, code string) (kb.ServiceItem, error) {
	var it kb.ServiceItem
	err := scanItem(c.reader().row(ctx, "select "+itemColumns+` from items i
		where i.tenant = ? and i.code = ? and i.live = 1 order by i.version desc limit 1`, tenant, code), &it)
	if err = found(err); err != nil {
		return kb.ServiceItem{}, c.failed("item", code, err)
	}
	return it, nil
}

// Items returns the items inside a scope, ordered by code and version. With a day at most one
// version of each is in force; without one, every version that can be asked for is returned.
func (c *Catalog) Items(ctx context.Context, s kb.Scope) ([]kb.ServiceItem, error) {
	where, values := scopeSQL("i", s)
	items, err := collect(ctx, c.reader(), func(rows *sql.Rows, it *kb.ServiceItem) error { return scanItem(rows, it) },
		"select "+itemColumns+" from items i where i.live = 1 and "+where+" order by i.code, i.version", values...)
	if err != nil {
		return nil, c.failed("items of", s.Tenant, err)
	}
	return items, nil
}

// ItemsRevision returns a number that rises with every change of items, for readers that cache them.
func (c *Catalog) ItemsRevision(ctx context.Context) (int64, error) {
	n, err := counter(ctx, c.reader(), counterItems)
	if err != nil {
		return 0, c.failed("read", "revision of items", err)
	}
	return n, nil
}
