package milvus

import (
	"context"
	"slices"
	"time"

	retry "github.com/grpc-ecosystem/go-grpc-middleware/retry"
	"github.com/milvus-io/milvus-proto/go-api/v2/commonpb"
	"github.com/milvus-io/milvus-proto/go-api/v2/milvuspb"
	"github.com/milvus-io/milvus-proto/go-api/v2/schemapb"
	"github.com/milvus-io/milvus-sdk-go/v2/client"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
)

// The connection. maxReply bounds what one answer may take of our memory; a server that was away is tried
// again at least every maxPause.
const (
	maxReply    = 64 << 20
	connectTime = 2 * time.Second
	maxPause    = time.Second
	minPause    = 50 * time.Millisecond
	rateRetries = 4 // of a call that the server's rate limit refused
)

func (s *Store) connect(ctx context.Context) error {
	return s.call(ctx, func(ctx context.Context) (err error) {
		s.client, err = client.NewClient(ctx, client.Config{
			Address: s.opts.Address, Username: s.opts.Username, Password: s.opts.Password, APIKey: s.opts.APIKey,
			DBName: s.opts.Database, EnableTLSAuth: s.opts.TLS,
			RetryRateLimit: &client.RetryRateLimitOption{MaxRetry: rateRetries, MaxBackoff: maxPause},
			DialOptions: []grpc.DialOption{
				grpc.WithUnaryInterceptor(intercept),
				grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxReply)),
				grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 10 * time.Second, Timeout: 5 * time.Second}),
				grpc.WithConnectParams(grpc.ConnectParams{
					Backoff:           backoff.Config{BaseDelay: minPause, Multiplier: 1.6, Jitter: .2, MaxDelay: maxPause},
					MinConnectTimeout: connectTime,
				}),
			},
		})
		return err
	})
}

// intercept stands around every call of the SDK, where it does three things that the SDK does not: a server
// that is away fails the call at once instead of after seconds of trying again, a refusal keeps its code, and
// arrays that nobody asked for, which milvus-lite sends without their type where it found no row, are left out.
func intercept(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	if err := invoke(ctx, method, req, reply, cc, append(opts, retry.Disable())...); err != nil {
		return err
	}
	if rows, ok := reply.(*milvuspb.QueryResults); ok {
		rows.FieldsData = slices.DeleteFunc(rows.FieldsData, func(f *schemapb.FieldData) bool {
			return f.GetType() == schemapb.DataType_Array
		})
	}
	return refusal(reply)
}

// now asks for a time stamp above that of every write that was acknowledged. The SDK has no such call, and
// the time stamps that the server returns for writes are missing for deletions; 0 where the server has none
// to give.
func (s *Store) now(ctx context.Context) (stamp uint64, err error) {
	grpc, ok := s.client.(*client.GrpcClient)
	if !ok || s.server.lite {
		return 0, nil
	}
	err = s.call(ctx, func(ctx context.Context) error {
		r, err := grpc.Service.AllocTimestamp(ctx, &milvuspb.AllocTimestampRequest{})
		stamp = r.GetTimestamp()
		return err
	})
	if status.Code(err) == codes.Unimplemented {
		return 0, nil
	}
	return stamp, err
}

func refusal(reply any) error {
	status, ok := reply.(*commonpb.Status)
	if r, has := reply.(interface{ GetStatus() *commonpb.Status }); has {
		status, ok = r.GetStatus(), true
	}
	//lint:ignore SA1019 2.3 sets no other one for some refusals
	old := status.GetErrorCode()
	if !ok || status.GetCode() == 0 && old == commonpb.ErrorCode_Success {
		return nil
	}
	return &refused{code: status.GetCode(), reason: status.GetReason()}
}
