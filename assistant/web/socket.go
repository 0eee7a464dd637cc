package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"xiaoyue/assistant/chat"
	"xiaoyue/kb"
)

// Times and sizes of a socket. A client that does not read is dropped after writeTimeout, one that
// is silent after idleTimeout.
const (
	handshakeTimeout = 10 * time.Second
	writeTimeout     = 10 * time.Second
	idleTimeout      = 70 * time.Second
	pingEvery        = 30 * time.Second
	queueLength      = 64     // events waiting for a slow client
	maxFollowed      = 4      // turns that one socket follows at once
	maxSockets       = 10_000 // by default
)

// message is what a client sends.
type message struct {
	V    int    `json:"v"`
	Type string `json:"type"` // ask, resume, cancel
	question
	Client string `json:"client"` // the secret of a client without token; browsers set no headers here
	Turn   int    `json:"turn"`   // of resume and cancel
	Seq    int    `json:"seq"`    // of resume: the last one seen
	// Heard is for voice: how much of the answer had been spoken when it was cancelled.
	Heard string `json:"heard"`
}

// connection is one socket: a reader, which is the handler's own goroutine, one writer, and at most
// maxFollowed followers that feed it.
type connection struct {
	server *Server
	socket *websocket.Conn
	from   visitor
	client string // as the header gave it, for messages that name none
	out    chan kb.Event
	slots  chan struct{}
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

// socket serves GET /v1/chat.
func (s *Server) socket(w http.ResponseWriter, r *http.Request) error {
	from, err := s.visitor(r, kb.ChannelChat)
	if err != nil {
		return err
	}
	if err := s.sockets.enter(); err != nil {
		return err
	}
	defer s.sockets.leave()
	socket, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		s.opts.Logger.Debug("socket refused", "request", requestID(r.Context()), "err", err)
		return nil // the upgrader has answered
	}
	ctx, cancel := context.WithCancel(r.Context())
	c := &connection{
		server: s, socket: socket, from: from, client: r.Header.Get(clientHeader), cancel: cancel,
		out: make(chan kb.Event, queueLength), slots: make(chan struct{}, maxFollowed),
	}
	defer c.wait.Wait()
	defer cancel()
	defer context.AfterFunc(s.sockets.closing, cancel)()
	s.metrics.sockets.Inc()
	defer s.metrics.sockets.Dec()
	c.wait.Go(func() { c.write(ctx) })
	c.read(ctx)
	return nil
}

func (s *Server) refuseUpgrade(w http.ResponseWriter, _ *http.Request, status int, reason error) {
	_ = writeJSON(w, status, map[string]reply{"error": {"upgrade", "无法建立WebSocket连接：" + reason.Error()}})
}

// read takes messages until the client leaves or breaks the protocol.
func (c *connection) read(ctx context.Context) {
	c.socket.SetReadLimit(maxBody)
	alive := func(string) error { return c.socket.SetReadDeadline(time.Now().Add(idleTimeout)) }
	c.socket.SetPongHandler(alive)
	for {
		if alive("") != nil {
			return
		}
		kind, body, err := c.socket.ReadMessage()
		switch {
		case err != nil:
			return
		case kind != websocket.TextMessage:
			c.close(websocket.CloseUnsupportedData, "only text messages")
			return
		case !utf8.Valid(body): // RFC 6455, section 8.1
			c.close(websocket.CloseInvalidFramePayloadData, "text is not UTF-8")
			return
		}
		var m message
		if err := readJSON(bytes.NewReader(body), &m); err != nil {
			c.complain(ctx, kb.Event{}, err)
			continue
		}
		c.handle(ctx, m)
	}
}

func (c *connection) handle(ctx context.Context, m message) {
	caller, err := c.from.named(cmp.Or(m.Client, c.client))
	ref := chat.Ref{Tenant: caller.Tenant, Subject: caller.Subject, Conversation: m.Conversation, Turn: m.Turn}
	switch {
	case m.V != 1:
		c.complain(ctx, kb.Event{}, badRequest("协议版本应为 v=1。"))
	case err != nil:
		c.complain(ctx, kb.Event{}, err)
	case m.Type == "ask":
		c.ask(ctx, m.question, caller)
	case m.Type == "resume":
		c.resume(ctx, ref, m.Seq)
	case m.Type == "cancel":
		if err := c.server.backend.Chat.Cancel(ctx, ref); err != nil {
			c.complain(ctx, kb.Event{Conversation: ref.Conversation, Turn: ref.Turn}, err)
		}
	default:
		c.complain(ctx, kb.Event{}, badRequest("消息类型应为 ask、resume 或 cancel。"))
	}
}

func (c *connection) ask(ctx context.Context, q question, caller kb.Caller) {
	turn, err := c.server.turn(q, caller)
	if err != nil {
		c.complain(ctx, kb.Event{Conversation: q.Conversation}, err)
		return
	}
	if !c.slot() { // before the answer begins, which nobody could follow
		c.complain(ctx, kb.Event{Conversation: q.Conversation}, chat.ErrBusy)
		return
	}
	ref, err := c.server.backend.Chat.Ask(ctx, turn)
	if err != nil {
		<-c.slots
		c.complain(ctx, kb.Event{Conversation: q.Conversation}, err)
		return
	}
	c.follow(ctx, ref, 0)
}

func (c *connection) resume(ctx context.Context, ref chat.Ref, after int) {
	if !c.slot() {
		c.complain(ctx, kb.Event{Conversation: ref.Conversation, Turn: ref.Turn}, chat.ErrBusy)
		return
	}
	c.follow(ctx, ref, after)
}

// slot takes the right to follow one more turn.
func (c *connection) slot() bool {
	select {
	case c.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// follow feeds a turn to the writer in a goroutine of its own and then gives the slot back.
func (c *connection) follow(ctx context.Context, ref chat.Ref, after int) {
	c.wait.Go(func() {
		defer func() { <-c.slots }()
		for event, err := range c.server.backend.Chat.Follow(ctx, ref, after) {
			if err != nil {
				c.complain(ctx, kb.Event{Conversation: ref.Conversation, Turn: ref.Turn}, err)
				return
			}
			if !c.send(ctx, event) {
				return
			}
		}
	})
}

// send queues an event. A client whose queue stays full for writeTimeout is dropped: it can come
// back and resume.
func (c *connection) send(ctx context.Context, event kb.Event) bool {
	timer := time.NewTimer(writeTimeout)
	defer timer.Stop()
	select {
	case c.out <- event:
		return true
	case <-timer.C:
		c.cancel()
	case <-ctx.Done():
	}
	return false
}

// complain sends an error that belongs to no event of a turn; its sequence number is 0.
func (c *connection) complain(ctx context.Context, e kb.Event, err error) {
	if errors.Is(err, context.Canceled) {
		return
	}
	f := classify(err)
	if f.status >= http.StatusInternalServerError {
		c.server.opts.Logger.Error("socket message failed", "conversation", e.Conversation, "err", err)
	}
	e.V, e.Type, e.Code, e.Text = 1, kb.EventError, f.Code, f.Message
	c.send(ctx, e)
}

// write is the only goroutine that writes. When it ends, the reader ends too.
func (c *connection) write(ctx context.Context) {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	defer c.socket.Close()
	for {
		select {
		case event := <-c.out:
			if c.put(event) != nil {
				c.cancel()
				return
			}
		case <-ticker.C:
			if c.socket.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeTimeout)) != nil {
				c.cancel()
				return
			}
		case <-ctx.Done():
			c.farewell()
			return
		}
	}
}

// farewell says why the connection ends, where the reader has not said so.
func (c *connection) farewell() {
	if c.server.sockets.closing.Err() != nil {
		c.close(websocket.CloseServiceRestart, "connect again and resume")
		return
	}
	c.close(websocket.CloseGoingAway, "the client was too slow")
}

func (c *connection) put(event kb.Event) error {
	body, err := json.Marshal(event)
	if err != nil {
		return err
	}
	if err := c.socket.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	return c.socket.WriteMessage(websocket.TextMessage, body)
}

func (c *connection) close(code int, reason string) {
	_ = c.socket.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second))
}
