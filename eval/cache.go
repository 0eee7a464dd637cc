package eval

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"os"
	"sync"

	"xiaoyue/inference"
)

// VectorCache is an inference.Embedder that remembers the vectors of another in a file, so that a
// measurement repeated with the same model embeds nothing twice. A record is the SHA-256 of model,
// kind and text, the vector, and a CRC-32C of both; a file of another length per record, a torn
// tail and damaged records are recomputed. It is for measuring only.
type VectorCache struct {
	inner inference.Embedder
	file  *os.File

	mu    sync.Mutex
	known map[[sha256.Size]byte][]float32
}

// OpenVectorCache reads the cache at path, which is created if it is missing. One process at a time
// may have it open.
func OpenVectorCache(path string, inner inference.Embedder) (*VectorCache, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open vector cache: %w", err)
	}
	c := &VectorCache{inner: inner, file: f, known: make(map[[sha256.Size]byte][]float32)}
	end, err := c.load()
	if err == nil {
		err = f.Truncate(end)
	}
	if err == nil {
		_, err = f.Seek(end, io.SeekStart)
	}
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("open vector cache %s: %w", path, err)
	}
	return c, nil
}

// load reads records up to the first bad one and returns where that begins.
func (c *VectorCache) load() (end int64, err error) {
	in := bufio.NewReaderSize(c.file, 1<<20)
	record := make([]byte, c.recordSize())
	for {
		if _, err := io.ReadFull(in, record); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return end, nil
		} else if err != nil {
			return 0, err
		}
		body := record[:len(record)-4]
		if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(record[len(body):]) {
			return end, nil
		}
		vector := make([]float32, c.inner.Info().Dimension)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(body[sha256.Size+4*i:]))
		}
		c.known[[sha256.Size]byte(body[:sha256.Size])] = vector
		end += int64(len(record))
	}
}

func (c *VectorCache) recordSize() int { return sha256.Size + 4*c.inner.Info().Dimension + 4 }

// Info describes the model behind the cache.
func (c *VectorCache) Info() inference.EmbedderInfo { return c.inner.Info() }

// Embed returns remembered vectors and asks the model for the others.
func (c *VectorCache) Embed(ctx context.Context, texts []string, kind inference.EmbedKind) ([][]float32, error) {
	out := make([][]float32, len(texts))
	var missing []int
	var ask []string
	c.mu.Lock()
	for i, t := range texts {
		if out[i] = c.known[c.key(t, kind)]; out[i] == nil {
			missing, ask = append(missing, i), append(ask, t)
		}
	}
	c.mu.Unlock()
	fresh, err := c.inner.Embed(ctx, ask, kind)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for j, i := range missing {
		if err := c.remember(c.key(texts[i], kind), fresh[j]); err != nil {
			return nil, err
		}
		out[i] = fresh[j]
	}
	for i, v := range out {
		out[i] = append([]float32(nil), v...)
	}
	return out, nil
}

func (c *VectorCache) remember(key [sha256.Size]byte, vector []float32) error {
	record := make([]byte, 0, c.recordSize())
	record = append(record, key[:]...)
	for _, v := range vector {
		record = binary.LittleEndian.AppendUint32(record, math.Float32bits(v))
	}
	record = binary.LittleEndian.AppendUint32(record, crc32.ChecksumIEEE(record))
	if _, err := c.file.Write(record); err != nil {
		return fmt.Errorf("write vector cache: %w", err)
	}
	c.known[key] = vector
	return nil
}

func (c *VectorCache) key(text string, kind inference.EmbedKind) [sha256.Size]byte {
	info := c.inner.Info()
	return sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%d\x00%s", info.Name, info.Digest, kind, text))
}

// Close closes the file.
func (c *VectorCache) Close() error { return c.file.Close() }
