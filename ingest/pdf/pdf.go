// Package pdf reads the text of PDF files as an ingest.Reader: lines in reading order joined to
// paragraphs, ruled tables as tables, page numbers kept; running heads and folios left out. Pages
// that are pictures are named for text recognition, which is not done here.
//
// PDFium runs as WebAssembly inside the process, without file system and network of its own, and
// with bounded memory; no cgo, no shared library.
package pdf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klippa-app/go-pdfium"
	pdfium_errors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"xiaoyue/ingest"
)

// Format is the name that readings carry.
const Format = "pdf"

// wasmPages bounds the memory of one document to 256 MiB, in pages of 64 KiB.
const wasmPages = 4096

// Options configure a Reader.
type Options struct {
	// CacheDir keeps the compiled module; with it a start takes 0.2 s instead of several seconds
	// [xiaoyue/wazero in the user's cache folder]. Where it cannot be written, nothing is kept.
	CacheDir string
}

// Reader implements ingest.Reader. It is safe for concurrent use: each reading has an instance of
// PDFium of its own. Close must be called.
type Reader struct {
	pool  pdfium.Pool
	cache wazero.CompilationCache // nil when nothing is kept
}

// New compiles PDFium or loads it from the cache. ctx is for the compilation only.
func New(ctx context.Context, o *Options) (*Reader, error) {
	r := &Reader{}
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(wasmPages).
		WithCloseOnContextDone(true)
	if dir := cacheDir(o); dir != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(dir); err == nil {
			r.cache = cache
			config = config.WithCompilationCache(cache)
		}
	}
	pool, err := webassembly.Init(webassembly.Config{
		Context:       context.WithoutCancel(ctx), // it also runs the instances, which outlive New
		MaxTotal:      4,
		FSConfig:      wazero.NewFSConfig(), // without it, the root of the host
		Stdout:        io.Discard,
		Stderr:        io.Discard,
		RuntimeConfig: config,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pdf: start pdfium: %w", err), r.Close())
	}
	r.pool = pool
	return r, nil
}

func cacheDir(o *Options) string {
	if o != nil && o.CacheDir != "" {
		return o.CacheDir
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(base, "xiaoyue", "wazero")
}

// Close frees the module. Readings under way must have ended.
func (r *Reader) Close() error {
	var errs []error
	if r.pool != nil {
		errs = append(errs, r.pool.Close())
	}
	if r.cache != nil {
		errs = append(errs, r.cache.Close(context.Background()))
	}
	return errors.Join(errs...)
}

// Read implements ingest.Reader.
func (r *Reader) Read(ctx context.Context, in io.ReaderAt, size int64, limits ingest.Limits) (ingest.Reading, error) {
	reading := ingest.Reading{Format: Format}
	instance, err := r.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return reading, fmt.Errorf("pdf: get an instance: %w", err)
	}
	stop := context.AfterFunc(ctx, func() {
		// Ends a call that is stuck; the instance is gone either way.
		_ = instance.Kill()
	})
	defer func() {
		if stop() {
			// The document was only read: nothing is lost if closing fails.
			_ = instance.Close()
		}
	}()
	open, err := instance.OpenDocument(&requests.OpenDocument{
		FileReader:     io.NewSectionReader(in, 0, size),
		FileReaderSize: size,
	})
	if ctx.Err() != nil {
		return reading, ctx.Err()
	}
	if err != nil {
		return reading, openFault(err)
	}
	d := &document{ctx: ctx, pdfium: instance, ref: open.Document, limits: limits.Filled()}
	err = d.read(&reading)
	if ctx.Err() != nil {
		return reading, ctx.Err()
	}
	return reading, err
}

func openFault(err error) error {
	switch {
	case errors.Is(err, pdfium_errors.ErrPassword), errors.Is(err, pdfium_errors.ErrSecurity):
		return &ingest.ReadError{
			Status: ingest.StatusEncrypted,
			Reason: "PDF 设有打开密码，请取消密码（或打印为新的 PDF）后再上传",
			Err:    fmt.Errorf("pdf: open: %w", err),
		}
	}
	return damaged(fmt.Errorf("pdf: open: %w", err))
}

func damaged(err error) *ingest.ReadError {
	return &ingest.ReadError{
		Status: ingest.StatusDamaged,
		Reason: "PDF 文件已损坏或不完整，请重新导出或重新下载后再上传",
		Err:    err,
	}
}
