package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// readyTimeout bounds the question whether the server is ready.
const readyTimeout = 4 * time.Second

// readyCommand serves health checks in images that hold nothing but this program.
func readyCommand(src *source, tty terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "ready",
		Short: "就绪：询问正在运行的服务能否回答，供健康检查使用",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			conf, err := src.read()
			if err != nil {
				return err
			}
			return askReady(c.Context(), conf.Listen, tty.out)
		},
	}
}

// askReady asks the server that listens on an address, and prints what it says.
func askReady(ctx context.Context, listen string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	host, err := dialable(listen)
	if err != nil {
		return usagef("listen: %v", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+host+"/readyz", nil)
	if err != nil {
		return usagef("listen: %v", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, io.LimitReader(response.Body, 1<<20)); err != nil {
		return fmt.Errorf("ready: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ready: the server answers %s", response.Status)
	}
	return nil
}

// dialable makes an address that can be dialled of one that is listened on.
func dialable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port), nil
}
