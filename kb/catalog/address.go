package catalog

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"sync"
)

// addressState is the note that keeps the key of addresses.
const addressState = "address key"

// addressBytes are enough to tell apart the few hundred addresses that ask at once, and too few to tell,
// even for who has the key, which of 256 IPv4 addresses one was.
const addressBytes = 3

// addresses hides network addresses: turns of one address can be counted, and no address is stored. The
// key is random and the same for all processes of a catalog.
type addresses struct {
	mu  sync.Mutex // guards key
	key []byte
}

// hide returns what stands for an address; an empty one stands for itself.
func (a *addresses) hide(ctx context.Context, c *Catalog, address string) (string, error) {
	if address == "" {
		return "", nil
	}
	key, err := a.shared(ctx, c)
	if err != nil {
		return "", err
	}
	sum := hmac.New(sha256.New, key)
	sum.Write([]byte(address))
	return hex.EncodeToString(sum.Sum(nil)[:addressBytes]), nil
}

// shared reads the key, and makes it where there is none.
func (a *addresses) shared(ctx context.Context, c *Catalog) ([]byte, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key != nil {
		return a.key, nil
	}
	fresh := make([]byte, 32)
	rand.Read(fresh) //nolint:errcheck // never fails
	var kept string
	err := c.update(ctx, func(h handle, _ *sql.Tx) error {
		err := h.exec(ctx, "insert into state (name, value) values (?, ?) on conflict (name) do nothing",
			addressState, hex.EncodeToString(fresh))
		if err != nil {
			return err
		}
		return h.row(ctx, "select value from state where name = ?", addressState).Scan(&kept)
	})
	if err != nil {
		return nil, err
	}
	a.key, err = hex.DecodeString(kept)
	return a.key, err
}
