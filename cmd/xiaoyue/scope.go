package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/pflag"

	"xiaoyue/kb"
)

// scopeFlags are the flags that ask, search and eval answers share.
type scopeFlags struct {
	asOf     string
	region   string
	zone     string
	audience string
}

func (s *scopeFlags) flags(f *pflag.FlagSet) {
	f.StringVar(&s.asOf, "as-of", "", "the day asked about, YYYY-MM-DD (default: today)")
	f.StringVar(&s.region, "region", "", "region code, such as 330602")
	f.StringVar(&s.zone, "zone", "", "专区")
	f.StringVar(&s.audience, "audience", "", "whom it concerns, such as 个人 or 企业")
}

// turn builds the turn of a clerk at the terminal of this machine.
func (s *scopeFlags) turn(question string, regions *kb.Regions, home string) (kb.Turn, error) {
	day, err := kb.ParseDate(s.asOf)
	if err != nil {
		return kb.Turn{}, usagef("--as-of: %v", err)
	}
	if _, err := regions.Chain(s.region); err != nil {
		return kb.Turn{}, usagef("--region: %v", err)
	}
	return kb.Turn{
		Caller:   kb.Caller{Tenant: kb.DefaultTenant, Channel: kb.ChannelCLI, Region: home},
		Question: question, AsOf: day, Region: s.region, Zone: s.zone, Audience: s.audience,
	}, nil
}

// printJSON writes one value as one line.
func printJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("print result: %w", err)
	}
	return nil
}
