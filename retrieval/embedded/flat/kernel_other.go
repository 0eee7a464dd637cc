//go:build !amd64

package flat

func fastest() kernel { return portable }
