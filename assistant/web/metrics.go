package web

import (
	"cmp"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"xiaoyue/kb"
)

// metrics counts requests, sockets, and what answers were made of; no label carries words of a
// question.
type metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.HistogramVec
	sockets   prometheus.Gauge
	answers   *prometheus.CounterVec
	failures  *prometheus.CounterVec
	degraded  *prometheus.CounterVec
	sentences *prometheus.CounterVec
	calls     *prometheus.HistogramVec
	first     *prometheus.HistogramVec
	tokens    *prometheus.CounterVec
}

func newMetrics() *metrics {
	patience := []float64{.05, .1, .25, .5, 1, 2, 5, 10, 20, 40} // seconds that people wait for a model
	m := &metrics{
		registry:  prometheus.NewRegistry(),
		requests:  histogram("http_request_seconds", "Time of HTTP requests by route and status.", []float64{.001, .005, .02, .05, .1, .5, 1, 5, 30}, "route", "status"),
		sockets:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "xiaoyue_sockets", Help: "Open chat sockets."}),
		answers:   counter("answers_total", "Answers by outcome and mode.", "outcome", "mode"),
		failures:  counter("answers_failed_total", "Turns that ended without an answer, by code.", "code"),
		degraded:  counter("answers_degraded_total", "Answers made without a configured part.", "part"),
		sentences: counter("sentences_total", "Sentences by the verdict of the check.", "verdict"),
		calls:     histogram("model_call_seconds", "Time of calls to chat models.", patience, "model", "purpose", "result"),
		first:     histogram("model_first_token_seconds", "Time until a chat model's first token.", patience, "model", "purpose"),
		tokens:    counter("model_tokens_total", "Tokens that chat models read and wrote.", "model", "kind"),
	}
	m.registry.MustRegister(m.requests, m.sockets, m.answers, m.failures, m.degraded, m.sentences, m.calls, m.first, m.tokens,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "xiaoyue_" + name, Help: help}, labels)
}

func histogram(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "xiaoyue_" + name, Help: help, Buckets: buckets}, labels)
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

// answer counts one turn by its last event and its record.
func (m *metrics) answer(last kb.Event, record kb.Record) {
	if last.Answer == nil {
		m.failures.WithLabelValues(last.Code).Inc()
		return
	}
	m.answers.WithLabelValues(string(last.Answer.Outcome), string(last.Answer.Mode)).Inc()
	for _, part := range last.Answer.Degraded {
		m.degraded.WithLabelValues(part).Inc()
	}
	for _, v := range record.Verdicts {
		m.sentences.WithLabelValues(v.Result).Inc()
	}
	for _, call := range record.Calls {
		m.call(call)
	}
}

func (m *metrics) call(c kb.Call) {
	model := cmp.Or(c.Model, "unknown")
	result := "whole"
	if c.Fault != "" {
		result = "fault"
	}
	m.calls.WithLabelValues(model, c.Purpose, result).Observe(c.Elapsed.Seconds())
	if c.FirstToken > 0 {
		m.first.WithLabelValues(model, c.Purpose).Observe(c.FirstToken.Seconds())
	}
	m.tokens.WithLabelValues(model, "prompt").Add(float64(c.Prompted))
	m.tokens.WithLabelValues(model, "completion").Add(float64(c.Completed))
}
