package main

import (
	"context"
	"fmt"

	"xiaoyue/kb"
	"xiaoyue/kb/sample"
)

// places reads the table of regions: those of the country, of the sample's invented city, and of the
// catalog, the later one winning. It also finds the home of callers who name no place.
func (e *engine) places(ctx context.Context) error {
	own, err := e.catalog.Regions(ctx)
	if err != nil {
		return err
	}
	if e.regions, err = mergedRegions(own.All()); err != nil {
		return err
	}
	if e.home = e.conf.Home; e.home == "" {
		e.home = onlyCity(own.All())
	}
	if _, err := e.regions.Chain(e.home); err != nil {
		return fmt.Errorf("home region: %w", err)
	}
	return nil
}

// mergedRegions adds a deployment's own regions to those that every xiaoyue knows.
func mergedRegions(own []kb.Region) (*kb.Regions, error) {
	country, err := kb.China()
	if err != nil {
		return nil, err
	}
	invented, err := sample.Regions()
	if err != nil {
		return nil, err
	}
	var merged []kb.Region
	at := map[string]int{}
	for _, list := range [][]kb.Region{country, invented, own} {
		for _, r := range list {
			if i, ok := at[r.Code]; ok {
				merged[i] = r
				continue
			}
			at[r.Code] = len(merged)
			merged = append(merged, r)
		}
	}
	return kb.NewRegions(merged...)
}

// onlyCity returns the code of the one city among a deployment's own regions, "" where there is none
// or several.
func onlyCity(own []kb.Region) string {
	city := ""
	for _, r := range own {
		if r.Kind != kb.RegionCity {
			continue
		}
		if city != "" {
			return ""
		}
		city = r.Code
	}
	return city
}
