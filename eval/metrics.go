package eval

import (
	"math"
	"slices"
)

// HitAt is 1 if one of the first k documents is relevant, and 0 otherwise.
func HitAt(k int, ranked []string, relevant map[string]int) float64 {
	for _, id := range ranked[:min(k, len(ranked))] {
		if relevant[id] > 0 {
			return 1
		}
	}
	return 0
}

// ReciprocalRankAt is 1/r for the rank r of the first relevant document among the first k, and 0
// without one; its mean is MRR@k.
func ReciprocalRankAt(k int, ranked []string, relevant map[string]int) float64 {
	for i, id := range ranked[:min(k, len(ranked))] {
		if relevant[id] > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// RecallAt is the share of the relevant documents found among the first k.
func RecallAt(k int, ranked []string, relevant map[string]int) float64 {
	found := 0
	for _, id := range ranked[:min(k, len(ranked))] {
		if relevant[id] > 0 {
			found++
		}
	}
	return share(found, len(relevant))
}

// NDCGAt is DCG/IDCG over the first k with linear gain, as trec_eval's ndcg_cut: the sum of
// relevance/log2(1+rank), divided by that of the best possible order.
func NDCGAt(k int, ranked []string, relevant map[string]int) float64 {
	dcg := 0.0
	for i, id := range ranked[:min(k, len(ranked))] {
		dcg += float64(relevant[id]) / math.Log2(float64(i)+2)
	}
	var ideal []int
	for _, r := range relevant {
		ideal = append(ideal, r)
	}
	slices.SortFunc(ideal, func(a, b int) int { return b - a })
	idcg := 0.0
	for i, r := range ideal[:min(k, len(ideal))] {
		idcg += float64(r) / math.Log2(float64(i)+2)
	}
	if idcg == 0 {
		return 0
	}
	return dcg / idcg
}

// Percentile returns the smallest value with at least p percent of all values at or below it
// (nearest rank), 0 of none.
func Percentile(p float64, values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	rank := int(math.Ceil(p / 100 * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}
