package web

import (
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"xiaoyue/kb"
)

// metrics counts requests, answers and sockets; no label carries words of a question.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	answers  *prometheus.CounterVec
	sockets  prometheus.Gauge
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "xiaoyue_http_request_seconds", Help: "Time of HTTP requests by route and status.",
			Buckets: []float64{.001, .005, .02, .05, .1, .5, 1, 5, 30},
		}, []string{"route", "status"}),
		answers: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xiaoyue_answers_total", Help: "Answers by outcome and mode.",
		}, []string{"outcome", "mode"}),
		sockets: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "xiaoyue_sockets", Help: "Open chat sockets.",
		}),
	}
	m.registry.MustRegister(m.requests, m.answers, m.sockets,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) request(route string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) answer(a kb.Answer) {
	m.answers.WithLabelValues(string(a.Outcome), string(a.Mode)).Inc()
}
