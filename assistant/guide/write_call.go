package guide

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"xiaoyue/assistant/guide/prompt"
	"xiaoyue/inference"
	"xiaoyue/kb"
	"xiaoyue/kb/privacy"
)

// ask sends one request and reads its answer. It returns an objection where the last sentence has to be
// written anew. The request is recorded whatever becomes of it.
func (w *writer) ask(ctx context.Context, purpose, objection string) (again string, err error) {
	a := w.asking()
	if objection != "" {
		a.Written, _ = privacy.Mask(w.written + w.faulty)
		a.Objection, _ = privacy.Mask(objection)
	}
	template := w.g.templates.Newest
	messages, err := template.Messages(a)
	if err != nil {
		return "", err
	}
	call := kb.Call{
		Purpose: purpose, Template: template.Hash, Prompt: prompt.Hash(messages), Question: a.Question, Place: a.Place, AsOf: a.AsOf,
		Written: a.Written, Objection: a.Objection, Model: w.g.chat.Name(),
	}
	for _, p := range w.pieces {
		call.Evidence = append(call.Evidence, p.ref)
	}
	began := w.g.now()
	again, err = w.listen(ctx, inference.ChatRequest{Messages: messages, MaxTokens: maxAnswerTokens, Asker: w.r.asker}, &call)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && err != nil {
		err = fmt.Errorf("no whole answer in time: %w", err)
	}
	w.g.recordCall(ctx, w.r, call, began, err)
	return again, err
}

// maxFaultRunes bounds what is recorded of a fault.
const maxFaultRunes = 300

// recordCall keeps a call that has ended, with the digest of the model that answered.
func (g *Guide) recordCall(ctx context.Context, r *reply, call kb.Call, began time.Time, err error) {
	call.Elapsed = g.now().Sub(began)
	if err != nil {
		call.Fault, _ = privacy.Mask(firstRunes(err.Error(), maxFaultRunes))
	}
	call.Digest = g.inspections.of(ctx, call.Model).Digest
	r.record.Calls = append(r.record.Calls, call)
}

// count keeps what the last delta of a stream says: the tokens, and which model it was.
func count(call *kb.Call, last inference.Delta) {
	call.Prompted, call.Completed = last.Usage.Prompt, last.Usage.Completion
	call.Model = cmp.Or(last.Model, call.Model)
}

// listen reads an answer and passes on every sentence that is whole. An answer that was cut off by its
// length has a last sentence that is not.
func (w *writer) listen(ctx context.Context, req inference.ChatRequest, call *kb.Call) (again string, err error) {
	began, size := w.g.now(), 0
	var c cutter
	for d, err := range w.g.chat.Chat(ctx, req) {
		switch {
		case err != nil:
			return "", err
		case w.r.err != nil:
			return "", w.r.err
		case d.Wait > 0:
			w.r.waiting(d.Wait)
			continue
		case size == 0 && d.Text != "":
			call.FirstToken = w.g.now().Sub(began)
		}
		if size += len(d.Text); size > maxAnswerBytes || len(c.pending) > maxSentenceBytes {
			return "", errTooMuch
		}
		for _, s := range c.add(d.Text) {
			if again := w.sentence(s); again != "" || w.ended {
				return again, nil
			}
		}
		if d.Stop != "" {
			count(call, d)
		}
		if d.Stop == inference.StopLength {
			return "", nil
		}
	}
	if again := w.sentence(c.rest()); again != "" {
		return again, nil
	}
	return w.release(nil), nil
}

// askerOf makes the key by which a queue tells askers apart: opaque, one for a conversation.
func askerOf(turn kb.Turn, trace string) string {
	key := turn.Conversation
	if key == "" {
		key = trace
	}
	sum := sha256.Sum256([]byte(turn.Caller.Tenant + "\x00" + turn.Caller.Subject + "\x00" + key))
	return hex.EncodeToString(sum[:8])
}

// waiting says how long a request will wait for its turn. The notice holds for the moment and is not
// part of the answer.
func (r *reply) waiting(d time.Duration) {
	seconds := int((d + time.Second - 1) / time.Second)
	r.send(kb.Event{Type: kb.EventNotice, Code: kb.NoticeWaiting, Text: fmt.Sprintf("正在排队，预计还要等约%d秒。", seconds)})
}
