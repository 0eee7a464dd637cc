package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"xiaoyue/kb/sample"
)

func demoCommand(src *source, tty terminal) *cobra.Command {
	c := &cobra.Command{
		Use:   "demo",
		Short: "演示：载入虚构的越州市样例并提供网页",
		Args:  noArgs,
	}
	c.RunE = func(c *cobra.Command, _ []string) error {
		conf, err := src.read()
		if err != nil {
			return err
		}
		conf.Home = sample.City
		conf.Suggest = []string{
			"硕士毕业来越州工作，生活补贴有多少？要带什么材料？",
			"居住证怎么办理？",
			"鉴湖区的租房补贴是多少？",
			"开公司要几天能办好？",
		}
		return conf.serve(c.Context(), tty, func(ctx context.Context, e *engine) error { return e.loadSample(ctx, tty) })
	}
	return c
}

// loadSample ingests the sample as a bureau's files would be: from a folder, through the readers. A
// second start finds everything unchanged.
func (e *engine) loadSample(ctx context.Context, tty terminal) error {
	folder := filepath.Join(e.conf.Data, "sample")
	files, err := sample.Files()
	if err != nil {
		return err
	}
	if err := unpack(files, folder); err != nil {
		return fmt.Errorf("unpack sample: %w", err)
	}
	summary, err := e.ingest(ctx, tty, ingestJob{paths: []string{folder}, source: "sample", quiet: true})
	if err != nil {
		return err
	}
	// The index knows every passage before the first question; vectors follow while it serves.
	if e.lead != nil {
		x := e.newIndexer(nil)
		if err := errors.Join(x.DrainWords(ctx), x.Close()); err != nil {
			return fmt.Errorf("index sample: %w", err)
		}
	}
	fmt.Fprintf(tty.out, "样例已载入：%d 个文件，%d 个事项\n", summary.Files, summary.Items)
	return e.places(ctx)
}

// unpack writes the files that are not there yet or differ.
func unpack(files map[string][]byte, folder string) error {
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
