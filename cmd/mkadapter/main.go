// Command mkadapter learns the adapter of the embedded model (retrieval/adapt) from questions with
// known answers, in folders of BEIR layout, and measures it on questions that it has not seen.
//
//	mkadapter -models DIR -vectors FILE [-folds 4] [-out FILE] CORPUS…
//
// With -folds N it prints, for every corpus, recall@10 of the dense search alone without and with an
// adapter, each question searched with one that was trained on the other folds of all corpora. With
// -out it trains on everything and writes the adapter.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"xiaoyue/eval"
	"xiaoyue/inference/bge"
	"xiaoyue/retrieval/adapt"
)

func main() {
	models := flag.String("models", "", "folder of the model; empty: where xiaoyue keeps it")
	vectors := flag.String("vectors", "", "cache file of vectors, to embed nothing twice")
	folds := flag.Int("folds", 0, "cross-validate with this many folds")
	out := flag.String("out", "", "file of the adapter trained on everything")
	flag.Parse()
	if flag.NArg() == 0 || *vectors == "" || *folds < 0 || *folds == 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(context.Background(), job{*models, *vectors, *out, *folds, flag.Args()}); err != nil {
		fmt.Fprintln(os.Stderr, "mkadapter:", err)
		os.Exit(1)
	}
}

type job struct {
	models, vectors, out string
	folds                int
	corpora              []string
}

func run(ctx context.Context, j job) error {
	model, err := bge.Open(j.models, nil)
	if err != nil {
		return err
	}
	cache, err := eval.OpenVectorCache(j.vectors, model)
	if err != nil {
		return err
	}
	defer cache.Close()
	var sets []set
	for _, dir := range j.corpora {
		corpus, err := eval.LoadBEIR(os.DirFS(dir))
		if err != nil {
			return err
		}
		s, err := embed(ctx, filepath.Base(dir), corpus, cache)
		if err != nil {
			return err
		}
		sets = append(sets, s)
	}
	if j.folds > 0 {
		if err := validate(sets, j.folds); err != nil {
			return err
		}
	}
	if j.out == "" {
		return nil
	}
	a, err := adapt.Train(examples(sets, func(int) bool { return true }), nil)
	if err != nil {
		return err
	}
	data, err := a.AppendBinary(nil)
	if err != nil {
		return err
	}
	return os.WriteFile(j.out, data, 0o644)
}

// validate prints held-out recall for every set.
func validate(sets []set, folds int) error {
	before, after := make([][]float64, len(sets)), make([][]float64, len(sets))
	for fold := range folds {
		a, err := adapt.Train(examples(sets, func(i int) bool { return i%folds != fold }), nil)
		if err != nil {
			return err
		}
		for k, s := range sets {
			for i := fold; i < len(s.questions); i += folds {
				before[k] = append(before[k], s.recall(s.questions[i], nil))
				after[k] = append(after[k], s.recall(s.questions[i], a))
			}
		}
	}
	for k, s := range sets {
		d, err := eval.PairedBootstrap(before[k], after[k], 10_000, 1)
		if err != nil {
			return err
		}
		fmt.Printf("%-10s questions %4d  dense recall@10 held out: gain %+.4f [%+.4f, %+.4f] p=%.4f\n",
			s.name, len(before[k]), d.Mean, d.Lo, d.Hi, d.P)
	}
	return nil
}
