package kb

import (
	_ "embed"
	"fmt"
	"strings"
)

// chinaTable holds code, kind, parent, name and aliases by tabs: the nation, its provinces, the
// prefecture-level cities and the county-level units under provinces and under Zhejiang's cities.
// Names and codes are those of GB/T 2260 as of 2023. Short names that are also common words
// (来宾, 白银) are left out of the aliases.
//
//go:embed china.tsv
var chinaTable string

// China returns the regions of the country down to its cities, and those of Zhejiang down to its
// districts and counties. Deployments add their own.
func China() ([]Region, error) {
	var regions []Region
	for line := range strings.Lines(chinaTable) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(fields) != 5 {
			return nil, fmt.Errorf("region table: %q: want 5 fields", line)
		}
		r := Region{Code: fields[0], Kind: RegionKind(fields[1]), Parent: fields[2], Name: fields[3]}
		if fields[4] != "" {
			r.Aliases = strings.Split(fields[4], ",")
		}
		regions = append(regions, r)
	}
	return regions, nil
}
