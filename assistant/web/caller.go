package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"xiaoyue/kb"
)

// clientHeader carries the secret of a widget or program that has no token; on a socket, where
// browsers set no headers, every message has the field client.
const clientHeader = "Xiaoyue-Client"

// Lengths of a client's name for itself. Without a token it is all that guards a conversation: 22
// characters of base64 are 128 bits.
const (
	minClient = 22
	maxClient = 128
)

// publicToken is what clients send that cannot send no token at all, as those of OpenAI's API. It is
// too short for a configured token.
const publicToken = "public"

// visitor is who sends requests, before a client has named itself.
type visitor struct {
	caller kb.Caller
	token  string
}

// caller says who sends a request that is not for a socket.
func (s *Server) caller(r *http.Request) (kb.Caller, error) {
	v, err := s.visitor(r, kb.ChannelHTTP)
	if err != nil {
		return kb.Caller{}, err
	}
	return v.named(r.Header.Get(clientHeader))
}

// visitor reads the token of a request. A wrong one is refused rather than taken for a citizen's.
func (s *Server) visitor(r *http.Request, channel kb.Channel) (visitor, error) {
	v := visitor{caller: kb.Caller{Tenant: s.opts.Tenant, Channel: channel, Region: s.opts.Home, Address: s.address(r)}}
	scheme, given, _ := strings.Cut(strings.TrimSpace(r.Header.Get("Authorization")), " ")
	bearer := strings.EqualFold(scheme, "Bearer")
	if scheme == "" || bearer && (given == "" || given == publicToken) {
		return v, nil
	}
	for token, roles := range s.opts.Tokens {
		if bearer && subtle.ConstantTimeCompare([]byte(token), []byte(given)) == 1 {
			v.caller.Roles, v.token = roles, token
			return v, nil
		}
	}
	return v, &fault{reply: reply{"unauthorized", "访问令牌无效，请联系管理员。"}, status: http.StatusUnauthorized}
}

// named returns the caller as the owner of conversations. The subject is a hash of secrets, so that
// what is stored opens nothing: of the token and the client's name behind it, or of the secret that an
// anonymous client made up. Who gives neither owns nothing in particular.
func (v visitor) named(client string) (kb.Caller, error) {
	c := v.caller
	switch {
	case len(client) > maxClient, v.token == "" && client != "" && len(client) < minClient:
		return c, badField("client", fmt.Sprintf("客户端标识应为%d至%d位的随机字符。", minClient, maxClient))
	case v.token != "" || client != "":
		sum := sha256.Sum256([]byte("xiaoyue subject\x00" + v.token + "\x00" + client))
		c.Subject = hex.EncodeToString(sum[:])
	}
	return c, nil
}

// address returns where the request comes from. Behind a proxy, one on this machine or a configured
// one, that is what the proxy says; empty where it says nothing, for then it speaks for everybody.
func (s *Server) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	from, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	from = from.Unmap()
	proxy := from.IsLoopback() || slices.ContainsFunc(s.opts.Proxies, func(p netip.Prefix) bool { return p.Contains(from) })
	if !proxy {
		return from.WithZone("").String()
	}
	forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	said, err := netip.ParseAddr(strings.TrimSpace(forwarded[len(forwarded)-1])) // those before it anybody may have written
	if err != nil {
		return ""
	}
	return said.Unmap().WithZone("").String()
}
